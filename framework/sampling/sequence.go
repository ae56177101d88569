package sampling

import (
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/task"
	"quickstudy/framework/text"
)

// spanTarget writes the first and the last token of spans given in characters. A span
// that truncation has cut into has no answer, and weighs 0.
func (t *Task) spanTarget(target boundTarget, l *layout, rows, positions int) ([]Array, error) {
	start, end := make([]int32, rows), make([]int32, rows)
	present, weights := make([]float64, rows), make([]float64, rows)
	allowed := make([]float64, rows*positions)
	for j, r := range l.records {
		weights[j] = 1
		for at, s := range t.inputs[target.set].ofField(l.tokens[target.set][j], target.of).Spans {
			if s.Start >= 0 {
				allowed[j*positions+at] = 1
			}
		}
		span := r.Cells[target.field].Ints
		if len(span) == 0 {
			continue
		}
		in, encoded := t.inputs[target.set], l.tokens[target.set][j]
		length := len(encoded.IDs)
		if encoded.cut {
			encoded = in.encode(r)
		}
		lo, hi, err := in.ofField(encoded, target.of).TokensOf(text.Span{Start: int(span[0]),
			End: int(span[1])})
		if err != nil {
			return nil, fmt.Errorf("record %d: %q: %w", r.ID,
				t.pool.description.Fields[target.field].Of, err)
		}
		if hi > length {
			weights[j] = 0
			continue
		}
		start[j], end[j], present[j] = int32(lo), int32(hi-1), 1
	}
	shape := []int{rows}
	return append([]Array{
		{Name: target.name + "/start", Shape: shape, Ints: start, PerExample: true},
		{Name: target.name + "/end", Shape: shape, Ints: end, PerExample: true},
		{Name: target.name + "/present", Shape: shape, Floats: present, PerExample: true},
		{Name: target.name + "/allowed", Shape: []int{rows, positions}, Floats: allowed,
			PerExample: true},
	}, weightArrays(target.name, shape, weights)...), nil
}

// tagsTarget writes the tag of every word at the first of its tokens; the others weigh 0.
// Devlin et al. 2019, https://arxiv.org/abs/1810.04805, section 5.3.
func (t *Task) tagsTarget(target boundTarget, l *layout, rows, positions int) ([]Array, error) {
	shape := []int{rows, positions}
	tags, weights := make([]int32, rows*positions), make([]float64, rows*positions)
	for j, r := range l.records {
		encoded := l.tokens[target.set][j]
		firsts := firstTokens(t.inputs[target.set].ofField(encoded, target.of).Spans)
		if words := len(r.Cells[target.field].Ints); len(firsts) < words && !encoded.cut {
			return nil, fmt.Errorf("record %d: %q has %d tags, and only %d of its words give a token",
				r.ID, t.pool.description.Fields[target.of].Name, words, len(firsts))
		}
		for word, at := range firsts {
			tags[j*positions+at] = int32(r.Cells[target.field].Ints[word])
			weights[j*positions+at] = 1
		}
	}
	return append([]Array{
		{Name: target.name + "/tags", Shape: shape, Ints: tags, PerExample: true},
	}, weightArrays(target.name, shape, weights)...), nil
}

// firstTokens are the positions of the first token of every word, whose numbers spans are.
func firstTokens(spans []text.Span) []int {
	var firsts []int
	for i, s := range spans {
		if s.Start == len(firsts) {
			firsts = append(firsts, i)
		}
	}
	return firsts
}

// tokensTarget writes the token that follows every position of a text. Where the input reads
// other texts before it, these are given: what follows there weighs 0.
func (t *Task) tokensTarget(target boundTarget, l *layout, rows, positions int) []Array {
	shape := []int{rows, positions}
	next, weights := make([]int32, rows*positions), make([]float64, rows*positions)
	in := t.inputs[target.set]
	for j := range l.records {
		k := l.tokens[target.set][j]
		for at, id := range k.next {
			if next[j*positions+at] = id; at >= in.given(k) {
				weights[j*positions+at] = 1
			}
		}
	}
	return append([]Array{
		{Name: target.name + "/tokens", Shape: shape, Ints: next, PerExample: true},
	}, weightArrays(target.name, shape, weights)...)
}

