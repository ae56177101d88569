package main

import (
	"fmt"

	"quickstudy/framework/task"
)

// config is the attributes of the plugin's block.
type config struct {
	Format       string  `config:"format" doc:"how the files are written, or made_up: there are none" oneof:"squad,restaurants8k,made_up"`
	Path         string  `config:"path,path" doc:"the file of the training split, or of all records" example:"data/train-v2.0.json"`
	Validation   string  `config:"validation,path" doc:"the file of the validation split, if there is one"`
	Test         string  `config:"test,path" doc:"the file of the test split, if there is one"`
	Passages     int     `config:"passages" doc:"made_up: how many records there are" min:"1" max:"1000000"`
	Facts        int     `config:"facts" doc:"made_up: people, and things, of a passage" min:"2" max:"12"`
	Names        int     `config:"names" doc:"made_up: people, things, and places, that passages choose from" min:"2" max:"12"`
	Sentences    int     `config:"sentences" doc:"made_up: sentences that an answer needs; 2: where a thing is, 1: where a person is" min:"1" max:"2"`
	Unanswerable float64 `config:"unanswerable" doc:"made_up: share of questions about something that the passage does not have" min:"0" max:"<1"`
	Seed         int     `config:"seed" doc:"made_up: what the passages follow from" min:"0"`
	Licence      string  `config:"licence" doc:"the licence of the data, for reports"`
	Origin       string  `config:"origin" doc:"who made the data and where it is found, for reports and for the message that a file is missing"`
}

var defaults = config{Format: "squad", Passages: 5000, Facts: 3, Names: len(places), Sentences: 2}

var questionAnswering = task.Define(
	"question-answering",
	"questions whose answer is a span of a passage, or is not there",
	defaults,
	open,
)

// example is a question about a passage.
type example struct {
	question, passage string
	start, end        int      // of the answer, in characters; end 0: there is none
	others            [][2]int // that are answers, too
	class             string
	// made_up: what is asked for, and who has it, in the sentence that says so, if the question
	// needs it; and who that is in the one that says where they are.
	thing, holder, person [2]int
	more                  int // spans beside it that are left out
}

// part is the examples of one published split.
type part struct {
	split    string
	examples []example
}

func open(c config) (task.Dataset, error) {
	var parts []part
	var digest string
	var err error
	class := map[string]string{"squad": "title", "restaurants8k": "slot",
		"made_up": madeUpClass}[c.Format]
	if c.Format == "made_up" {
		if c.Path+c.Validation+c.Test != "" {
			return task.Dataset{}, fmt.Errorf("path: passages that are made up have no files")
		}
		if c.Names < c.Facts {
			return task.Dataset{}, fmt.Errorf("names: there are %d people to choose from, and a passage "+
				"of %d facts has as many, want at least %[2]d", c.Names, c.Facts)
		}
		if c.Unanswerable > 0 && c.Names == c.Facts {
			return task.Dataset{}, fmt.Errorf("unanswerable: a passage of %d facts has all %d names, and "+
				"none is left to ask for that it lacks; want fewer facts, more names or 0", c.Facts, c.Names)
		}
		parts = []part{{"all", makeUp(c)}}
	} else if parts, digest, err = c.readFiles(); err != nil {
		return task.Dataset{}, err
	}
	made := newRecords(parts, class)
	made.description.Licence, made.description.Origin = c.Licence, c.Origin
	made.description.Digest = digest
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return made.description, nil },
		Get:      made.get,
	}}, nil
}
