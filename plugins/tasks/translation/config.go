package main

import (
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/task"
	"quickstudy/framework/task/datafile"
)

// config is the attributes of the plugin's block.
type config struct {
	Pairs      []string `config:"pairs,required" doc:"which language is translated into which" example:"[\"en-de\", \"en-fr\"]"`
	Unseen     []string `config:"unseen" doc:"with shots: pairs that are tested on in place of those that are trained on"`
	Format     string   `config:"format" doc:"lines: a file for every language, with as many lines; tsv: a table whose first line names the languages" oneof:"lines,tsv"`
	Path       string   `config:"path,required,path" doc:"the files of the training split, or of all records; of lines with {} in place of the language" example:"data/train.{}.gz"`
	Validation string   `config:"validation,path" doc:"those of the validation split, if there is one"`
	Test       string   `config:"test,path" doc:"those of the test split, if there is one"`
	Mark       bool     `config:"mark" doc:"begin a source with the language that is wanted, as the word to_de"`
	Sentences  int      `config:"sentences" doc:"train on at most so many sentences of a pair, those of the least SHA-256; 0: on all" min:"0" unit:"sentences"`
	SkipEmpty  bool     `config:"skip_empty" doc:"leave out sentences that are empty in either language, and count them in the description of target, instead of refusing the files"`
	Shots      int      `config:"shots" doc:"make episodes of one pair, with so many sentences to adapt on; 0: none" min:"0" max:"10000" unit:"sentences"`
	Queries    int      `config:"queries" doc:"with shots: sentences to be judged by" min:"1" max:"10000" unit:"sentences"`
	Licence    string   `config:"licence" doc:"the licence of the data, for reports"`
	Origin     string   `config:"origin" doc:"who made the data and where it is found, for reports and for the message that a file is missing"`
}

var translation = task.Define(
	"translation",
	"sentences and their translations, in one or several pairs of languages",
	config{Format: "lines", Queries: 16},
	open,
)

// direction is a pair of languages.
type direction struct{ from, to string }

func (d direction) String() string { return d.from + "-" + d.to }

// mark is the word that asks for a language.
func (d direction) mark() string { return "to_" + d.to + " " }

func open(c config) (task.Dataset, error) {
	trained, err := directions("pairs", c.Pairs)
	if err != nil {
		return task.Dataset{}, err
	}
	unseen, err := directions("unseen", c.Unseen)
	if err != nil {
		return task.Dataset{}, err
	}
	if err := c.check(trained, unseen); err != nil {
		return task.Dataset{}, err
	}
	corpora, digest, err := c.read(slices.Concat(trained, unseen))
	if err != nil {
		return task.Dataset{}, err
	}
	made, err := c.newRecords(corpora, trained, unseen)
	if err != nil {
		return task.Dataset{}, err
	}
	made.description.Licence, made.description.Origin = c.Licence, c.Origin
	made.description.Digest = digest
	describe := func() (task.Description, error) { return made.description, nil }
	if c.Shots > 0 {
		generator, err := c.episodes(made, trained, unseen)
		return task.Dataset{Generator: generator}, err
	}
	return task.Dataset{Source: &task.Source{Describe: describe, Get: made.get}}, nil
}

// directions reads pairs such as en-de.
func directions(attribute string, pairs []string) ([]direction, error) {
	var all []direction
	for _, p := range pairs {
		from, to, parts := strings.Cut(p, "-")
		d := direction{from, to}
		switch {
		case !parts || !named(from) || !named(to):
			return nil, fmt.Errorf("%s: %q, want two languages such as en-de, of letters, digits and _",
				attribute, p)
		case from == to:
			return nil, fmt.Errorf("%s: %q translates a language into itself", attribute, p)
		case slices.Contains(all, d):
			return nil, fmt.Errorf("%s: %q is there twice", attribute, p)
		}
		all = append(all, d)
	}
	return all, nil
}

// named reports whether a language's name can be part of a word and of a file's name.
func named(language string) bool {
	return language != "" && !strings.ContainsFunc(language, func(r rune) bool {
		return !(r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z')
	})
}

// check reports attributes that do not go together.
func (c config) check(trained, unseen []direction) error {
	if len(trained) == 0 {
		return fmt.Errorf("pairs: the list is empty, want at least one such as en-de")
	}
	targets := map[string]string{} // by source language
	for _, d := range slices.Concat(trained, unseen) {
		if other, ok := targets[d.from]; ok && other != d.to && !c.Mark {
			return fmt.Errorf("mark: %q is translated to %q and to %q, and nothing says which is wanted; "+
				"set mark = true", d.from, other, d.to)
		}
		targets[d.from] = d.to
	}
	for _, d := range unseen {
		if slices.Contains(trained, d) {
			return fmt.Errorf("unseen: %q is among the pairs that are trained on", d)
		}
	}
	if c.Shots == 0 && len(unseen) > 0 {
		return fmt.Errorf("unseen: pairs are adapted to in episodes; set shots")
	}
	if c.Shots > 0 && c.Test == "" {
		return fmt.Errorf("test: no file is named, and episodes are tested on other sentences than " +
			"those that are trained on")
	}
	for _, of := range []struct{ attribute, path string }{{"path", c.Path},
		{"validation", c.Validation}, {"test", c.Test}} {
		n := strings.Count(of.path, hole)
		if of.path != "" && c.Format == "lines" && n != 1 {
			return fmt.Errorf("%s: %q, want one %s in place of the language", of.attribute, of.path, hole)
		}
		if c.Format == "tsv" && n != 0 {
			return fmt.Errorf("%s: %q has %s, and a table is one file for all languages", of.attribute,
				of.path, hole)
		}
	}
	return nil
}

// hole stands for the language in the name of a file.
const hole = "{}"

func (c config) provenance() datafile.Provenance {
	return datafile.Provenance{Licence: c.Licence, Origin: c.Origin}
}
