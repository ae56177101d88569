package backbone

import (
	"math"

	"quickstudy/framework/graph"
)

// input is a kind of input. Another kind is another implementation, with a field
// of its own in Config and in Inputs.
type input interface {
	sizes() []size                            // of its part of the configuration
	maxLength() int                           // the largest T
	position() (graph.DType, []int)           // type of the values at one position
	of(in Inputs) *graph.Node                 // its values, nil if they are missing
	leaves(l *listing)                        // adds the parameters of embed
	embed(p *pass, x *graph.Node) *graph.Node // [B, T, ...] → [B, T, D]
}

func (c Config) input() input {
	if c.Tokens != nil {
		return c.Tokens
	}
	return c.Numeric
}

// Embedding returns the address of the table [V, D] that token ids look up, and V; ""
// and 0 if the input is not of tokens.
func (t *Transformer) Embedding() (address string, rows int) {
	if t.config.Tokens == nil {
		return "", 0
	}
	return tokenTable, t.config.Tokens.Vocabulary
}

const tokenTable = "backbone/embed/tokens"

// Tokens describes an input of token ids, which look up rows of a table.
type Tokens struct{ Vocabulary, MaxLength int }

func (k *Tokens) sizes() []size {
	return []size{{"vocabulary", k.Vocabulary}, {"max_length", k.MaxLength}}
}

func (k *Tokens) maxLength() int                 { return k.MaxLength }
func (k *Tokens) position() (graph.DType, []int) { return graph.Int32, nil }
func (k *Tokens) of(in Inputs) *graph.Node       { return in.Tokens }

func (k *Tokens) leaves(l *listing) { l.embedding(tokenTable, k.Vocabulary, l.config.Width) }

// embed looks rows up. Beside sinusoids, whose norm is √(D/2), they are multiplied by
// √D, since theirs is about 1. Vaswani et al. 2017, section 3.4.
func (k *Tokens) embed(p *pass, x *graph.Node) *graph.Node {
	y := graph.Gather(p.leaves[tokenTable], x) // [B, T, D]
	if p.config.Positions == "sinusoidal" {
		y = graph.Mul(y, graph.Scalar(y.DType(), math.Sqrt(float64(p.config.Width))))
	}
	return y
}

// Numeric describes an input of real vectors, which are mapped linearly.
type Numeric struct{ Features, MaxLength int }

func (k *Numeric) sizes() []size {
	return []size{{"features", k.Features}, {"max_length", k.MaxLength}}
}

func (k *Numeric) maxLength() int                 { return k.MaxLength }
func (k *Numeric) position() (graph.DType, []int) { return graph.Float32, []int{k.Features} }
func (k *Numeric) of(in Inputs) *graph.Node       { return in.Numeric }

func (k *Numeric) leaves(l *listing) {
	l.linear("backbone/embed/numeric", k.Features, l.config.Width)
}

func (k *Numeric) embed(p *pass, x *graph.Node) *graph.Node {
	return p.linear(x, "backbone/embed/numeric") // [B, T, D]
}
