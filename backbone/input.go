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
	table(alone bool) string                  // address of learned positions below embed/
}

// inputs lists the kinds of input that can be read. A stack that looks at another's result
// reads the first.
func (c Config) inputs() []input {
	var all []input
	if c.Tokens != nil {
		all = append(all, c.Tokens)
	}
	if c.Numeric != nil {
		all = append(all, c.Numeric)
	}
	if c.Image != nil {
		all = append(all, c.Image)
	}
	return all
}

// given returns the kind of input that a batch has; nil: none, or more than one.
func (c Config) given(in Inputs) input {
	var kind input
	for _, k := range c.inputs() {
		if k.of(in) == nil {
			continue
		}
		if kind != nil {
			return nil
		}
		kind = k
	}
	return kind
}

// maxLength is the largest T of any input.
func (c Config) maxLength() int {
	most := 0
	for _, k := range c.inputs() {
		most = max(most, k.maxLength())
	}
	return most
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

const segmentTable = "backbone/embed/segments"

// Tokens describes an input of token ids, which look up rows of a table.
type Tokens struct {
	Vocabulary, MaxLength int
	// Segments S is how many texts an input may be made of, with the token Separator after
	// each but the last. In what is encoded, a token has the embedding of its text's number,
	// too; fewer than 2: none. Devlin et al. 2019, https://arxiv.org/abs/1810.04805, section 3.
	Segments  int
	Separator int32
}

func (k *Tokens) sizes() []size {
	return []size{{"vocabulary", k.Vocabulary}, {"max_length", k.MaxLength}}
}

// segments are the embeddings of the texts' numbers, [B, T, D]. A separator belongs to the
// text before it, and what there is beyond S texts to the last.
func (k *Tokens) segments(p *pass, tokens *graph.Node) *graph.Node {
	is := graph.Convert(graph.Eq(tokens, graph.ConstLike(tokens, float64(k.Separator))), p.dtype)
	before := graph.Sub(graph.CumSum(is, 1, false), is) // [B, T]
	last := graph.ConstLike(before, float64(k.Segments-1))
	number := graph.Convert(graph.Select(graph.Gt(before, last), last, before), graph.Int32)
	return graph.Gather(p.leaves[segmentTable], number)
}

func (k *Tokens) maxLength() int                 { return k.MaxLength }
func (k *Tokens) position() (graph.DType, []int) { return graph.Int32, nil }
func (k *Tokens) of(in Inputs) *graph.Node       { return in.Tokens }
func (k *Tokens) table(bool) string              { return "positions" }

func (k *Tokens) leaves(l *listing) {
	l.embedding(tokenTable, k.Vocabulary, l.config.Width)
	if k.Segments > 1 {
		l.embedding(segmentTable, k.Segments, l.config.Width)
	}
}

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

func (k *Numeric) table(alone bool) string {
	if alone {
		return "positions"
	}
	return "numeric/positions"
}

func (k *Numeric) leaves(l *listing) {
	l.linear("backbone/embed/numeric", k.Features, l.config.Width)
}

func (k *Numeric) embed(p *pass, x *graph.Node) *graph.Node {
	return p.linear(x, "backbone/embed/numeric") // [B, T, D]
}

const (
	imageAt = "backbone/embed/image"
	classAt = imageAt + "/class"
)

// Image describes an input of images of one size, cut into square patches, which are mapped
// linearly. Position 0 is not one of them but a class token, which is learned.
// Dosovitskiy et al. 2021, https://arxiv.org/abs/2010.11929, equation 1.
type Image struct{ Height, Width, Channels, Patch int }

// Patches is the number of patches, which are counted row by row.
func (k *Image) Patches() int { return k.Height / k.Patch * (k.Width / k.Patch) }

// Features is the numbers of a patch: its pixels row by row, the channels of each together.
func (k *Image) Features() int { return k.Patch * k.Patch * k.Channels }

func (k *Image) sizes() []size {
	return []size{{"height", k.Height}, {"width of images", k.Width}, {"channels", k.Channels},
		{"patch", k.Patch}}
}

func (k *Image) maxLength() int                 { return 1 + k.Patches() }
func (k *Image) position() (graph.DType, []int) { return graph.Float32, []int{k.Features()} }
func (k *Image) of(in Inputs) *graph.Node       { return in.Image }
func (k *Image) table(bool) string              { return "image/positions" }

func (k *Image) leaves(l *listing) {
	l.embedding(classAt, 1, l.config.Width)
	l.linear(imageAt, k.Features(), l.config.Width)
}

// embed puts the class token where the input has a position without pixels.
func (k *Image) embed(p *pass, x *graph.Node) *graph.Node {
	b, t := x.Shape()[0], x.Shape()[1]
	patches := p.linear(graph.Slice(x, 1, 1, t), imageAt) // [B, T-1, D]
	class := graph.Broadcast(graph.Reshape(p.leaves[classAt], 1, 1, -1), b, 1, p.config.Width)
	return graph.Concat(1, class, patches)
}
