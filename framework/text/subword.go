package text

import (
	"iter"

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
