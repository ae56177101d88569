package text

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"quickstudy/framework/text/subword"
)

// Kind is what one token is.
type Kind string

// The kinds of tokenizer.
const (
	Words      Kind = "words"      // runs of letters, marks and digits; punctuation one by one
	Characters Kind = "characters" // Unicode code points
	Bytes      Kind = "bytes"      // bytes of UTF-8; the vocabulary is fixed
	BPE        Kind = "bpe"        // parts of words: byte-level BPE, words and spaces as in GPT-2
	WordPiece  Kind = "wordpiece"  // parts of words: WordPiece, words as in BERT
	File       Kind = "file"       // what a tokenizer.json says, see FromFile
)

// trained are the kinds that Train makes.
var trained = []Kind{Words, Characters, Bytes, BPE, WordPiece}

// Ids that every vocabulary begins with, but that of a file: in a batch PadID fills what is
// masked, whatever it stands for there.
const (
	PadID     int32 = 0
	UnknownID int32 = 1
)

// Names of the special tokens in the vocabulary. No text splits into one of
// them, so they cannot be confused with tokens of the same spelling.
const (
	padToken     = "[pad]"
	unknownToken = "[unknown]"
	classToken   = "[class]"
	beginToken   = "[begin]"
	endToken     = "[end]"
	betweenToken = "[separator]"
)

// Options say how text is split and numbered.
type Options struct {
	Kind      Kind
	Size      int  // most ids, special tokens included; 0: no limit
	MinCount  int  // a token seen less often is left out, a pair not merged; 0 means 1
	Lowercase bool // not of bytes
	Class     bool // begin every encoding with a class token, for pooling by the first position
	Ends      bool // enclose every encoding in begin and end tokens, for generation
	Separator bool // have a token between texts that are encoded as one
}

// Tokenizer splits text and numbers its tokens. It is immutable and may be used
// by several goroutines at once.
type Tokenizer struct {
	options Options
	tokens  []string         // by id; specials first, but of a file
	ids     map[string]int32 // of ordinary tokens
	special map[int32]bool   // which Decode leaves out
	unknown int32            // -1: none

	before, between, after []int32 // what encloses texts, and what is between two

	pieces     *subword.Tokenizer // cuts text into parts of words; else nil
	merges     [][2]string        // of BPE
	definition []byte             // of a file
}

