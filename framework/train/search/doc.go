// Package search writes texts by beam search over a model that gives the next token's
// probabilities, one position after the other.
//
//	c := search.Config{Beam: 4, Most: 32, LengthPenalty: 0.6, Begin: begin, End: end}
//	texts, err := c.Run(next, cache, examples)
//	best := texts[0][0].Tokens
//
// A beam of 1 is greedy search. What the model remembers of a text is a row of numbers
// that moves with the text, so the search knows nothing of the model.
package search
