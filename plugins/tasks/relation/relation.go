package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"quickstudy/framework/task"
	"quickstudy/framework/task/datafile"
)

// config is the attributes of the plugin's block.
type config struct {
	Path       string `config:"path,required,path" doc:"the file of the training split, or of all records" example:"data/train_wiki.json"`
	Validation string `config:"validation,path" doc:"the file of the validation split, if there is one"`
	Test       string `config:"test,path" doc:"the file of the test split, if there is one"`
	Markers    string `config:"markers" doc:"which mentions of the entities are marked" oneof:"first,all,none"`
	Licence    string `config:"licence" doc:"the licence of the data, for reports"`
	Origin     string `config:"origin" doc:"who made the data and where it is found, for reports and for the message that a file is missing"`
}

var relation = task.Define(
	"relation",
	"sentences with two entities and the relation between them, as FewRel's",
	config{Markers: "first"},
	open,
)

// The marker words around head and tail. No text splits into one of them by accident: they
// are no words of any language.
var markers = [2][2]string{{"xxhead", "headxx"}, {"xxtail", "tailxx"}}

// instance is a sentence as FewRel has it: an entity is [name, id, mentions], and a mention the
// positions of its words.
type instance struct {
	Tokens []string `json:"tokens"`
	Head   entity   `json:"h"`
	Tail   entity   `json:"t"`
}

type entity struct {
	name     string
	mentions [][]int
}

// UnmarshalJSON implements json.Unmarshaler.
func (e *entity) UnmarshalJSON(text []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil || len(parts) != 3 {
		return errors.New("an entity is [name, id, mentions]")
	}
	if err := json.Unmarshal(parts[0], &e.name); err != nil {
		return errors.New("an entity's name is no string")
	}
	if err := json.Unmarshal(parts[2], &e.mentions); err != nil {
		return errors.New("an entity's mentions are no lists of positions")
	}
	return nil
}

type dataset struct {
	description task.Description
	records     []task.Record
}

func open(c config) (task.Dataset, error) {
	files := []struct{ split, attribute, path string }{{"train", "path", c.Path},
		{"validation", "validation", c.Validation}, {"test", "test", c.Test}}
	if c.Validation+c.Test == "" {
		files = files[:1]
		files[0].split = "all"
	}
	d := &dataset{}
	classes := map[string][]task.Record{} // by relation
	counts := map[string]int{}
	var read []datafile.File
	from := datafile.Provenance{Licence: c.Licence, Origin: c.Origin}
	for _, f := range files {
		if f.path == "" {
			continue
		}
		file, err := from.Read(f.attribute, f.path, "sentences by relation, as FewRel's JSON")
		if err != nil {
			return task.Dataset{}, err
		}
		read = append(read, file)
		relations, err := decode(file.Data)
		if err != nil {
			return task.Dataset{}, fmt.Errorf("%s: %w", f.path, err)
		}
		before := len(d.records)
		for _, r := range relations {
			for i, one := range r.instances {
				cells, err := c.cells(one)
				if err != nil {
					return task.Dataset{}, fmt.Errorf("%s: relation %q, sentence %d: %w", f.path, r.name, i+1,
						err)
				}
				d.records = append(d.records, task.Record{ID: int64(len(d.records)), Cells: cells})
				classes[r.name] = append(classes[r.name], d.records[len(d.records)-1])
			}
			counts[r.name] += len(r.instances)
		}
		if len(d.records) == before {
			return task.Dataset{}, fmt.Errorf("%s: the file holds no sentence", f.path)
		}
		d.description.Splits = append(d.description.Splits,
			task.Split{Name: f.split, Records: len(d.records) - before})
	}
	d.describe(c, classes, counts)
	d.description.Digest = datafile.Digest(read...)
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return d.description, nil },
		Get:      d.get,
	}}, nil
}

// describe numbers the relations in the order of their names.
func (d *dataset) describe(c config, classes map[string][]task.Record, counts map[string]int) {
	field := task.Field{Name: "relation", Kind: task.ClassOf}
	var names []string
	for name := range classes {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		field.Classes = append(field.Classes, task.Class{Name: name, Count: counts[name]})
		for _, r := range classes[name] {
			r.Cells[1].Ints = []int64{int64(i)} // the cells are shared with those of the records
		}
	}
	d.description.Fields = []task.Field{{Name: "words", Kind: task.Words}, field,
		{Name: "head", Kind: task.Text}, {Name: "tail", Kind: task.Text}}
	d.description.Licence, d.description.Origin = c.Licence, c.Origin
}

func (d *dataset) get(ids []int64) ([]task.Record, error) {
	out := make([]task.Record, len(ids))
	for i, id := range ids {
		if id < 0 || id >= int64(len(d.records)) {
			return nil, fmt.Errorf("there is no record %d: ids run from 0 to %d", id, len(d.records)-1)
		}
		out[i] = d.records[id]
	}
	return out, nil
}

// related is the sentences of a relation.
type related struct {
	name      string
	instances []instance
}

// decode reads {"relation": [instance, ...], ...} in the order of the file. A relation that
// occurs twice is an error.
func decode(data []byte) ([]related, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	fail := func(err error) error {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the JSON ends early")
		}
		line := 1 + bytes.Count(data[:min(d.InputOffset(), int64(len(data)))], []byte("\n"))
		return fmt.Errorf("line %d: %w", line, err)
	}
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil, fail(cmp.Or(err,
			errors.New("want an object of sentences by relation: is it FewRel?")))
	}
	var all []related
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, fail(err)
		}
		r := related{name: token.(string)} // the decoder allows nothing else
		if r.name == "" || seen[r.name] {
			return nil, fail(fmt.Errorf("relation %q has no name or occurs twice", r.name))
		}
		seen[r.name] = true
		if err := d.Decode(&r.instances); err != nil {
			return nil, fail(fmt.Errorf("relation %q: %w", r.name, err))
		}
		all = append(all, r)
	}
	if _, err := d.Token(); err != nil {
		return nil, fail(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fail(errors.New("something follows the JSON object"))
	}
	return all, nil
}

// cells makes a record's: the class is not known yet. Some published tokens are empty, and
// stay as they are.
func (c config) cells(one instance) ([]task.Cell, error) {
	if len(one.Tokens) == 0 {
		return nil, errors.New("it has no tokens")
	}
	before, after := make([][]string, len(one.Tokens)), make([][]string, len(one.Tokens))
	for i, e := range []entity{one.Head, one.Tail} {
		if strings.TrimSpace(e.name) == "" || len(e.mentions) == 0 {
			return nil, fmt.Errorf("%s has no name or no mention", []string{"h", "t"}[i])
		}
		for k, m := range e.mentions {
			for n, at := range m {
				if at < 0 || at >= len(one.Tokens) || n > 0 && at != m[n-1]+1 {
					return nil, fmt.Errorf("%q: the mention %v is no run of words among the %d", e.name, m,
						len(one.Tokens))
				}
			}
			if len(m) == 0 {
				return nil, fmt.Errorf("%q: mention %d has no word", e.name, k+1)
			}
			if c.Markers == "none" || c.Markers == "first" && k > 0 {
				continue
			}
			first, last := m[0], m[len(m)-1]
			before[first] = append(before[first], markers[i][0])
			after[last] = append([]string{markers[i][1]}, after[last]...)
		}
	}
	words := []string{}
	for i, word := range one.Tokens {
		words = append(append(append(words, before[i]...), word), after[i]...)
	}
	return []task.Cell{{Words: words}, {}, {Text: one.Head.name}, {Text: one.Tail.name}}, nil
}
