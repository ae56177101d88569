package text

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"quickstudy/framework/text/subword"
)

// subword reports whether tokens are parts of words.
func (o Options) subword() bool { return o.Kind == BPE || o.Kind == WordPiece }

func (o Options) training() subword.Training {
	return subword.Training{Specials: o.specials(), Size: o.Size, MinCount: o.MinCount,
		Lowercase: o.Lowercase}
}

// learn makes the vocabulary of parts of words.
func (o Options) learn(texts iter.Seq[string]) (subword.Vocabulary, error) {
	if o.Kind == BPE {
		return subword.TrainBPE(o.training(), texts)
	}
	return subword.TrainWordPiece(o.training(), texts)
}

// assemble makes the tokenizer of parts of words.
func assemble(o Options, v subword.Vocabulary) (*Tokenizer, error) {
	pieces, err := subword.BPE(v, o.training())
	if o.Kind == WordPiece {
		pieces, err = subword.WordPiece(v, o.training(), UnknownID)
	}
	if err != nil {
		return nil, err
	}
	t := build(o, v.Tokens)
	t.merges, t.pieces = v.Merges, pieces
	return t, nil
}

// FromFile makes the tokenizer of a tokenizer.json, as subword.Read reads it. Its ids stay what
// they are. What its post-processor puts before, between and after texts stands for the class and
// begin, separator and end tokens; of those that the options ask for and it lacks, one of the
// file's of that name is taken, "[class]" for one, or else one is added behind its last id. Size,
// MinCount and Lowercase are none of a file's.
func FromFile(definition []byte, options Options) (*Tokenizer, error) {
	if options.Kind != File || options.Size != 0 || options.MinCount != 0 || options.Lowercase {
		return nil, fmt.Errorf("a tokenizer of a file has kind %q, and neither size, min_count nor "+
			"lowercase", File)
	}
	if len(definition) > MaxDefinitionBytes {
		return nil, fmt.Errorf("the file is longer than %d bytes", MaxDefinitionBytes)
	}
	pieces, err := subword.Read(definition)
	if err != nil {
		return nil, err
	}
	template := pieces.Template()
	t := &Tokenizer{options: options, ids: make(map[string]int32, pieces.Size()),
		special: map[int32]bool{}, unknown: -1, pieces: pieces, definition: definition,
		before: template.Before, between: template.Between, after: template.After}
	if id, ok := pieces.Unknown(); ok {
		t.unknown = id
	}
	for id := range int32(pieces.Size()) {
		t.tokens = append(t.tokens, pieces.Token(id))
		t.ids[pieces.Token(id)] = id
		t.special[id] = pieces.Special(id)
	}
	for _, lacking := range []struct {
		is    bool
		token string
		among *[]int32
	}{
		{options.Class && len(template.Before) == 0, classToken, &t.before},
		{options.Ends && len(template.Before) == 0, beginToken, &t.before},
		{options.Ends && len(template.After) == 0, endToken, &t.after},
		{options.Separator && len(template.Between) == 0, betweenToken, &t.between},
	} {
		if lacking.is {
			*lacking.among = append(slices.Clone(*lacking.among), t.reserve(lacking.token))
		}
	}
	if s := t.between; options.Separator && (len(s) != 1 || slices.Contains(t.before, s[0])) {
		return nil, fmt.Errorf("post_processor: between two texts it puts the tokens %q; one is needed "+
			"that is not put before a text, so that it tells texts apart", t.named(s))
	}
	return t, nil
}

// named returns how tokens are written.
func (t *Tokenizer) named(ids []int32) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = t.tokens[id]
	}
	return names
}

// reserve returns the id of a special token, which is added unless the file has it.
func (t *Tokenizer) reserve(token string) int32 {
	id, ok := t.ids[token]
	if !ok {
		id = int32(len(t.tokens))
		t.tokens, t.ids[token] = append(t.tokens, token), id
	}
	t.special[id] = true
	return id
}

// digest tells one definition from another, however it is laid out.
func (t *Tokenizer) digest() string {
	if t.definition == nil {
		return ""
	}
	var value any // with its members in order
	if err := json.Unmarshal(t.definition, &value); err != nil {
		return err.Error()
	}
	ordered, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%.16x", sha256.Sum256(ordered))
}
