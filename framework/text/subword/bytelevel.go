package subword

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// symbolOf are the characters that stand for bytes in byte-level vocabularies: printable ones
// for themselves, the others from U+0100 on. Radford et al. 2019,
// https://github.com/openai/gpt-2/blob/master/src/encoder.py, bytes_to_unicode.
var symbolOf = func() (symbols [256]rune) {
	next := rune(256)
	for b := range symbols {
		r := rune(b)
		if '!' <= r && r <= '~' || '¡' <= r && r <= '¬' || '®' <= r && r <= 'ÿ' {
			symbols[b] = r
		} else {
			symbols[b] = next
			next++
		}
	}
	return symbols
}()

var byteOf = func() map[rune]byte {
	bytes := make(map[rune]byte, 256)
	for b, symbol := range symbolOf {
		bytes[symbol] = byte(b)
	}
	return bytes
}()

// ByteSymbols are the characters that stand for bytes, in the order of their code points.
func ByteSymbols() []string {
	runes := slices.Clone(symbolOf[:])
	slices.Sort(runes)
	symbols := make([]string, len(runes))
	for i, r := range runes {
		symbols[i] = string(r)
	}
	return symbols
}

// inBytes writes a text by the symbols of its bytes, each of which covers the character that
// the byte is of.
func (a aligned) inBytes() aligned {
	b := aligned{runes: make([]rune, 0, len(a.runes)), spans: make([]span, 0, len(a.runes)),
		start: a.start}
	var buffer [utf8.UTFMax]byte
	for i, r := range a.runes {
		for _, one := range buffer[:utf8.EncodeRune(buffer[:], r)] {
			b.runes, b.spans = append(b.runes, symbolOf[one]), append(b.spans, a.spans[i])
		}
	}
	return b
}

func inBytes(words []part, a aligned) []part { return append(words, part{a.inBytes(), -1}) }

// gpt2Words cuts text as GPT-2 does: contractions, letters, numbers and other characters, each
// with a space before it, and white space of which the last character begins what follows:
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
func gpt2Words(words []part, a aligned) []part {
	for at := 0; at < len(a.runes); {
		n := gpt2Word(a.runes[at:])
		words = append(words, part{a.slice(at, at+n), -1})
		at += n
	}
	return words
}

// gpt2Word is the length of the first word of a text that is not empty.
func gpt2Word(text []rune) int {
	if n := contraction(text); n > 0 {
		return n
	}
	first := 0
	if text[0] == ' ' && len(text) > 1 {
		first = 1
	}
	if kind := gpt2Kind(text[first]); kind != space {
		n := first + 1
		for n < len(text) && gpt2Kind(text[n]) == kind {
			n++
		}
		return n
	}
	n := 1
	for n < len(text) && gpt2Kind(text[n]) == space {
		n++
	}
	if n > 1 && n < len(text) {
		return n - 1
	}
	return n
}

func contraction(text []rune) int {
	if text[0] != '\'' || len(text) < 2 {
		return 0
	}
	switch text[1] {
	case 's', 't', 'm', 'd':
		return 2
	}
	if len(text) > 2 {
		switch string(text[1:3]) {
		case "re", "ve", "ll":
			return 3
		}
	}
	return 0
}

type runeKind int

const (
	letter runeKind = iota
	number
	space
	other
)

func gpt2Kind(r rune) runeKind {
	switch {
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return number
	case unicode.IsSpace(r):
		return space
	}
	return other
}
