package text

import "fmt"

// Encoding is an encoded text: one id and one span for every token.
type Encoding struct {
	IDs   []int32
	Spans []Span
}

// TokensOf returns the smallest range of tokens [lo, hi) that covers a span of
// characters. Characters between tokens, such as white space, need no token;
// the error says which span has none at all.
func (e Encoding) TokensOf(span Span) (lo, hi int, err error) {
	lo, hi = -1, -1
	for i, s := range e.Spans {
		if s.Start < span.End && s.End > span.Start && s.Start >= 0 {
			if lo < 0 {
				lo = i
			}
			hi = i + 1
		}
	}
	if lo < 0 {
		return 0, 0, fmt.Errorf("no token lies in characters [%d, %d)", span.Start, span.End)
	}
	return lo, hi, nil
}

// CharactersOf returns the span of characters that tokens [lo, hi) cover,
// from the first character of the first to the last of the last. A range
// without a token of the text is an error.
func (e Encoding) CharactersOf(lo, hi int) (Span, error) {
	if lo < 0 || hi > len(e.Spans) || lo >= hi {
		return Span{}, fmt.Errorf("tokens [%d, %d) are empty or outside the %d tokens", lo, hi,
			len(e.Spans))
	}
	span := Span{-1, -1}
	for _, s := range e.Spans[lo:hi] {
		if s.Start < 0 {
			continue
		}
		if span.Start < 0 {
			span.Start = s.Start
		}
		span.End = s.End
	}
	if span.Start < 0 {
		return Span{}, fmt.Errorf("tokens [%d, %d) are special tokens and cover no character", lo,
			hi)
	}
	return span, nil
}
