package main

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"quickstudy/framework/task"
)

// sentence is where a record is: its corpus, its line there, and its pair.
type sentence struct {
	corpus, line, pair int
}

// records is everything that there is. The texts are held once, whatever the pairs are.
type records struct {
	description task.Description
	corpora     []corpus
	pairs       []direction
	mark        bool
	all         []sentence
	lines       [][][]int // by corpus and pair: those that are used
}

// newRecords lists the sentences of every split, pair by pair.
func (c config) newRecords(corpora []corpus, trained, unseen []direction) (*records, error) {
	r := &records{corpora: corpora, pairs: slices.Concat(trained, unseen), mark: c.Mark}
	class := task.Field{Name: "pair", Kind: task.ClassOf, Doc: "from which language to which"}
	for _, d := range r.pairs {
		class.Classes = append(class.Classes, task.Class{Name: d.String()})
	}
	skipped := 0
	for i, one := range corpora {
		before := len(r.all)
		r.lines = append(r.lines, make([][]int, len(r.pairs)))
		for pair, d := range r.pairs {
			lines, err := c.usable(one, d, &skipped)
			if err != nil {
				return nil, err
			}
			if i == 0 && c.Sentences > 0 {
				lines = one.least(d, lines, c.Sentences)
			}
			r.lines[i][pair] = lines
			if c.Shots > 0 {
				continue // episodes draw from the lines
			}
			class.Classes[pair].Count += len(lines)
			for _, line := range lines {
				r.all = append(r.all, sentence{i, line, pair})
			}
		}
		split := task.Split{Name: one.split, Records: len(r.all) - before}
		r.description.Splits = append(r.description.Splits, split)
	}
	doc := "its translation"
	if skipped > 0 {
		doc += fmt.Sprintf("; %d that are empty in either language are left out", skipped)
	}
	r.description.Fields = []task.Field{
		{Name: "source", Kind: task.Text, Doc: "a sentence"},
		{Name: "target", Kind: task.Text, Doc: doc},
		class,
	}
	return r, nil
}

// usable lists the lines of a pair that are not empty. One that is empty is an error, or counted.
func (c config) usable(one corpus, d direction, skipped *int) ([]int, error) {
	var lines []int
	for line := range one.sentences[d.from] {
		language := one.empty(d, line)
		switch {
		case language == "":
			lines = append(lines, line)
		case c.SkipEmpty:
			*skipped++
		default:
			return nil, fmt.Errorf("%s: line %d is empty in the language %q; correct it, or set "+
				"skip_empty = true", one.files[language], one.first+line, language)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%s holds no sentence of the pair %q", one.files[d.from], d)
	}
	return lines, nil
}

// least returns at most n of the lines, those with the least SHA-256, in their order; fewer are
// among more.
func (c corpus) least(d direction, lines []int, n int) []int {
	type ranked struct {
		rank [sha256.Size]byte
		line int
	}
	var all []ranked
	for _, line := range lines {
		both := c.sentences[d.from][line] + "\t" + c.sentences[d.to][line]
		all = append(all, ranked{sha256.Sum256([]byte(both)), line})
	}
	slices.SortFunc(all, func(a, b ranked) int {
		if order := slices.Compare(a.rank[:], b.rank[:]); order != 0 {
			return order
		}
		return a.line - b.line
	})
	var kept []int
	for _, one := range all[:min(n, len(all))] {
		kept = append(kept, one.line)
	}
	slices.Sort(kept)
	return kept
}

func (r *records) get(ids []int64) ([]task.Record, error) {
	out := make([]task.Record, len(ids))
	for i, id := range ids {
		if id < 0 || id >= int64(len(r.all)) {
			return nil, fmt.Errorf("there is no record %d: ids run from 0 to %d", id, len(r.all)-1)
		}
		out[i] = r.record(id, r.all[id])
	}
	return out, nil
}

func (r *records) record(id int64, s sentence) task.Record {
	d, texts := r.pairs[s.pair], r.corpora[s.corpus].sentences
	source := texts[d.from][s.line]
	if r.mark {
		source = d.mark() + source
	}
	return task.Record{ID: id, Cells: []task.Cell{{Text: source}, {Text: texts[d.to][s.line]},
		{Ints: []int64{int64(s.pair)}}}}
}
