package subword

import "unicode"

// trim takes white space from the offsets of tokens that begin or end with it.
type trim struct {
	prefixed bool // a space was put before the text, which covers none of it
}

// apply trims the offsets of a token that is written by some symbols.
func (o trim) apply(token *Token, first bool, symbols []rune) {
	leading, trailing := 0, 0
	for leading < len(symbols) && blank(symbols[leading]) {
		leading++
	}
	for trailing < len(symbols) && blank(symbols[len(symbols)-1-trailing]) {
		trailing++
	}
	if leading == 1 && o.prefixed && (first || token.Start == 0) {
		leading = 0
	}
	token.Start = min(token.Start+leading, token.End)
	if token.End >= trailing {
		token.End = max(token.End-trailing, token.Start)
	}
}

// blank reports whether a symbol stands for white space.
func blank(r rune) bool { return r == symbolOf[' '] || unicode.IsSpace(r) }