// given is the number of tokens after the begin token that are not of the text that is written,
// but stand before it.
func (in boundInput) given(k tokens) int {
	separators := 0
	for at, of := range k.of {
		if separators == len(in.fields)-1 {
			return max(at-1, 0)
		}
		if of < 0 && at > 0 {
			separators++
		}
	}
	if separators == len(in.fields)-1 { // nothing is written yet
		return len(k.of) - 1
	}
	return len(k.of) // it was cut before the text
}

// Target returns the field and the kind of a predict, and the input set whose positions
// it means; ok is false where there is no such predict.
func (t *Task) Target(predict string) (target Target, ok bool) {
	for _, b := range t.targets {
		if b.name != predict {
			continue
		}
		target := Target{Field: t.pool.description.Fields[b.field], Classes: b.classes,
			PerPosition: b.perPosition}
		switch b.kind {
		case task.Span, task.IDs, task.Text:
			target.Set = t.inputs[b.set].set()
		}
		return target, true
	}
	return Target{}, false
}

// Target is what a predict is of.
type Target struct {
	Field       task.Field
	Set         string // the input set whose positions are meant; "": an example has one answer
	Classes     int    // classes of the field, its tags, or tokens
	PerPosition bool   // a value for every position of the first set
}

// Written is how the texts of a predict are written.
type Written struct {
	Set        string // the input set that reads what is written so far
	Begin, End int32
	Most       int // tokens of a text at most: the begin token takes a position
	Decode     func(ids []int32) (string, error)
	Reference  func(r task.Record) string // what a record has
}

// Written returns how the texts of a predict of texts are written.
func (t *Task) Written(predict string) (Written, error) {
	for _, b := range t.targets {
		if b.name != predict || b.kind != task.Text {
			continue
		}
		in := t.inputs[b.set]
		w := Written{Set: in.set(), Most: in.MaxLength - 1, Decode: in.Tokenizer.Decode,
			Reference: func(r task.Record) string {
				if cell := r.Cells[b.field]; cell.Words == nil {
					return cell.Text
				}
				return strings.Join(r.Cells[b.field].Words, " ")
			}}
		w.Begin, w.End, _ = in.Tokenizer.EndIDs()
		return w, nil
	}
	return Written{}, fmt.Errorf("task %q: there is no predict %q of texts", t.config.Name, predict)
}

// spans finds a predict of spans.
func (t *Task) spans(predict string) (boundTarget, boundInput, error) {
	for _, b := range t.targets {
		if b.name == predict && b.kind == task.Span {
			return b, t.inputs[b.set], nil
		}
	}
	return boundTarget{}, boundInput{}, fmt.Errorf("task %q: there is no predict %q of spans",
		t.config.Name, predict)
}

// SpanText returns what a record's text has between two positions, first and last, of
// the set that a predict of spans is about; "" where they cover no character.
func (t *Task) SpanText(predict string, r task.Record, first, last int) (string, error) {
	_, said, err := t.SpanOf(predict, r, first, last)
	return said, err
}

// SpanOf is SpanText, with the characters where it is.
func (t *Task) SpanOf(predict string, r task.Record, first, last int) (text.Span, string, error) {
	b, in, err := t.spans(predict)
	if err != nil {
		return text.Span{}, "", err
	}
	encoded := in.ofField(in.encode(r), b.of)
	if first < 0 || first > last || last >= len(encoded.IDs) {
		return text.Span{}, "", fmt.Errorf("task %q: record %d: positions %d to %d of %q, which has %d",
			t.config.Name, r.ID, first, last, in.Name(), len(encoded.IDs))
	}
	span, err := encoded.CharactersOf(first, last+1)
	if err != nil {
		return text.Span{}, "", nil // special tokens alone
	}
	return span, between(r.Cells[b.of].Text, span), nil
}

// Answers returns the texts of the spans that a record has, the first the one that is learned;
// nil for none.
func (t *Task) Answers(predict string, r task.Record) ([]string, error) {
	b, _, err := t.spans(predict)
	if err != nil {
		return nil, err
	}
	var answers []string
	for ends := range slices.Chunk(r.Cells[b.field].Ints, 2) {
		answers = append(answers,
			between(r.Cells[b.of].Text, text.Span{Start: int(ends[0]), End: int(ends[1])}))
	}
	return answers, nil
}

// between is a part of a text, by its characters.
func between(whole string, s text.Span) string { return string([]rune(whole)[s.Start:s.End]) }
