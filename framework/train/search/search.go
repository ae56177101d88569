package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Config says how texts are searched for.
type Config struct {
	Beam int // K, texts of an example that are followed at once
	Most int // tokens of a text at most, the end not counted
	// LengthPenalty is α: a text of n tokens, its end included, is ranked by its
	// log-probability / ((5+n)/6)^α. 0: by its log-probability. Wu et al. 2016,
	// https://arxiv.org/abs/1609.08144, eq. 14, without coverage.
	LengthPenalty float64
	Begin, End    int32
	// Given is, by example, what its texts begin with: tokens that are not searched for, and
	// whose probability is not counted. nil: nothing.
	Given [][]int32
}

// Next gives the scores of the token that follows each of some texts at a position, which
// token i has extended. Text i is text from[i] of the call before, extended; at position 0,
// where every text is empty, it is one of example from[i]. Scores, of a text that is asked
// for, need not add up to anything: they are the logits of a softmax, such as
// log-probabilities. They are read before the next call.
type Next func(position int, from []int, tokens []int32) (scores func(text int) []float64,
	err error)

// Text is a text that was found.
type Text struct {
	Tokens []int32 // without begin and end
	// LogProbability is that of its tokens, and of its end if it Ended: a text that did
	// not was cut at the largest length.
	LogProbability float64
	Ended          bool

	rank float64
}

// Run returns the texts found for each example, the best first. Ties go to the lower token
// and to the text found earlier.
//
// A text that ends leaves the beam, which is narrower from then on (Sutskever et al. 2014,
// https://arxiv.org/abs/1409.3215, section 3.2).
func (c Config) Run(next Next, examples int) ([][]Text, error) {
	if c.Beam < 1 || c.Most < 1 || examples < 1 || !(c.LengthPenalty >= 0) {
		return nil, fmt.Errorf("search: a beam of %d, texts of %d tokens, length penalty %v, %d "+
			"examples; want at least 1, 1, 0 and 1", c.Beam, c.Most, c.LengthPenalty, examples)
	}
	if c.Given != nil && len(c.Given) != examples {
		return nil, fmt.Errorf("search: beginnings of %d texts for %d examples", len(c.Given), examples)
	}
	for e, given := range c.Given {
		if len(given) > c.Most {
			return nil, fmt.Errorf("search: example %d begins with %d tokens, more than the %d of a text",
				e, len(given), c.Most)
		}
	}
	found := make([][]Text, examples)
	live := make([][]Text, examples)
	var from []int
	var tokens []int32
	for e := range live {
		live[e], from, tokens = []Text{{}}, append(from, e), append(tokens, c.Begin)
	}
	for at := 0; at <= c.Most && len(from) > 0; at++ {
		scores, err := next(at, from, tokens)
		if err != nil {
			return nil, fmt.Errorf("search: position %d: %w", at, err)
		}
		from, tokens = nil, nil
		first := 0 // of the example's texts in the call
		for e := range live {
			var kept []candidate
			if c.Given != nil && at < len(c.Given[e]) {
				kept = []candidate{{token: c.Given[e][at], text: Text{Tokens: c.Given[e][: at+1 : at+1]}}}
			} else {
				kept = c.extend(&found[e], live[e], at, func(beam int) []float64 {
					return scores(first + beam)
				})
			}
			before := first
			first += len(live[e])
			live[e] = nil
			for _, k := range kept {
				live[e] = append(live[e], k.text)
				from, tokens = append(from, before+k.from), append(tokens, k.token)
			}
		}
	}
	for e := range found {
		slices.SortStableFunc(found[e], func(a, b Text) int { return cmp.Compare(b.rank, a.rank) })
	}
	return found, nil
}

// candidate is a text and the token that extends it.
type candidate struct {
	from  int // of the live texts
	token int32
	text  Text
}

// extend returns the best extensions of the live texts of an example; those that end are
// found, and so is at the largest length what does not.
func (c Config) extend(found *[]Text, live []Text, at int,
	scores func(beam int) []float64) []candidate {
	room := c.Beam - len(*found)
	var all []candidate
	for i, text := range live {
		of := scores(i)
		probability := logSoftmax(of)
		for _, token := range largest(of, room) {
			longer := text
			longer.LogProbability += probability(token)
			all = append(all, candidate{i, int32(token), longer})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Compare(b.text.LogProbability, a.text.LogProbability)
	})
	var kept []candidate
	for _, one := range all[:min(room, len(all))] {
		switch {
		case one.token == c.End:
			one.text.Ended = true
			*found = append(*found, c.ranked(one.text, at+1))
		case at == c.Most: // no room for another token
			cut := live[one.from]
			if !slices.ContainsFunc(*found, func(t Text) bool {
				return !t.Ended && slices.Equal(t.Tokens, cut.Tokens)
			}) {
				*found = append(*found, c.ranked(cut, at))
			}
		default:
			one.text.Tokens = append(slices.Clip(one.text.Tokens), one.token)
			kept = append(kept, one)
		}
	}
	return kept
}

// ranked gives a text of n tokens, its end included, its rank.
func (c Config) ranked(t Text, n int) Text {
	t.rank = t.LogProbability / math.Pow((5+float64(n))/6, c.LengthPenalty)
	return t
}

// largest returns the indices of the n largest elements, in their order; of equal ones
// the first.
func largest(x []float64, n int) []int {
	var best []int
	for i, v := range x {
		if len(best) == n && v <= x[best[n-1]] {
			continue
		}
		at := len(best)
		for at > 0 && v > x[best[at-1]] {
			at--
		}
		if best = slices.Insert(best, at, i); len(best) > n {
			best = best[:n]
		}
	}
	return best
}

// logSoftmax returns the logarithm of the probability of a token, by its scores.
func logSoftmax(x []float64) func(token int) float64 {
	most := slices.Max(x)
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(v - most)
	}
	return func(token int) float64 { return x[token] - most - math.Log(sum) }
}
