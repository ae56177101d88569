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
	Format     string `config:"format" doc:"scan: made from its grammar or, with a path, lines IN: ... OUT: ... as published; tsv: columns input, output and, if there is a third, type; geoquery: logical forms with their questions, as JSON" oneof:"scan,tsv,geoquery"`
	Division   string `config:"division" doc:"what is trained and tested on: of scan without files simple (by default), length, addprim_jump, addprim_turn_left, template_around_right, template_opposite_right, template_right, template_jump_around_right, filler_num0 to filler_num3; of geoquery question (by default) or query"`
	Path       string `config:"path,path" doc:"the file of the training split, or of all records" example:"data/train.tsv"`
	Validation string `config:"validation,path" doc:"the file of the validation split, if there is one"`
	Test       string `config:"test,path" doc:"the file of the test split, if there is one"`
	Permuted   bool   `config:"permuted" doc:"scan without files: make episodes, each with meanings of its own for walk, look, run and jump; those of SCAN are tested on jump"`
	Shots      int    `config:"shots" doc:"permuted: commands to adapt on, the four primitives among them" min:"4" max:"1000" unit:"commands"`
	Queries    int    `config:"queries" doc:"permuted: commands to be judged by" min:"1" max:"1000" unit:"commands"`
	Licence    string `config:"licence" doc:"the licence of the data, for reports"`
	Origin     string `config:"origin" doc:"who made the data and where it is found, for reports and for the message that a file is missing"`
}

var semanticParsing = task.Define(
	"semantic-parsing",
	"sentences and what they mean: SCAN from its grammar, COGS, GeoQuery",
	config{Format: "scan", Shots: 20, Queries: 20},
	open,
)

// pair is a sentence, its meaning and, if pairs have them, its type.
type pair struct{ input, output, class string }

// part is the pairs of one published split.
type part struct {
	split string
	pairs []pair
}

func open(c config) (task.Dataset, error) {
	made := c.Format == "scan" && c.Path+c.Validation+c.Test == ""
	if err := c.check(made); err != nil {
		return task.Dataset{}, err
	}
	if c.Permuted {
		return task.Dataset{Generator: c.permuted()}, nil
	}
	var parts []part
	var digest string
	var err error
	if made {
		parts, c.Origin = scan(c.Division), "generated; "+scanSource
		digest = digestOf(parts)
	} else if parts, digest, err = c.readFiles(); err != nil {
		return task.Dataset{}, err
	}
	r, err := newRecords(parts)
	if err != nil {
		return task.Dataset{}, err
	}
	r.description.Licence, r.description.Origin, r.description.Digest = c.Licence, c.Origin, digest
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return r.description, nil },
		Get:      r.get,
	}}, nil
}

// check reports attributes that do not go together.
func (c config) check(made bool) error {
	var known []string
	switch {
	case made:
		known = divisionNames()
	case c.Format == "geoquery":
		known = []string{"question", "query"}
	}
	switch {
	case c.Division != "" && known == nil:
		return fmt.Errorf("division: the files of format %q are divided already; leave out %q", c.Format,
			c.Division)
	case c.Division != "" && !slices.Contains(known, c.Division):
		return fmt.Errorf("division: %q is none of %s, which format %q has", c.Division,
			strings.Join(known, ", "), c.Format)
	case c.Permuted && !made:
		return fmt.Errorf("permuted: meanings are permuted of commands that are made from the grammar " +
			"of SCAN; leave out the files, and any other format")
	case c.Permuted && c.Division != "" && c.Division != permutedDivision:
		return fmt.Errorf("permuted: episodes are tested by the division %q, not %q", permutedDivision,
			c.Division)
	case c.Permuted && c.Shots < len(primitives):
		return fmt.Errorf("shots: %d, want at least the %d primitives", c.Shots, len(primitives))
	case c.Format == "geoquery" && c.Validation+c.Test != "":
		return fmt.Errorf("validation, test: GeoQuery is one file, which says what is tested on; want " +
			"path alone")
	}
	return nil
}

// read reads a file that an attribute names.
func (c config) read(attribute, path, split string) (datafile.File, error) {
	return datafile.Provenance{Licence: c.Licence, Origin: c.Origin}.Read(attribute, path,
		fmt.Sprintf("sentences and what they mean (%s) as %s", split, c.Format))
}
