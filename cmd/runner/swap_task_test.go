package main

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"quickstudy/framework/task"
)

var parityTask = task.Define("parity", "which letters does a word have an odd number of?",
	parityConfig{Letters: "abc", Longest: 4}, openParity)

type parityConfig struct {
	Letters string `config:"letters" doc:"that words are written in"`
	Longest int    `config:"longest" doc:"letters of the longest words" unit:"letters" min:"1" max:"8"`
}

// openParity lists all words, each with the letters that it has an odd number of.
func openParity(c parityConfig) (task.Dataset, error) {
	if len(c.Letters) < 1 || len(c.Letters) > 4 {
		return task.Dataset{}, fmt.Errorf("letters %q, want 1 to 4 of them", c.Letters)
	}
	words := []string{""}
	for start := 0; len(words[start]) < c.Longest; start++ { // words grows by the longer ones
		for _, letter := range c.Letters {
			words = append(words, words[start]+string(letter))
		}
	}
	words = words[1:]
	parity := task.Field{Name: "parity", Kind: task.ClassOf, Doc: "letters of an odd number"}
	for set := range 1 << len(c.Letters) {
		name := "none"
		if odd := c.odd(set); odd != "" {
			name = odd
		}
		parity.Classes = append(parity.Classes, task.Class{Name: name})
	}
	var records []task.Record
	for i, word := range words {
		set := 0
		for bit, letter := range c.Letters {
			set |= strings.Count(word, string(letter)) % 2 << bit
		}
		parity.Classes[set].Count++
		records = append(records, task.Record{ID: int64(i),
			Cells: []task.Cell{{Text: word}, {Ints: []int64{int64(set)}}}})
	}
	description := task.Description{
		Fields: []task.Field{{Name: "word", Kind: task.Text, Doc: "a word of the letters"}, parity},
		Splits: []task.Split{{Name: "all", Records: len(records)}},
		Digest: fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(words, " ")))),
	}
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return description, nil },
		Get: func(ids []int64) ([]task.Record, error) {
			var got []task.Record
			for _, id := range ids {
				if id < 0 || id >= int64(len(records)) {
					return nil, fmt.Errorf("there is no record %d among %d", id, len(records))
				}
				got = append(got, records[id])
			}
			return got, nil
		},
	}}, nil
}

// odd writes a set of letters.
func (c parityConfig) odd(set int) string {
	var b strings.Builder
	for bit, letter := range c.Letters {
		if set>>bit&1 == 1 {
			b.WriteRune(letter)
		}
	}
	return b.String()
}
