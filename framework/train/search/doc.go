// Package search writes texts by beam search over a model that gives the next token's
// probabilities, one position after the other.
//
//	c := search.Config{Beam: 4, Most: 32, LengthPenalty: 0.6, Begin: begin, End: end}
//	texts, err := c.Run(next, examples)
//	best := texts[0][0].Tokens
//
// A beam of 1 is greedy search. The model is told which text each text extends, so that
// what it remembers of texts can move with them, and the search knows nothing of it.
package search
