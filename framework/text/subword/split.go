package subword

import (
	"slices"
	"unicode"
)

// behavior is what becomes of the delimiters that text is cut at.
type behavior string

const (
	removed            behavior = "Removed"
	isolated           behavior = "Isolated"
	contiguous         behavior = "Contiguous"
	mergedWithPrevious behavior = "MergedWithPrevious"
	mergedWithNext     behavior = "MergedWithNext"
)

// stretch is a part of a text, the runes [lo, hi), that is a delimiter or lies between two.
type stretch struct {
	lo, hi    int
	delimiter bool
}

// at cuts a text into the parts that stretches, which cover it, make by a behavior.
func (b behavior) at(words []part, a aligned, stretches []stretch) []part {
	var parts []stretch
	if b == mergedWithNext {
		after := false
		for i := len(stretches) - 1; i >= 0; i-- {
			s := stretches[i]
			if last := len(parts) - 1; s.delimiter && !after && last >= 0 {
				parts[last].lo = s.lo
			} else {
				parts = append(parts, s)
			}
			after = s.delimiter
		}
		for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
			parts[i], parts[j] = parts[j], parts[i]
		}
	} else {
		before := false
		for _, s := range stretches {
			last := len(parts) - 1
			joined := b == contiguous && s.delimiter == before ||
				b == mergedWithPrevious && s.delimiter && !before
			if joined && last >= 0 {
				parts[last].hi = s.hi
			} else {
				parts = append(parts, s)
			}
			before = s.delimiter
		}
	}
	for _, p := range parts {
		if b != removed || !p.delimiter {
			words = append(words, part{a.slice(p.lo, p.hi), -1})
		}
	}
	return words
}

// cutAt cuts a text at every character that is a delimiter.
func cutAt(is func(rune) bool, b behavior) splitter {
	return func(words []part, a aligned) []part {
		if !slices.ContainsFunc(a.runes, is) { // as of most words
			return append(words, part{a, -1})
		}
		var stretches []stretch
		lo := 0
		for i, r := range a.runes {
			if !is(r) {
				continue
			}
			if lo < i {
				stretches = append(stretches, stretch{lo, i, false})
			}
			stretches = append(stretches, stretch{i, i + 1, true})
			lo = i + 1
		}
		if lo < len(a.runes) {
			stretches = append(stretches, stretch{lo, len(a.runes), false})
		}
		return b.at(words, a, stretches)
	}
}

func whiteSpace(r rune) bool { return unicode.Is(unicode.White_Space, r) }

// punctuation is what Unicode calls so, and ASCII's other symbols.
func punctuation(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) || unicode.IsPunct(r)
}

// bertWords are words as BERT cuts them: at white space, which is left out, and around every
// punctuation mark.
var bertWords = []splitter{cutAt(whiteSpace, removed), cutAt(punctuation, isolated)}

// words cuts text into runs of word characters and runs of others, and leaves out white space.
func words(parts []part, a aligned) []part {
	for lo := 0; lo < len(a.runes); {
		kind := wordKind(a.runes[lo])
		hi := lo + 1
		for hi < len(a.runes) && wordKind(a.runes[hi]) == kind {
			hi++
		}
		if kind != space {
			parts = append(parts, part{a.slice(lo, hi), -1})
		}
		lo = hi
	}
	return parts
}

func wordKind(r rune) runeKind {
	switch {
	case wordRune(r):
		return letter
	case whiteSpace(r):
		return space
	}
	return other
}
