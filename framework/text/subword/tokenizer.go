package subword

// Token is a token of a text: an id and the characters that it covers, [Start, End).
type Token struct {
	ID         int32
	Start, End int
}

// Tokenizer turns text into tokens and back. It is immutable and may be used by several
// goroutines at once.
type Tokenizer struct {
	found       [2]*addedSet // tokens that are found in the text before and after normalization
	normalizers []normalizer
	splitters   []splitter
	model       model
	trims       []trim // of offsets
	decoders    []decoder
	template    Template

	tokens  []string // by id
	special map[int32]bool
	unknown int32 // -1: none
	spaced  bool  // the tokens of a word have the space before it
}

// Template is what a text is enclosed in, and what is put between two that are read as one.
type Template struct{ Before, Between, After []int32 }

// A normalizer makes another text of one.
type normalizer func(aligned) aligned

// A splitter appends the parts of a text to others. It may leave some out.
type splitter func(words []part, text aligned) []part

// A model cuts a word, which is not empty, into tokens.
type model interface{ cut(word []rune) []symbol }

// Size is the number of ids.
func (t *Tokenizer) Size() int { return len(t.tokens) }

// Token returns how the vocabulary writes an id.
func (t *Tokenizer) Token(id int32) string { return t.tokens[id] }

// Unknown returns the token of what the vocabulary cannot write, if there is one.
func (t *Tokenizer) Unknown() (id int32, ok bool) { return t.unknown, t.unknown >= 0 }

// Special reports whether a token stands for no text.
func (t *Tokenizer) Special(id int32) bool { return t.special[id] }

// Template is what the tokens of a text are enclosed in. Encode leaves it out.
func (t *Tokenizer) Template() Template { return t.template }

// Spaced reports whether the tokens of a word have the space before it, so that a word by
// itself is encoded as if it were the first.
func (t *Tokenizer) Spaced() bool { return t.spaced }

// Encode returns the tokens of a text.
func (t *Tokenizer) Encode(text string) []Token {
	var tokens []Token
	add := func(id int32, covered span, symbols []rune) {
		token := Token{id, covered.start, covered.end}
		for _, trim := range t.trims {
			trim.apply(&token, len(tokens) == 0, symbols)
		}
		tokens = append(tokens, token)
	}
	for _, word := range t.words(original(text)) {
		if word.id >= 0 {
			add(word.id, word.span(0, len(word.runes)), word.runes)
			continue
		}
		for _, s := range t.model.cut(word.runes) {
			add(s.id, word.span(s.lo, s.hi), word.runes[s.lo:s.hi])
		}
	}
	return tokens
}

// words are what the model cuts, and added tokens between them.
func (t *Tokenizer) words(text aligned) []part {
	parts := split(t.found[0].split(nil, text), func(words []part, a aligned) []part {
		for _, normalize := range t.normalizers {
			a = normalize(a)
		}
		return t.found[1].split(words, a)
	})
	for _, cut := range t.splitters {
		parts = split(parts, cut)
	}
	return parts
}

// split cuts the parts that are text, and leaves out what is empty.
func split(parts []part, cut splitter) []part {
	next := make([]part, 0, 2*len(parts))
	for _, p := range parts {
		if p.id >= 0 {
			next = append(next, p)
			continue
		}
		from := len(next)
		next = cut(next, p.aligned)
		kept := next[:from]
		for _, q := range next[from:] {
			if len(q.runes) > 0 {
				kept = append(kept, q)
			}
		}
		next = kept
	}
	return next
}

// Join makes text of tokens, as the vocabulary writes them.
func (t *Tokenizer) Join(tokens []string) string { return decoded(t.decoders, tokens) }
