package sampling

import (
	"fmt"
	"slices"

	"quickstudy/framework/task"
)

// label is a class, or the entry of a vocabulary, in a field that is predicted.
type label struct{ field, class int }

// labelsOf returns the different labels of a record in these fields.
func (p *Pool) labelsOf(r task.Record, fields []int) []label {
	var labels []label
	for _, field := range fields {
		for _, class := range r.Cells[field].Ints {
			if l := (label{field, int(class)}); !slices.Contains(labels, l) {
				labels = append(labels, l)
			}
		}
	}
	return labels
}

// taught returns those of the targets whose labels a model learns one by one from a published
// training split: not of episodes, which bring examples of theirs, nor of records that are
// divided here, by class so that the labels differ, or at random so that a rare one may fall
// anywhere.
func (p *Pool) taught(c Config, targets []int) []int {
	if c.Batches == nil || c.Division.By != BySource && c.Division.By != "" {
		return nil
	}
	var taught []int
	for _, i := range targets {
		switch p.description.Fields[i].Kind {
		case task.ClassOf, task.ClassSet, task.IDs:
			taught = append(taught, i)
		}
	}
	return taught
}

// checkLabels refuses labels of validation and test that training has no record of, which no
// model could be right about.
func (p *Pool) checkLabels(entries []entry) error {
	known := map[label]bool{}
	for _, e := range entries {
		if e.split == Train {
			for _, l := range e.labels {
				known[l] = true
			}
		}
	}
	var first error
	records := 0
	for _, e := range entries {
		i := slices.IndexFunc(e.labels, func(l label) bool { return !known[l] })
		if i < 0 || e.split == Train || e.split == "" {
			continue
		}
		if records++; first == nil {
			first = p.unknownLabel(e, e.labels[i])
		}
	}
	if records > 1 {
		return fmt.Errorf("%w; so have %d records in all", first, records)
	}
	return first
}

func (p *Pool) unknownLabel(e entry, l label) error {
	number := e.id + 1
	for _, s := range p.description.Splits[:e.published] {
		number -= int64(s.Records)
	}
	field := p.description.Fields[l.field]
	name := ""
	if field.Kind == task.IDs {
		name = field.Vocabulary[l.class]
	} else {
		name = field.Classes[l.class].Name
	}
	return fmt.Errorf("split %q: record %d of the data's %q has %s = %q, which no record of the "+
		"training split has: leave it out of the data, or divide them by %q", e.split, number,
		p.description.Splits[e.published].Name, field.Name, name, ByRecord)
}
