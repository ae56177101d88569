package subword

import "unicode"

// trim takes white space from the offsets of tokens that begin or end with it.
type trim struct {
	prefixed bool // a space was put before the text, which covers none of it
}

func (o trim) apply(t *Tokenizer, tokens []Token) {
	for i := range tokens {
		token := &tokens[i]
		symbols := []rune(t.tokens[token.ID])
		leading, trailing := 0, 0
		for leading < len(symbols) && blank(symbols[leading]) {
			leading++
		}
		for trailing < len(symbols) && blank(symbols[len(symbols)-1-trailing]) {
			trailing++
		}
		if leading > 0 && o.prefixed && (i == 0 || token.Start == 0) {
			leading--
		}
		token.Start = min(token.Start+leading, token.End)
		if token.End >= trailing {
			token.End = max(token.End-trailing, token.Start)
		}
	}
}

// blank reports whether a symbol stands for white space.
func blank(r rune) bool { return r == symbolOf[' '] || unicode.IsSpace(r) }
