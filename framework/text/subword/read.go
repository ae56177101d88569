package subword

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Limits on a tokenizer.json, which may come from anywhere.
const (
	maxTokens = 1 << 22
	maxSteps  = 64 // of normalizers, of splitters, of decoders
	maxDepth  = 8  // of sequences in sequences
	maxRegexp = 4096
)

// definition is a tokenizer.json, as far as all of them are alike.
type definition struct {
	Version       string          `json:"version"`
	Truncation    json.RawMessage `json:"truncation"`
	Padding       json.RawMessage `json:"padding"`
	AddedTokens   []addedToken    `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Decoder       json.RawMessage `json:"decoder"`
	Model         json.RawMessage `json:"model"`
}

type addedToken struct {
	ID         int64  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// Read reads a tokenizer.json of Hugging Face's library tokenizers. What it says and this
// package does not do is an error, never left out: an encoding is that of the library, but for
// truncation and padding, which a file must not ask for. See docs/design/0011-subwords.md.
func Read(data []byte) (*Tokenizer, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("the file is not valid UTF-8")
	}
	if err := checkMembers(data); err != nil {
		return nil, err
	}
	var d definition
	if err := strictly(data, &d, ""); err != nil {
		return nil, err
	}
	if d.Version != "1.0" {
		return nil, fmt.Errorf("version: it is %q, want \"1.0\"", d.Version)
	}
	if err := d.checkLengths(); err != nil {
		return nil, err
	}
	r := &reader{t: &Tokenizer{unknown: -1, special: map[int32]bool{}}}
	vocabulary, err := r.model(d.Model)
	if err != nil {
		return nil, err
	}
	for _, part := range []struct {
		raw  json.RawMessage
		at   string
		read func(json.RawMessage, string, int) error
	}{
		{d.Normalizer, "normalizer", r.normalizer},
		{d.PreTokenizer, "pre_tokenizer", r.preTokenizer},
		{d.Decoder, "decoder", r.decoder},
	} {
		if absent(part.raw) {
			continue
		}
		if err := part.read(part.raw, part.at, 0); err != nil {
			return nil, err
		}
	}
	if n := max(len(r.t.normalizers), len(r.t.splitters), len(r.t.decoders)); n > maxSteps {
		return nil, fmt.Errorf("a sequence of %d steps, want at most %d", n, maxSteps)
	}
	if err := r.addTokens(d.AddedTokens, vocabulary); err != nil {
		return nil, err
	}
	if !absent(d.PostProcessor) {
		if err := r.postProcessor(d.PostProcessor, "post_processor", 0); err != nil {
			return nil, err
		}
	}
	r.t.spaced = r.bytewise && !r.prefixing
	return r.t, nil
}

// reader builds a tokenizer from its definition.
type reader struct {
	t         *Tokenizer
	enclosed  bool // a template was read
	prefixing bool // something puts a space or its symbol before a text
	bytewise  bool // words are in symbols of bytes
}

// checkLengths refuses what would change the number of tokens of a text.
func (d *definition) checkLengths() error {
	if !absent(d.Truncation) {
		return fmt.Errorf("truncation: the file cuts texts; set it to null, the experiment's input " +
			"has max_length and truncate")
	}
	if absent(d.Padding) {
		return nil
	}
	var padding struct {
		Strategy json.RawMessage `json:"strategy"`
	}
	if err := json.Unmarshal(d.Padding, &padding); err != nil {
		return fmt.Errorf("padding: %w", err)
	}
	if string(padding.Strategy) != `"BatchLongest"` {
		return fmt.Errorf("padding: the file pads every text, by strategy %s; set it to null, padding "+
			"is the framework's", padding.Strategy)
	}
	return nil // a batch's padding is masked, whatever its ids
}

// addTokens adds the tokens that stand beside the model's vocabulary, whose ids follow on its.
func (r *reader) addTokens(tokens []addedToken, vocabulary map[string]int32) error {
	known := map[int64]bool{}
	inOrder := slices.SortedStableFunc(slices.Values(tokens), func(a, b addedToken) int {
		return cmp.Compare(a.ID, b.ID)
	})
	for _, token := range inOrder {
		at := fmt.Sprintf("added_tokens: token %q", token.Content)
		if token.Content == "" {
			return fmt.Errorf("added_tokens: the token of id %d is empty", token.ID)
		}
		if known[token.ID] {
			return fmt.Errorf("%s: its id %d is that of another", at, token.ID)
		}
		known[token.ID] = true
		id, ok := vocabulary[token.Content]
		switch {
		case ok && int64(id) != token.ID:
			return fmt.Errorf("%s: its id is %d, and %d in the model's vocabulary", at, token.ID, id)
		case !ok && token.ID != int64(len(r.t.tokens)):
			return fmt.Errorf("%s: its id is %d, want %d, the first that is free: ids have no holes",
				at, token.ID, len(r.t.tokens))
		case !ok:
			r.t.tokens = append(r.t.tokens, token.Content)
			id = int32(token.ID)
			vocabulary[token.Content] = id
		}
		if token.Special {
			r.t.special[id] = true
		}
		content, set := original(token.Content), 0
		if token.Normalized {
			for _, normalize := range r.t.normalizers {
				content = normalize(content)
			}
			if set = 1; len(content.runes) == 0 {
				continue // nothing is left of it that a text could have
			}
		}
		if r.t.found[set] == nil {
			r.t.found[set] = &addedSet{}
		}
		r.t.found[set].add(content.runes, added{id: id, singleWord: token.SingleWord,
			left: token.LStrip, right: token.RStrip})
	}
	if len(r.t.tokens) > maxTokens {
		return fmt.Errorf("%d tokens, want at most %d", len(r.t.tokens), maxTokens)
	}
	return nil
}