// Train makes a tokenizer whose vocabulary holds the most frequent tokens of
// the texts, equally frequent ones in the order of their bytes. A tokenizer of
// bytes needs no texts: they may be nil.
func Train(options Options, texts iter.Seq[string]) (*Tokenizer, error) {
	if err := options.verify(); err != nil {
		return nil, err
	}
	if options.Kind == Bytes {
		tokens := options.specials()
		for b := range 256 {
			tokens = append(tokens, string([]byte{byte(b)}))
		}
		return build(options, tokens), nil
	}
	if texts == nil {
		return nil, fmt.Errorf("a vocabulary of %s is trained on texts, and none were given",
			options.Kind)
	}
	if options.subword() {
		vocabulary, err := options.learn(texts)
		if err != nil {
			return nil, err
		}
		return assemble(options, vocabulary)
	}
	counts := make(map[string]int)
	for text := range texts {
		for _, p := range split(options.Kind, options.Lowercase, text) {
			counts[p.text]++
		}
	}
	tokens := make([]string, 0, len(counts))
	for token, count := range counts {
		if count >= max(options.MinCount, 1) {
			tokens = append(tokens, token)
		}
	}
	slices.SortFunc(tokens, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	all := append(options.specials(), tokens...)
	if options.Size > 0 && len(all) > options.Size {
		all = all[:options.Size]
	}
	return build(options, all), nil
}

func (o Options) verify() error {
	if !slices.Contains(trained, o.Kind) {
		return fmt.Errorf("tokenizer kind %q, want one of %q", o.Kind, trained)
	}
	if o.Size < 0 || o.MinCount < 0 {
		return fmt.Errorf("size %d and min_count %d of a vocabulary must not be negative", o.Size,
			o.MinCount)
	}
	specials := len(o.specials())
	if o.Kind == Bytes {
		if o.Lowercase || o.MinCount > 1 {
			return fmt.Errorf("a tokenizer of bytes takes neither lowercase nor min_count")
		}
		if want := 256 + specials; o.Size != 0 && o.Size != want {
			return fmt.Errorf("size %d of a tokenizer of bytes, want %d (256 bytes and %d "+
				"special tokens) or none given", o.Size, want, specials)
		}
	} else if o.Size > 0 && o.Size <= specials {
		return fmt.Errorf("size %d leaves no room beside the %d special tokens", o.Size, specials)
	}
	return nil
}

func (o Options) specials() []string {
	specials := []string{padToken, unknownToken}
	if o.Class {
		specials = append(specials, classToken)
	}
	if o.Ends {
		specials = append(specials, beginToken, endToken)
	}
	if o.Separator {
		specials = append(specials, betweenToken)
	}
	return specials
}

func build(options Options, tokens []string) *Tokenizer {
	specials := options.specials()
	t := &Tokenizer{options: options, tokens: tokens, ids: make(map[string]int32, len(tokens)),
		special: map[int32]bool{}, unknown: UnknownID}
	for i, token := range tokens[len(specials):] {
		t.ids[token] = int32(len(specials) + i)
	}
	for i, token := range specials {
		id := int32(i)
		t.special[id] = true
		switch token {
		case classToken, beginToken:
			t.before = append(t.before, id)
		case endToken:
			t.after = append(t.after, id)
		case betweenToken:
			t.between = append(t.between, id)
		}
	}
	return t
}

// Options returns what the tokenizer was trained with.
func (t *Tokenizer) Options() Options { return t.options }

// Size is the number of ids, special tokens included: the rows an embedding needs.
func (t *Tokenizer) Size() int { return len(t.tokens) }

// Token returns the text of an id; special tokens are in square brackets.
func (t *Tokenizer) Token(id int32) string { return t.tokens[id] }

// ID returns the id of a token as split by the tokenizer; if it is not in the vocabulary that
// of unknown ones, -1 where there is none.
func (t *Tokenizer) ID(token string) int32 {
	if id, ok := t.ids[token]; ok {
		return id
	}
	return t.unknown
}

// EndIDs returns the ids of the begin and end tokens, if the tokenizer has them: the last before
// a text and the first after it.
func (t *Tokenizer) EndIDs() (begin, end int32, ok bool) {
	if len(t.before) == 0 || len(t.after) == 0 || !t.options.Ends {
		return 0, 0, false
	}
	return t.before[len(t.before)-1], t.after[0], true
}

// SeparatorID returns the id of the token between texts, if the tokenizer has one.
func (t *Tokenizer) SeparatorID() (id int32, ok bool) {
	if len(t.between) == 0 {
		return 0, false
	}
	return t.between[0], true
}

// Written returns where the tokens of a text that is written are in its encoding of n tokens,
// from the begin token to the last before the end: [lo, hi).
func (t *Tokenizer) Written(n int) (lo, hi int) { return len(t.before) - 1, n - len(t.after) }

// Encode splits text and numbers its tokens.
func (t *Tokenizer) Encode(text string) Encoding {
	e, _ := t.EncodeParts(Part{Text: text})
	return e
}

// EncodeWords encodes text that is already split into words. A word may give
// several tokens; the Span of a token is the range of words it comes from, so
// spans and TokensOf count words here instead of characters. Where tokens have
// the space before a word, as in BPE, all words but the first are read with one.
func (t *Tokenizer) EncodeWords(words []string) Encoding {
	e, _ := t.EncodeParts(Part{Words: words})
	return e
}

func (t *Tokenizer) numberWords(e Encoding, words []string) Encoding {
	for i, word := range words {
		if i > 0 && t.pieces != nil && t.pieces.Spaced() {
			word = " " + word
		}
		first := len(e.Spans)
		e = t.number(e, word)
		for j := first; j < len(e.Spans); j++ {
			e.Spans[j] = Span{i, i + 1}
		}
	}
	return e
}

func (t *Tokenizer) number(e Encoding, text string) Encoding {
	if t.pieces != nil {
		for _, token := range t.pieces.Encode(text) {
			e.IDs = append(e.IDs, token.ID)
			e.Spans = append(e.Spans, Span{token.Start, token.End})
		}
		return e
	}
	for _, p := range split(t.options.Kind, t.options.Lowercase, text) {
		e.IDs = append(e.IDs, t.ID(p.text))
		e.Spans = append(e.Spans, p.span)
	}
	return e
}

// A Part is one of several texts that are encoded as one: Words if not nil, else Text.
type Part struct {
	Text  string
	Words []string
}

// EncodeParts encodes several texts as one, with a separator between each two, which the
// tokenizer must have. Of says whose token each is, by position among the parts; -1: it is a
// special one. A span is one of the part's own characters, or words.
func (t *Tokenizer) EncodeParts(parts ...Part) (e Encoding, of []int) {
	special := func(ids []int32) {
		for _, id := range ids {
			e.IDs, e.Spans = append(e.IDs, id), append(e.Spans, Span{-1, -1})
			of = append(of, -1)
		}
	}
	special(t.before)
	for i, p := range parts {
		if i > 0 {
			special(t.between)
		}
		if p.Words != nil {
			e = t.numberWords(e, p.Words)
		} else {
			e = t.number(e, p.Text)
		}
		for len(of) < len(e.IDs) {
			of = append(of, i)
		}
	}
	special(t.after)
	return e, of
}

// Decode writes ids as text: words with a space between each two, characters, bytes
// and BPE as they follow, WordPiece with a space before every token that begins a word,
// those of a file as it says. Special tokens are left out, but an unknown token is
// written U+FFFD. An id outside the vocabulary is an error.
func (t *Tokenizer) Decode(ids []int32) (string, error) {
	var tokens []string
	for i, id := range ids {
		switch {
		case id < 0 || int(id) >= len(t.tokens):
			return "", fmt.Errorf("token %d has id %d, outside the vocabulary of %d", i, id,
				len(t.tokens))
		case id == t.unknown:
			tokens = append(tokens, "\uFFFD")
		case !t.special[id]:
			tokens = append(tokens, t.tokens[id])
		}
	}
	switch {
	case t.pieces != nil:
		return t.pieces.Join(tokens), nil
	case t.options.Kind == Words:
		return strings.Join(tokens, " "), nil
	}
	return strings.Join(tokens, ""), nil
}
