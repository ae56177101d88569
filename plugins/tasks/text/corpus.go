package main

import (
	"fmt"
	"maps"
	"slices"

	"quickstudy/framework/task"
)

// row is a text with its labels as written, "" for none, and what else the columns of
// the configuration hold.
type row struct {
	text   string
	labels []string
	texts  []string
	values []string
	words  []string
	tags   []string
	sets   [][]string
	spans  [][]int64
}

// part is the rows of one published split.
type part struct {
	split string
	rows  []row
}

// corpus is everything the files hold.
type corpus struct {
	description task.Description
	records     []task.Record
}

func open(c config) (task.Dataset, error) {
	read := readTables
	switch c.Format {
	case "clinc150":
		read = readCLINC150
	case "dialogue":
		read = readDialogues
	case "restaurants8k":
		read = readRestaurants
	}
	corpus, err := read(c)
	if err != nil {
		return task.Dataset{}, err
	}
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return corpus.description, nil },
		Get:      corpus.get,
	}}, nil
}

func (c *corpus) get(ids []int64) ([]task.Record, error) {
	records := make([]task.Record, len(ids))
	for i, id := range ids {
		if id < 0 || id >= int64(len(c.records)) {
			return nil, fmt.Errorf("there is no record %d: ids run from 0 to %d", id,
				len(c.records)-1)
		}
		records[i] = c.records[id]
	}
	return records, nil
}

// newCorpus numbers rows and classes. Classes are in the order of their names;
// super, which may be nil, gives the superclass of a class of a field.
func newCorpus(parts []part, fields []string, super func(field, class string) string) *corpus {
	c := &corpus{}
	c.description.Fields = []task.Field{{Name: "text", Kind: task.Text}}
	indices := make([]map[string]int64, len(fields))
	for i, name := range fields {
		counts := make(map[string]int)
		for _, p := range parts {
			for _, r := range p.rows {
				if r.labels[i] != "" {
					counts[r.labels[i]]++
				}
			}
		}
		field := task.Field{Name: name, Kind: task.ClassOf}
		indices[i] = make(map[string]int64, len(counts))
		for _, class := range slices.Sorted(maps.Keys(counts)) {
			indices[i][class] = int64(len(field.Classes))
			described := task.Class{Name: class, Count: counts[class]}
			if super != nil {
				described.Super = super(name, class)
			}
			field.Classes = append(field.Classes, described)
		}
		c.description.Fields = append(c.description.Fields, field)
	}
	for _, p := range parts {
		c.description.Splits = append(c.description.Splits,
			task.Split{Name: p.split, Records: len(p.rows)})
		for _, r := range p.rows {
			cells := []task.Cell{{Text: r.text}}
			for i, label := range r.labels {
				var cell task.Cell
				if label != "" {
					cell.Ints = []int64{indices[i][label]}
				}
				cells = append(cells, cell)
			}
			c.records = append(c.records, task.Record{ID: int64(len(c.records)), Cells: cells})
		}
	}
	return c
}
