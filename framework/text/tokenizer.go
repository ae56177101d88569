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
)

var kinds = []Kind{Words, Characters, Bytes, BPE, WordPiece}

// Ids that every vocabulary begins with.
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
	tokens  []string           // by id; specials first
	ids     map[string]int32   // of ordinary tokens
	merges  [][2]string        // of BPE
	pieces  *subword.Tokenizer // cuts the text of BPE and WordPiece; else nil
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
	if !slices.Contains(kinds, o.Kind) {
		return fmt.Errorf("tokenizer kind %q, want one of %q", o.Kind, kinds)
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
	specials := len(options.specials())
	t := &Tokenizer{options: options, tokens: tokens, ids: make(map[string]int32, len(tokens))}
	for i, token := range tokens[specials:] {
		t.ids[token] = int32(specials + i)
	}
	return t
}

// Options returns what the tokenizer was trained with.
func (t *Tokenizer) Options() Options { return t.options }

// Size is the number of ids, special tokens included: the rows an embedding needs.
func (t *Tokenizer) Size() int { return len(t.tokens) }

// Token returns the text of an id; special tokens are in square brackets.
func (t *Tokenizer) Token(id int32) string { return t.tokens[id] }

// ID returns the id of a token as split by the tokenizer, UnknownID if it is
// not in the vocabulary.
func (t *Tokenizer) ID(token string) int32 {
	if id, ok := t.ids[token]; ok {
		return id
	}
	return UnknownID
}

// ClassID returns the id of the class token, if the tokenizer has one.
func (t *Tokenizer) ClassID() (id int32, ok bool) { return t.special(classToken) }

// EndIDs returns the ids of the begin and end tokens, if the tokenizer has them.
func (t *Tokenizer) EndIDs() (begin, end int32, ok bool) {
	begin, ok = t.special(beginToken)
	end, _ = t.special(endToken)
	return begin, end, ok
}

// SeparatorID returns the id of the token between texts, if the tokenizer has one.
func (t *Tokenizer) SeparatorID() (id int32, ok bool) { return t.special(betweenToken) }

func (t *Tokenizer) special(token string) (int32, bool) {
	i := slices.Index(t.options.specials(), token)
	return int32(max(i, 0)), i >= 0
}

// Encode splits text and numbers its tokens.
func (t *Tokenizer) Encode(text string) Encoding {
	return t.enclose(t.number(Encoding{}, text))
}

// EncodeWords encodes text that is already split into words. A word may give
// several tokens; the Span of a token is the range of words it comes from, so
// spans and TokensOf count words here instead of characters. BPE, whose tokens
// have the spaces of a text, reads all but the first word behind one.
func (t *Tokenizer) EncodeWords(words []string) Encoding {
	return t.enclose(t.numberWords(Encoding{}, words))
}

func (t *Tokenizer) numberWords(e Encoding, words []string) Encoding {
	for i, word := range words {
		if i > 0 && t.options.Kind == BPE {
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

// EncodeParts encodes several texts as one, with a separator token between each two, which
// the tokenizer must have. Of says whose token each is, by position among the parts; -1: it
// is a special one. A span is one of the part's own characters, or words.
func (t *Tokenizer) EncodeParts(parts ...Part) (e Encoding, of []int) {
	separator, _ := t.SeparatorID()
	for i, p := range parts {
		if i > 0 {
			e.IDs, e.Spans = append(e.IDs, separator), append(e.Spans, Span{-1, -1})
			of = append(of, -1)
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
	before := 0
	if _, ok := t.ClassID(); ok {
		before++
	}
	e = t.enclose(e)
	if _, _, ok := t.EndIDs(); ok {
		before++
		of = append(of, -1)
	}
	for range before {
		of = append([]int{-1}, of...)
	}
	return e, of
}

// enclose adds the class, begin and end tokens that the options ask for.
func (t *Tokenizer) enclose(e Encoding) Encoding {
	nowhere := Span{-1, -1}
	if begin, end, ok := t.EndIDs(); ok {
		e.IDs = append(append([]int32{begin}, e.IDs...), end)
		e.Spans = append(append([]Span{nowhere}, e.Spans...), nowhere)
	}
	if class, ok := t.ClassID(); ok {
		e.IDs = append([]int32{class}, e.IDs...)
		e.Spans = append([]Span{nowhere}, e.Spans...)
	}
	return e
}

// Decode writes ids as text: words with a space between each two, characters, bytes
// and BPE as they follow, WordPiece with a space before every token that begins a word.
// Special tokens are left out, but an unknown token is written U+FFFD. An id outside
// the vocabulary is an error.
func (t *Tokenizer) Decode(ids []int32) (string, error) {
	specials := int32(len(t.options.specials()))
	var tokens []string
	for i, id := range ids {
		switch {
		case id < 0 || int(id) >= len(t.tokens):
			return "", fmt.Errorf("token %d has id %d, outside the vocabulary of %d", i, id,
				len(t.tokens))
		case id == UnknownID:
			tokens = append(tokens, "\uFFFD")
		case id >= specials:
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
