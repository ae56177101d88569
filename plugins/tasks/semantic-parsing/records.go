package main

import (
	"crypto/sha256"
	"encoding/hex"
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

// fields are those of every record.
func fields() []task.Field {
	return []task.Field{{Name: "input", Kind: task.Text, Doc: "what is said"},
		{Name: "output", Kind: task.Text, Doc: "what it means"}}
}

// newRecords numbers the pairs and their types, which are in the order of their names. Either
// every pair has a type, or none has.
func newRecords(parts []part) (*records, error) {
	counts := map[string]int{}
	for _, p := range parts {
		if len(p.pairs) == 0 {
			return nil, fmt.Errorf("nothing is in the split %q", p.split)
		}
		for _, one := range p.pairs {
			if one.class != "" {
				counts[one.class]++
			}
		}
	}
	r := &records{description: task.Description{Fields: fields()}}
	index := map[string]int64{}
	if len(counts) > 0 {
		kind := task.Field{Name: "type", Kind: task.ClassOf}
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			index[name] = int64(len(kind.Classes))
			kind.Classes = append(kind.Classes, task.Class{Name: name, Count: counts[name]})
		}
		r.description.Fields = append(r.description.Fields, kind)
	}
	for _, p := range parts {
		r.description.Splits = append(r.description.Splits,
			task.Split{Name: p.split, Records: len(p.pairs)})
		for _, one := range p.pairs {
			cells := []task.Cell{{Text: one.input}, {Text: one.output}}
			if len(counts) > 0 {
				cells = append(cells, task.Cell{Ints: []int64{index[one.class]}})
			}
			r.all = append(r.all, task.Record{ID: int64(len(r.all)), Cells: cells})
		}
	}
	return r, nil
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

// digestOf is the SHA-256 of pairs that no file holds.
func digestOf(parts []part) string {
	h := sha256.New()
	for _, p := range parts {
		for _, one := range p.pairs {
			fmt.Fprintf(h, "%s\t%s\t%s\n", p.split, one.input, one.output)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
