package main

import (
	"fmt"
	"maps"
	"slices"

	"quickstudy/framework/task"
)

// records is everything that there is.
type records struct {
	description task.Description
	all         []task.Record
}

// madeUpClass is the class field of passages that are made up, which have a field more.
const madeUpClass = "kind"

// newRecords numbers examples and classes. Classes are in the order of their names.
func newRecords(parts []part, class string) *records {
	counts, more := map[string]int{}, 0
	for _, p := range parts {
		for _, e := range p.examples {
			counts[e.class]++
			if e.more > 0 {
				more++
			}
		}
	}
	doc := "the answer, in characters of the passage"
	if more > 0 {
		doc += fmt.Sprintf("; the first of several in %d records", more)
	}
	r := &records{description: task.Description{Fields: []task.Field{
		{Name: "question", Kind: task.Text},
		{Name: "passage", Kind: task.Text},
		{Name: "answer", Kind: task.Span, Of: "passage", Doc: doc},
		{Name: class, Kind: task.ClassOf},
	}}}
	madeUp := class == madeUpClass
	if madeUp {
		r.description.Fields = append(r.description.Fields,
			task.Field{Name: "thing", Kind: task.Span, Of: "passage",
				Doc: "what is asked for, where the passage says who has it"},
			task.Field{Name: "holder", Kind: task.Span, Of: "passage", Doc: "who has it, there"},
			task.Field{Name: "person", Kind: task.Span, Of: "passage",
				Doc: "who that is, or who is asked for, where the passage says where they are"})
	}
	classes := &r.description.Fields[3].Classes
	index := map[string]int64{}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		index[name] = int64(len(*classes))
		*classes = append(*classes, task.Class{Name: name, Count: counts[name]})
	}
	for _, p := range parts {
		r.description.Splits = append(r.description.Splits,
			task.Split{Name: p.split, Records: len(p.examples)})
		for _, e := range p.examples {
			var answer task.Cell
			if e.end > 0 {
				answer.Ints = []int64{int64(e.start), int64(e.end)}
				for _, other := range e.others {
					answer.Ints = append(answer.Ints, int64(other[0]), int64(other[1]))
				}
			}
			cells := []task.Cell{{Text: e.question}, {Text: e.passage}, answer,
				{Ints: []int64{index[e.class]}}}
			if madeUp {
				cells = append(cells, named(e.thing), named(e.holder), named(e.person))
			}
			r.all = append(r.all, task.Record{ID: int64(len(r.all)), Cells: cells})
		}
	}
	return r
}

// named is a span, or that there is none.
func named(span [2]int) (c task.Cell) {
	if span[1] > 0 {
		c.Ints = []int64{int64(span[0]), int64(span[1])}
	}
	return c
}

func (r *records) get(ids []int64) ([]task.Record, error) {
	out := make([]task.Record, len(ids))
	for i, id := range ids {
		if id < 0 || id >= int64(len(r.all)) {
			return nil, fmt.Errorf("there is no record %d: ids run from 0 to %d", id, len(r.all)-1)
		}
		out[i] = r.all[id]
	}
	return out, nil
}
