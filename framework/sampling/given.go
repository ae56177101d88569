package sampling

import (
	"fmt"
	"slices"

	"quickstudy/framework/task"
)

// mostGiven is the largest number of given records of a few-shot task that are encoded
// together: their adaptation is computed once for all of them.
const mostGiven = 64

// MostGiven is the largest number of records without answers that are encoded together.
func (t *Task) MostGiven() int {
	if b := t.config.Batches; b != nil {
		return b.Size
	}
	return mostGiven
}

// LocalClasses returns the field whose classes every episode has its own of, and the
// largest number of them; ok is false where the classes are those of the data. A support
// that is given may name classes there that the data do not have.
func (t *Task) LocalClasses() (field, most int, ok bool) {
	if !slices.ContainsFunc(t.targets, func(b boundTarget) bool { return b.local }) {
		return 0, 0, false
	}
	_, most = t.config.Ways()
	return t.pool.classField, most, true
}

// Reads reports how the inputs read a field; a text that is written is read as far as it
// goes, and so may be left out.
func (t *Task) Reads(field int) (reads, written bool) {
	for _, in := range t.inputs {
		if at := slices.Index(in.fields, field); at >= 0 {
			reads, written = true, written || in.written && at == len(in.fields)-1
		}
	}
	return reads, written
}

// Targets reports whether a field is predicted.
func (t *Task) Targets(field int) bool {
	return slices.ContainsFunc(t.targets, func(b boundTarget) bool { return b.field == field })
}

// Fits says why a record that is given cannot be encoded, or nil.
func (t *Task) Fits(r task.Record) error {
	for _, in := range t.inputs {
		switch n := in.positions(r); {
		case n == 0:
			return fmt.Errorf("%q gives nothing to read", in.Name())
		case n > in.MaxLength && !t.config.Truncate:
			return in.tooLong(n)
		}
	}
	for _, target := range t.targets {
		if target.kind != task.IDs {
			continue
		}
		in := t.inputs[target.set]
		words := r.Cells[target.of].Words
		firsts := firstTokens(in.ofField(in.encode(r), target.of).Spans)
		if len(firsts) < len(words) {
			return fmt.Errorf("%q: word %d, %q, gives no token, and so can have no tag",
				t.pool.description.Fields[target.of].Name, len(firsts), words[len(firsts)])
		}
	}
	return nil
}

// TokenIDs are the tokens that a set reads of a record, at most as many as it may have; nil
// where it reads numbers.
func (t *Task) TokenIDs(set string, r task.Record) []int32 {
	for _, in := range t.inputs {
		if in.set() == set && in.Kind == Tokens {
			ids := in.encode(r).IDs
			return ids[:min(len(ids), in.MaxLength)]
		}
	}
	return nil
}

// Positions is how many positions a set has of a record, at most as many as it may have.
func (t *Task) Positions(set string, r task.Record) int {
	for _, in := range t.inputs {
		if in.set() == set {
			return min(in.positions(r), in.MaxLength)
		}
	}
	return 0
}

// Lost is how many positions of a record the inputs leave out because they are cut.
func (t *Task) Lost(r task.Record) int {
	lost := 0
	for _, in := range t.inputs {
		lost += max(in.positions(r)-in.MaxLength, 0)
	}
	return lost
}

// FirstSet is the input set whose positions a value for every position is of.
func (t *Task) FirstSet() string { return t.inputs[0].set() }

// WordTags takes the tag of every word of a record from those of the positions. Where the
// input was cut, the last words have none.
func (t *Task) WordTags(predict string, r task.Record, tags []float64) ([]int, error) {
	for _, b := range t.targets {
		if b.name != predict || b.kind != task.IDs {
			continue
		}
		in := t.inputs[b.set]
		var out []int
		for _, at := range firstTokens(in.ofField(in.encode(r), b.of).Spans) {
			if at < min(len(tags), in.MaxLength) {
				out = append(out, int(tags[at]))
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("task %q: there is no predict %q of tags", t.config.Name, predict)
}

// Given encodes records that are not of the task's data: a support (nil: none), and at
// most MostGiven records whose answers are unknown. What their targets hold is not read,
// and means nothing in the arrays. The classes of LocalClasses are those of the support, in
// the order of their numbers.
func (t *Task) Given(support, query []task.Record) (*Episode, error) {
	episode, err := t.given(support, query)
	if err != nil {
		return nil, fmt.Errorf("task %q: given records: %w", t.config.Name, err)
	}
	return episode, nil
}

func (t *Task) given(support, query []task.Record) (*Episode, error) {
	if n := len(query); n == 0 || n > t.MostGiven() {
		return nil, fmt.Errorf("%d of them, want 1 to %d", n, t.MostGiven())
	}
	var d Draw
	if field, most, ok := t.LocalClasses(); ok {
		for _, r := range support {
			for _, class := range r.Cells[field].Ints {
				d.Classes = append(d.Classes, int(class))
			}
		}
		slices.Sort(d.Classes)
		d.Classes = slices.Compact(d.Classes)
		if n := len(d.Classes); n == 0 || n > most {
			return nil, fmt.Errorf("a support of %d classes, want 1 to %d", n, most)
		}
	}
	blanks := make([]task.Record, len(query))
	for i, r := range query {
		blanks[i] = t.blank(r)
	}
	supportRows, queryRows := len(support), bucket(len(query), mostGiven)
	switch {
	case t.config.Batches != nil:
		queryRows = t.config.Batches.Size
	case t.config.varies():
		supportRows = t.rows(supportRows)
	}
	return t.arrays(d, support, blanks, supportRows, queryRows)
}

// blank returns a record with answers that can be encoded, whatever it had.
func (t *Task) blank(r task.Record) task.Record {
	r.Cells = slices.Clone(r.Cells)
	for _, target := range t.targets {
		cell := &r.Cells[target.field]
		switch {
		case target.kind == task.Text: // it is an input
		case target.kind == task.IDs:
			*cell = task.Cell{Ints: make([]int64, len(r.Cells[target.of].Words))}
		case target.perPosition:
			*cell = task.Cell{Floats: make([]float64, t.inputs[0].positions(r))}
		default:
			*cell = task.Cell{}
		}
	}
	return r
}
