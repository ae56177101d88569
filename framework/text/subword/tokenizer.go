package subword

// Token is a token of a text: an id and the characters that it covers, [Start, End).
type Token struct {
	ID         int32
	Start, End int
}

// Tokenizer turns text into tokens and back. It is immutable and may be used by several
// goroutines at once.
type Tokenizer struct {
	normalizers []normalizer
	splitters   []splitter
	model       model
	trims       []trim // of offsets
	decoders    []decoder

	tokens []string // by id
}

// A normalizer makes another text of one.
type normalizer func(aligned) aligned

// A splitter cuts a text into parts, some of which it may leave out.
type splitter func(aligned) []aligned

// A model cuts a word, which is not empty, into tokens.
type model interface{ cut(word []rune) []symbol }

// Size is the number of ids.
func (t *Tokenizer) Size() int { return len(t.tokens) }

// Token returns how the vocabulary writes an id.
func (t *Tokenizer) Token(id int32) string { return t.tokens[id] }

// Encode returns the tokens of a text.
func (t *Tokenizer) Encode(text string) []Token {
	var tokens []Token
	for _, word := range t.words(original(text)) {
		for _, s := range t.model.cut(word.runes) {
			covered := word.span(s.lo, s.hi)
			tokens = append(tokens, Token{s.id, covered.start, covered.end})
		}
	}
	for _, trim := range t.trims {
		trim.apply(t, tokens)
	}
	return tokens
}

// words are what the model cuts.
func (t *Tokenizer) words(text aligned) []aligned {
	for _, normalize := range t.normalizers {
		text = normalize(text)
	}
	parts := nonEmpty([]aligned{text})
	for _, split := range t.splitters {
		var next []aligned
		for _, part := range parts {
			next = append(next, nonEmpty(split(part))...)
		}
		parts = next
	}
	return parts
}

func nonEmpty(parts []aligned) []aligned {
	kept := parts[:0]
	for _, part := range parts {
		if len(part.runes) > 0 {
			kept = append(kept, part)
		}
	}
	return kept
}

// Join makes text of tokens, as the vocabulary writes them.
func (t *Tokenizer) Join(tokens []string) string { return decoded(t.decoders, tokens) }
