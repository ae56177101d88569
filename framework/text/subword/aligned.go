package subword

// span is a range of characters of the original text, [start, end).
type span struct{ start, end int }

// aligned is a part of a text, normalized so far, and where each of its characters comes from.
// It is a value: methods leave their receiver alone.
type aligned struct {
	runes []rune
	spans []span // of each rune
	start int    // where the part starts in the original text
}

// original is a text as it was given.
func original(text string) aligned {
	runes := []rune(text)
	spans := make([]span, len(runes))
	for i := range runes {
		spans[i] = span{i, i + 1}
	}
	return aligned{runes: runes, spans: spans}
}

// slice is a part of a part.
func (a aligned) slice(lo, hi int) aligned {
	part := aligned{runes: a.runes[lo:hi:hi], spans: a.spans[lo:hi:hi], start: a.start}
	if lo < hi {
		part.start = a.spans[lo].start
	}
	return part
}

// span is that of the runes [lo, hi), of which there is at least one.
func (a aligned) span(lo, hi int) span { return span{a.spans[lo].start, a.spans[hi-1].end} }

// A change is a rune of a text that is being made of another. Delta 0: it stands for the next
// rune of the old text; -n: for the next 1+n; 1: it is inserted.
type change struct {
	r     rune
	delta int
}

// changed is the text that changes make of all but the first runes. What is inserted belongs to
// the character before it, at the very start to none.
func (a aligned) changed(first int, changes []change) aligned {
	b := aligned{runes: make([]rune, len(changes)), spans: make([]span, len(changes)),
		start: a.start}
	at := first
	for i, c := range changes {
		b.runes[i] = c.r
		switch {
		case c.delta > 0 && at == 0:
			b.spans[i] = span{a.start, a.start}
		case c.delta > 0:
			b.spans[i] = a.spans[at-1]
		default:
			b.spans[i] = a.spans[at]
			at += 1 - c.delta
		}
	}
	return b
}

// mapped replaces every rune by another.
func (a aligned) mapped(f func(rune) rune) aligned {
	b := aligned{runes: make([]rune, len(a.runes)), spans: a.spans, start: a.start}
	for i, r := range a.runes {
		b.runes[i] = f(r)
	}
	return b
}

// filtered leaves out the runes that are not kept.
func (a aligned) filtered(keep func(rune) bool) aligned {
	b := aligned{start: a.start}
	for i, r := range a.runes {
		if keep(r) {
			b.runes, b.spans = append(b.runes, r), append(b.spans, a.spans[i])
		}
	}
	return b
}

// prepended has a text before it, which belongs to its first character. An empty one stays.
func (a aligned) prepended(text string) aligned {
	if len(a.runes) == 0 {
		return a
	}
	b := aligned{start: a.start}
	for _, r := range text {
		b.runes, b.spans = append(b.runes, r), append(b.spans, a.spans[0])
	}
	b.runes, b.spans = append(b.runes, a.runes...), append(b.spans, a.spans...)
	return b
}
