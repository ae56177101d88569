package evaluation

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/train/metric"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/search"
)

// Writes says how texts are searched for.
type Writes struct {
	Beam          int     // texts followed at once; 1: greedy
	LengthPenalty float64 // see search.Config
}

// wrote is a text that was written.
type wrote struct {
	text string
	search.Text
}

// write returns what an objective's head writes for the examples of an element that are
// not padding, after a number of adaptation steps; nil if texts are not written. They are
// written from where they begin in the input or, if given, from where the element's own end.
func (e *evaluator) write(ctx context.Context, o objective, steps int, element program.Element,
	arguments program.Values, given bool) ([]wrote, error) {
	if !o.writes || len(element.Query.IDs) == 0 { // or all is padding
		return nil, nil
	}
	w, err := e.Model.Writer(ctx, element, o.name, e.Steps)
	if err != nil {
		return nil, err
	}
	adapted, err := w.Adapted(e.State, element.Values, arguments)
	if err != nil {
		return nil, err
	}
	begun, err := w.Begin(element.Values, adapted[strconv.Itoa(steps)], arguments)
	if err != nil {
		return nil, err
	}
	how, err := o.data.Written(o.name)
	if err != nil {
		return nil, err
	}
	c := search.Config{Beam: e.Writes.Beam, LengthPenalty: e.Writes.LengthPenalty, Most: how.Most,
		Begin: how.Begin, End: how.End}
	c.Given = o.beginnings(element.Query, how.Set, given)
	found, err := c.Run(func(position int, from []int, tokens []int32) (func(int) []float64, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return begun.Next(position, from, tokens)
	}, element.Query.Rows)
	if err != nil {
		return nil, err
	}
	texts := make([]wrote, len(element.Query.IDs))
	for i := range texts {
		texts[i].Text = found[i][0]
		texts[i].Tokens = texts[i].Tokens[len(c.Given[i]):]
		if texts[i].text, err = how.Decode(texts[i].Tokens); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// beginnings returns the tokens that each example has in a set after its begin token: those
// that a text comes after or, if given, all.
func (o objective) beginnings(query *sampling.Batch, set string, given bool) [][]int32 {
	tokens, mask := query.Array(set+"/tokens"), query.Array(set+"/mask")
	weight := query.Array(o.name + "/weight")
	all := make([][]int32, query.Rows)
	for i, length := 0, tokens.Shape[1]; i < query.Rows; i++ {
		for k := i*length + 1; k < (i+1)*length && mask.Floats[k] != 0; k++ {
			if !given && weight.Floats[k-1] != 0 {
				break
			}
			all[i] = append(all[i], tokens.Ints[k])
		}
	}
	return all
}

// tallyTexts compares the texts that were written with those of the records: their words
// and characters, and whether they end as the record's does after the same tokens.
func (o objective) tallyTexts(t *tally, query *sampling.Batch, records []task.Record,
	written []wrote) error {
	how, err := o.data.Written(o.name)
	if err != nil {
		return err
	}
	if len(records) != len(written) {
		return fmt.Errorf("%d texts are written for %d records", len(written), len(records))
	}
	tokens, weight := query.Array(o.name+"/tokens"), query.Array(o.name+"/weight")
	each := tokens.Shape[1]
	t.records = nil // of the tokens that were given
	delete(t.each, exactMatchName)
	for i, r := range records {
		var bleu metric.BLEU
		bleu.Count(written[i].text, how.Reference(r))
		t.count(bleuName, parts(bleu.Sums()...)...)
		var chrf metric.CHRF
		chrf.Count(written[i].text, how.Reference(r))
		var grams []part
		for at, n := range chrf.Sums() {
			grams = append(grams, part{at / metric.CHRFOrder, at % metric.CHRFOrder, n})
		}
		t.count(chrfName, grams...)
		var is []int32
		for k := i * each; k < (i+1)*each; k++ {
			if weight.Floats[k] != 0 {
				is = append(is, tokens.Ints[k])
			}
		}
		said := written[i].Tokens
		if written[i].Ended {
			said = append(slices.Clip(said), how.End)
		}
		score := 0.0
		if slices.Equal(is, said) {
			score = 1
		}
		t.records = append(t.records, score)
		t.count(exactMatchName, parts(score, 1)...)
	}
	return nil
}
