package predict

import (
	"slices"

	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/train/evaluation"
)

// Attention is the attention weights of one layer on one record, as they are written in
// JSON. Positions that are padding are left out: their weight is 0.
type Attention struct {
	Steps int    `json:"steps"` // of adaptation before
	Set   string `json:"set"`   // the input set that was read
	Stack string `json:"stack"` // encoder or decoder; memory: what the decoder saw of its memory
	Layer int    `json:"layer"`
	// Tokens are those of the set, by position; none of numbers.
	Tokens []string `json:"tokens,omitempty"`
	// Weights are by head, query and key. They add up to 1 over the keys.
	Weights [][][]Number `json:"weights"`
}

// weights takes those of one record.
func (p *Predictor) weights(r task.Record, of []evaluation.Attention) []Attention {
	var all []Attention
	for _, a := range of {
		row := slices.Index(a.IDs, r.ID)
		if a.Side != "query" || row < 0 {
			continue
		}
		one := Attention{Steps: a.Step, Set: a.Set, Stack: a.Stack, Layer: a.Layer}
		queries, keys := min(p.task.Positions(a.Set, r), a.Shape[2]), seenKeys(a, row)
		one.Tokens = p.tokens(a.Set, r)
		for head := range a.Shape[1] {
			var rows [][]Number
			for query := range queries {
				var weights []Number
				for _, w := range a.Row(row, head, query)[:keys] {
					weights = append(weights, Number(w))
				}
				rows = append(rows, weights)
			}
			one.Weights = append(one.Weights, rows)
		}
		all = append(all, one)
	}
	return all
}

// seenKeys is the number of keys up to the last that anything sees.
func seenKeys(a evaluation.Attention, row int) int {
	most := 0
	for head := range a.Shape[1] {
		for query := range a.Shape[2] {
			for key, w := range a.Row(row, head, query) {
				if w != 0 && key >= most {
					most = key + 1
				}
			}
		}
	}
	return most
}

// tokens are the texts of the positions of a record in a set.
func (p *Predictor) tokens(set string, r task.Record) []string {
	var texts []string
	for _, in := range p.task.Config.Inputs {
		if in.Set == set && in.Kind == sampling.Tokens {
			for _, id := range p.task.TokenIDs(set, r) {
				texts = append(texts, in.Tokenizer.Token(id))
			}
		}
	}
	return texts
}
