package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"quickstudy/framework/text/subword"
)

// maxFileBytes is the length of the longest file that Save wrote.
const maxFileBytes = 256 << 20

// MaxDefinitionBytes is the length of the longest tokenizer.json.
const MaxDefinitionBytes = 64 << 20

const maxTokens = 1 << 22

// file is a tokenizer as JSON. Tokens are those after the special ones, which
// follow from the options; a tokenizer of bytes has none, nor has one of a file,
// whose tokenizer.json is the definition.
type file struct {
	Kind       Kind            `json:"kind"`
	Size       int             `json:"size"`
	MinCount   int             `json:"min_count"`
	Lowercase  bool            `json:"lowercase"`
	Class      bool            `json:"class_token"`
	Ends       bool            `json:"end_tokens"`
	Separator  bool            `json:"separator_token,omitempty"`
	Tokens     []string        `json:"tokens"`
	Merges     [][]string      `json:"merges,omitempty"`
	Definition json.RawMessage `json:"definition,omitempty"`
}

// Save writes the tokenizer as JSON, the same bytes for the same tokenizer.
func (t *Tokenizer) Save(w io.Writer) error {
	o := t.options
	f := file{o.Kind, o.Size, o.MinCount, o.Lowercase, o.Class, o.Ends, o.Separator,
		[]string{}, nil, t.definition}
	for _, m := range t.merges {
		f.Merges = append(f.Merges, m[:])
	}
	if o.Kind != Bytes && o.Kind != File {
		f.Tokens = t.tokens[len(o.specials()):]
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if f.Definition == nil { // which may be long
		encoder.SetIndent("", " ")
	}
	return encoder.Encode(f)
}

// Load reads a tokenizer that Save wrote. Unknown members, tokens that occur
// twice, and tokens that the tokenizer could never make are errors.
func Load(r io.Reader) (*Tokenizer, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	if len(data) > maxFileBytes {
		return nil, fmt.Errorf("tokenizer: file is longer than %d bytes", maxFileBytes)
	}
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("tokenizer: file is not valid UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var f file
	if err := decoder.Decode(&f); err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("tokenizer: file goes on after its JSON object")
	}
	options := Options{
		Kind:      f.Kind,
		Size:      f.Size,
		MinCount:  f.MinCount,
		Lowercase: f.Lowercase,
		Class:     f.Class,
		Ends:      f.Ends,
		Separator: f.Separator,
	}
	if options.Kind == File {
		if len(f.Tokens) > 0 || len(f.Merges) > 0 {
			return nil, fmt.Errorf("tokenizer: %d tokens and %d merges beside a definition, want none",
				len(f.Tokens), len(f.Merges))
		}
		t, err := FromFile(f.Definition, options)
		if err != nil {
			return nil, fmt.Errorf("tokenizer: definition: %w", err)
		}
		return t, nil
	}
	if err := options.verify(); err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	if len(f.Definition) > 0 {
		return nil, fmt.Errorf("tokenizer: a definition in a tokenizer of %s, want none", options.Kind)
	}
	if options.Kind == Bytes {
		if len(f.Tokens) > 0 {
			return nil, fmt.Errorf("tokenizer: %d tokens in a tokenizer of bytes, want none",
				len(f.Tokens))
		}
		return Train(options, nil)
	}
	tokens := append(options.specials(), f.Tokens...)
	if len(tokens) > maxTokens || options.Size > 0 && len(tokens) > options.Size {
		return nil, fmt.Errorf("tokenizer: %d tokens, want at most %d and at most its size %d",
			len(tokens), maxTokens, options.Size)
	}
	if len(f.Merges) > 0 && options.Kind != BPE {
		return nil, fmt.Errorf("tokenizer: %d merges in a tokenizer of %s, want none", len(f.Merges),
			options.Kind)
	}
	if options.subword() {
		vocabulary := subword.Vocabulary{Tokens: tokens}
		for i, m := range f.Merges {
			if len(m) != 2 {
				return nil, fmt.Errorf("tokenizer: merge %d has %d parts, want 2", i, len(m))
			}
			vocabulary.Merges = append(vocabulary.Merges, [2]string(m))
		}
		t, err := assemble(options, vocabulary)
		if err != nil {
			return nil, fmt.Errorf("tokenizer: %w", err)
		}
		return t, nil
	}
	t := build(options, tokens)
	if len(t.ids) != len(f.Tokens) {
		return nil, fmt.Errorf("tokenizer: %d of the %d tokens occur twice",
			len(f.Tokens)-len(t.ids), len(f.Tokens))
	}
	for i, token := range f.Tokens {
		made := split(options.Kind, options.Lowercase, token)
		if len(made) != 1 || made[0].text != token {
			return nil, fmt.Errorf("tokenizer: token %d, %q, is not one token of kind %q", i, token,
				options.Kind)
		}
	}
	return t, nil
}
