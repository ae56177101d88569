package sampling

import (
	"fmt"
	"strings"
)

// Statistics counts what encoding to static shapes has come to, in tokens, which of numeric
// inputs are their positions. The zero value has counted
// nothing. It belongs to one goroutine.
type Statistics struct {
	Inputs    int64 `json:"inputs"`    // of examples: one for each input set
	Positions int64 `json:"positions"` // of all inputs and of padding
	Padding   int64 `json:"padding"`   // positions among them that hold padding
	Truncated int64 `json:"truncated"` // inputs that were cut to the largest length
	Lost      int64 `json:"lost"`      // positions that were cut off
	// Shapes counts episodes or batches by their shape: there is a program for each.
	Shapes map[string]int64 `json:"shapes"`
}

// Add counts an encoded episode.
func (s *Statistics) Add(e *Episode) {
	signature := e.Query.Signature()
	for _, b := range []*Batch{e.Support, e.Query} {
		if b == nil {
			continue
		}
		s.Inputs += int64(b.Inputs)
		s.Positions += int64(b.Positions)
		s.Padding += int64(b.Padding)
		s.Truncated += int64(b.Truncated)
		s.Lost += int64(b.Lost)
	}
	if e.Support != nil {
		signature = e.Support.Signature() + " → " + signature
	}
	s.addShape(signature, 1)
}

// Join counts what another has counted.
func (s *Statistics) Join(other Statistics) {
	s.Inputs += other.Inputs
	s.Positions += other.Positions
	s.Padding += other.Padding
	s.Truncated += other.Truncated
	s.Lost += other.Lost
	for signature, n := range other.Shapes {
		s.addShape(signature, n)
	}
}

func (s *Statistics) addShape(signature string, n int64) {
	if s.Shapes == nil {
		s.Shapes = map[string]int64{}
	}
	s.Shapes[signature] += n
}

// Tokens is the number of positions that hold no padding.
func (s Statistics) Tokens() int64 { return s.Positions - s.Padding }

// PaddingShare is the share of positions that held padding, 0 before the first episode.
func (s Statistics) PaddingShare() float64 {
	if s.Positions == 0 {
		return 0
	}
	return float64(s.Padding) / float64(s.Positions)
}

// String says it in one line.
func (s Statistics) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d inputs in %d %s, %.1f %% padding, ", s.Inputs, len(s.Shapes),
		plural(int64(len(s.Shapes)), "shape"), 100*s.PaddingShare())
	if s.Truncated == 0 {
		b.WriteString("none truncated")
	} else {
		fmt.Fprintf(&b, "%d truncated, %d %s lost", s.Truncated, s.Lost, plural(s.Lost, "token"))
	}
	return b.String()
}

func plural(n int64, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
