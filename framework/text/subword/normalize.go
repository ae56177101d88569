package subword

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// lowercase folds every character by itself. Only U+0130 becomes two.
func lowercase(a aligned) aligned {
	if !slices.Contains(a.runes, 'İ') {
		return a.mapped(unicode.ToLower)
	}
	changes := make([]change, 0, len(a.runes)+1)
	for _, r := range a.runes {
		if r == 'İ' {
			changes = append(changes, change{'i', 0}, change{'\u0307', 1})
		} else {
			changes = append(changes, change{unicode.ToLower(r), 0})
		}
	}
	return a.changed(0, changes)
}

// unicodeForm brings text into one of Unicode's normal forms, C if composed.
// https://www.unicode.org/reports/tr15
func unicodeForm(form, decomposed norm.Form) normalizer {
	return func(a aligned) aligned {
		if form.IsNormalString(string(a.runes)) {
			return a
		}
		changes := decompose(a.runes, decomposed)
		if form != decomposed {
			changes = compose(changes)
		}
		return a.changed(0, changes)
	}
}

// decompose replaces every character by its parts, and orders marks by their class.
func decompose(runes []rune, form norm.Form) []change {
	var changes []change
	first := 0 // of the marks that are being ordered
	for _, r := range runes {
		for i, part := range []rune(form.String(string(r))) {
			c := change{part, 0}
			if i > 0 {
				c.delta = 1
			}
			if class(part) == 0 {
				orderMarks(changes[first:])
				first = len(changes) + 1
			}
			changes = append(changes, c)
		}
	}
	orderMarks(changes[min(first, len(changes)):])
	return changes
}

func orderMarks(marks []change) {
	slices.SortStableFunc(marks, func(a, b change) int { return int(class(a.r)) - int(class(b.r)) })
}

// class is the canonical combining class of a character.
func class(r rune) uint8 {
	var buffer [utf8.UTFMax]byte
	return norm.NFD.Properties(buffer[:utf8.EncodeRune(buffer[:], r)]).CCC()
}

// compose joins a character with marks that follow it and are not blocked by another.
func compose(decomposed []change) []change {
	var changes []change
	starter, last := -1, -1 // the character that is joined to; class of the mark before, -1: none
	for _, c := range decomposed {
		class := int(class(c.r))
		if starter >= 0 && last < class && (last >= 0 || starter == len(changes)-1) {
			if joined, ok := pairOf(changes[starter].r, c.r); ok {
				changes[starter] = change{joined, changes[starter].delta + c.delta - 1}
				continue
			}
		}
		changes = append(changes, c)
		if last = class; class == 0 {
			starter, last = len(changes)-1, -1
		}
	}
	return changes
}

// pairOf is the character that two are together.
func pairOf(a, b rune) (rune, bool) {
	joined := norm.NFC.String(string(a) + string(b))
	r, size := utf8.DecodeRuneInString(joined)
	return r, size == len(joined)
}

// strip takes white space from the ends.
func strip(left, right bool) normalizer {
	return func(a aligned) aligned {
		lo, hi := 0, len(a.runes)
		for left && lo < hi && whiteSpace(a.runes[lo]) {
			lo++
		}
		for right && lo < hi && whiteSpace(a.runes[hi-1]) {
			hi--
		}
		return aligned{a.runes[lo:hi:hi], a.spans[lo:hi:hi], a.start}
	}
}

// without leaves out the characters of a kind.
func without(is func(rune) bool) normalizer {
	return func(a aligned) aligned { return a.filtered(func(r rune) bool { return !is(r) }) }
}

func prepend(text string) normalizer {
	return func(a aligned) aligned { return a.prepended(text) }
}

// replace puts a text in the place of what matches, which belongs to the last character of
// that.
func replace(p pattern, content []rune) normalizer {
	return func(a aligned) aligned {
		b := aligned{start: a.start}
		for _, s := range p.stretches(a.runes) {
			if !s.delimiter {
				b.runes = append(b.runes, a.runes[s.lo:s.hi]...)
				b.spans = append(b.spans, a.spans[s.lo:s.hi]...)
				continue
			}
			from := span{a.start, a.start}
			if s.hi > 0 {
				from = a.spans[s.hi-1]
			}
			for _, r := range content {
				b.runes, b.spans = append(b.runes, r), append(b.spans, from)
			}
		}
		return b
	}
}

// bert is what BERT does to text before it is cut.
// https://github.com/google-research/bert/blob/master/tokenization.py, BasicTokenizer.
func bert(clean, chinese, accents, lower bool) []normalizer {
	var steps []normalizer
	if clean {
		steps = append(steps, without(control), func(a aligned) aligned {
			return a.mapped(func(r rune) rune {
				if whiteSpace(r) {
					return ' '
				}
				return r
			})
		})
	}
	if chinese {
		steps = append(steps, apart)
	}
	if accents {
		steps = append(steps, unicodeForm(norm.NFD, norm.NFD),
			without(func(r rune) bool { return unicode.Is(unicode.Mn, r) }))
	}
	if lower {
		steps = append(steps, lowercase)
	}
	return steps
}

// control is what BERT leaves out: characters that are not written, and U+FFFD.
func control(r rune) bool {
	switch r {
	case '\t', '\n', '\r':
		return false
	case 0, utf8.RuneError:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// apart puts spaces around Chinese characters.
func apart(a aligned) aligned {
	var changes []change
	for _, r := range a.runes {
		if chinese(r) {
			changes = append(changes, change{' ', 0}, change{r, 1}, change{' ', 1})
		} else {
			changes = append(changes, change{r, 0})
		}
	}
	return a.changed(0, changes)
}

// chinese are the blocks of CJK Unified Ideographs, as BERT lists them.
func chinese(r rune) bool {
	for _, block := range [][2]rune{{0x4E00, 0x9FFF}, {0x3400, 0x4DBF}, {0x20000, 0x2A6DF},
		{0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF},
		{0x2F800, 0x2FA1F}} {
		if block[0] <= r && r <= block[1] {
			return true
		}
	}
	return false
}

// nmt is the cleaning of sentencepiece's rule nmt_nfkc.
// https://github.com/huggingface/tokenizers, normalizers/unicode.rs, do_nmt.
func nmt(a aligned) aligned {
	kept := a.filtered(func(r rune) bool {
		switch {
		case 0x1 <= r && r <= 0x8, r == 0xB, 0xE <= r && r <= 0x1F, r == 0x7F, r == 0x8F, r == 0x9F:
			return false
		}
		return true
	})
	return kept.mapped(func(r rune) rune {
		switch {
		case r == 0x9, r == 0xA, r == 0xC, r == 0xD, r == 0x1680, 0x200B <= r && r <= 0x200F,
			r == 0x2028, r == 0x2029, r == 0x2581, r == 0xFEFF, r == 0xFFFD:
			return ' '
		}
		return r
	})
}
