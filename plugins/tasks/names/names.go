package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"quickstudy/framework/task"
)

// config is the attributes of the plugin's block.
type config struct {
	MinNames int `config:"min_names" min:"2" doc:"leave out languages with fewer names of their own" unit:"names"`
	MaxNames int `config:"max_names" min:"0" doc:"keep at most so many names of a language, in the order of their SHA-256; 0 keeps all" unit:"names"`
}

var names = task.Define("names", "which language is a name of a language or region written in",
	config{MinNames: 100}, open)

func open(c config) (task.Dataset, error) {
	if c.MaxNames > 0 && c.MaxNames < c.MinNames {
		return task.Dataset{}, fmt.Errorf("max_names %d is less than min_names %d", c.MaxNames,
			c.MinNames)
	}
	description, records := build(c)
	if len(records) == 0 {
		return task.Dataset{}, fmt.Errorf("min_names: no language has %d names of its own",
			c.MinNames)
	}
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return description, nil },
		Get: func(ids []int64) ([]task.Record, error) {
			got := make([]task.Record, len(ids))
			for i, id := range ids {
				if id < 0 || id >= int64(len(records)) {
					return nil, fmt.Errorf("there is no record %d: ids run from 0 to %d", id,
						len(records)-1)
				}
				got[i] = records[id]
			}
			return got, nil
		},
	}}, nil
}

// build collects the names of every language in the order of its code.
func build(c config) (task.Description, []task.Record) {
	tags := languages()
	owners := make(map[string]int) // languages that write a name so
	all := make([][]string, len(tags))
	for i, tag := range tags {
		all[i] = namesIn(tag, tags)
		for _, name := range all[i] {
			owners[name]++
		}
	}
	field := task.Field{
		Name: "language",
		Kind: task.ClassOf,
		Doc:  "BCP 47 code of the language of the name",
	}
	var records []task.Record
	digest := sha256.New()
	for i, tag := range tags {
		own := slices.DeleteFunc(all[i], func(name string) bool { return owners[name] > 1 })
		if len(own) < c.MinNames {
			continue
		}
		if c.MaxNames > 0 && len(own) > c.MaxNames {
			slices.SortFunc(own, func(a, b string) int { return strings.Compare(sum(a), sum(b)) })
			own = own[:c.MaxNames]
			slices.Sort(own)
		}
		script, _ := tag.Script()
		class := int64(len(field.Classes))
		field.Classes = append(field.Classes,
			task.Class{Name: tag.String(), Super: script.String(), Count: len(own)})
		for _, name := range own {
			fmt.Fprintf(digest, "%s %q\n", tag, name)
			records = append(records, task.Record{
				ID:    int64(len(records)),
				Cells: []task.Cell{{Text: name}, {Ints: []int64{class}}},
			})
		}
	}
	return task.Description{
		Fields: []task.Field{
			{Name: "text", Kind: task.Text, Doc: "name of a language or region"},
			field,
		},
		Splits:  []task.Split{{Name: "all", Records: len(records)}},
		Licence: "Unicode License",
		Origin:  "Unicode CLDR, through golang.org/x/text/language/display",
		Digest:  hex.EncodeToString(digest.Sum(nil)),
	}, records
}

// languages are those with names of their own, without the variants of a
// script or region, in the order of their codes.
func languages() []language.Tag {
	var tags []language.Tag
	for _, tag := range display.Supported.Tags() {
		if base, script, region := tag.Raw(); script == (language.Script{}) &&
			region == (language.Region{}) &&
			base.String() == tag.String() {
			tags = append(tags, tag)
		}
	}
	slices.SortFunc(tags,
		func(a, b language.Tag) int { return strings.Compare(a.String(), b.String()) })
	return tags
}

// namesIn returns the distinct names of languages and countries in a language.
func namesIn(tag language.Tag, languages []language.Tag) []string {
	var found []string
	if namer := display.Languages(tag); namer != nil {
		for _, l := range languages {
			found = append(found, namer.Name(l))
		}
	}
	if namer := display.Regions(tag); namer != nil {
		for _, region := range countries() {
			found = append(found, namer.Name(region))
		}
	}
	found = slices.DeleteFunc(found,
		func(name string) bool { return strings.TrimSpace(name) == "" })
	slices.Sort(found)
	return slices.Compact(found)
}

// countries are all regions with a two-letter code that is a country.
func countries() []language.Region {
	var regions []language.Region
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if region, err := language.ParseRegion(string([]rune{a, b})); err == nil &&
				region.IsCountry() {
				regions = append(regions, region)
			}
		}
	}
	return regions
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return string(h[:])
}
