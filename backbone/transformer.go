package backbone

import (
	"fmt"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// Transformer is an encoder with the norm before each part (pre-LN).
// Vaswani et al. 2017, https://arxiv.org/abs/1706.03762; the order of norms is
// that of Xiong et al. 2020, https://arxiv.org/abs/2002.04745, figure 1b.
type Transformer struct{ config Config }

// New returns the Transformer of a configuration, or what Check says of it.
func New(config Config) (*Transformer, error) {
	if err := config.Check(); err != nil {
		return nil, err
	}
	return &Transformer{config}, nil
}

// Inputs are a batch: Tokens Int32 [B, T] or Numeric [B, T, F], and Mask [B, T]
// (1 real, 0 padding). T may be shorter than the longest length.
type Inputs struct{ Tokens, Numeric, Mask *graph.Node }

// Encoded is what heads read: Hidden [B, T, D] after the final norm, Mask [B, T],
// Pooled [B, D].
type Encoded struct{ Hidden, Mask, Pooled *graph.Node }

// Encode traces one pass. leaf returns the parameter at an address; key (Int32
// [2]) is needed only for dropout, which is on in training alone.
func (t *Transformer) Encode(
	leaf func(address string) *graph.Node, in Inputs, key *graph.Node, train bool,
) Encoded {
	t.check(in)
	p := &pass{config: t.config, leaf: leaf, mask: in.Mask, key: key}
	if train {
		p.rate = t.config.Dropout
	}
	x := p.dropout(p.embed(in)) // [B, T, D]
	for i := range t.config.Layers {
		x = p.layer(x, fmt.Sprintf("backbone/layers/%d", i))
	}
	x = p.norm(x, "backbone/norm")
	return Encoded{Hidden: x, Mask: in.Mask, Pooled: p.pool(x)}
}

func (t *Transformer) check(in Inputs) {
	x, want := in.Tokens, "i32 [B, T] tokens"
	if t.config.Numeric != nil {
		x, want = in.Numeric, fmt.Sprintf("[B, T, %d] numbers", t.config.Numeric.Features)
	}
	if x == nil || in.Mask == nil {
		graph.Failf("encode", "an input is missing: want %s and a mask [B, T]", want)
	}
	s, m := x.Shape(), in.Mask.Shape()
	if len(m) != 2 || len(s) < 2 || !s[:2].Equal(m) || len(s) != 2 && t.config.Tokens != nil {
		graph.Failf("encode", "input %v with mask %v: want %s and a mask [B, T]", s, m, want)
	}
	if s[1] > t.config.maxLength() {
		graph.Failf("encode", "length %d, want at most max_length %d", s[1], t.config.maxLength())
	}
}

// pass is one encoding while it is traced.
type pass struct {
	config Config
	leaf   func(address string) *graph.Node
	mask   *graph.Node // [B, T]
	key    *graph.Node
	rate   float64
	draws  int // dropout masks drawn so far; each has a key of its own
}

func (p *pass) dropout(x *graph.Node) *graph.Node {
	if p.rate == 0 {
		return x
	}
	if p.key == nil {
		graph.Failf("encode", "no key for dropout %v: pass an i32 [2] key", p.rate)
	}
	key := graph.FoldKey(p.key, graph.Scalar(graph.Int32, float64(p.draws)))
	p.draws++
	return nn.Dropout(x, p.rate, key)
}

func (p *pass) linear(x *graph.Node, address string) *graph.Node {
	return nn.Linear(x, p.leaf(address+"/w"), p.leaf(address+"/b"))
}

func (p *pass) norm(x *graph.Node, address string) *graph.Node {
	return nn.LayerNorm(x, p.leaf(address+"/scale"), p.leaf(address+"/bias"))
}
