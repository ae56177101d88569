package backbone

import (
	"math"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// Leaves lists the parameters, from input to output. Weights start
// Glorot-uniform, biases at 0, scales at 1, embeddings normal with deviation 1/√D,
// so that a row has a squared norm of about 1.
func (t *Transformer) Leaves() []nn.Leaf {
	c := t.config
	l := &listing{config: c, layer: -1}
	c.input().leaves(l)
	for _, s := range c.stacks() {
		l.stack(s)
	}
	return l.leaves
}

// stack adds the parameters of a stack.
func (l *listing) stack(s stack) {
	c := l.config
	switch c.Positions {
	case "learned":
		l.embedding(s.at+"/embed/positions", c.input().maxLength(), c.Width)
	case "relative":
		l.embedding(s.at+"/embed/relative", nn.RelativeBuckets, c.Heads)
	}
	for i := range c.Layers {
		l.layer = s.first + i
		at := s.layer(i)
		norm, crossNorm, mlpNorm := s.norms(at)
		l.norm(norm)
		l.attention(at + "/attention")
		if s.cross {
			l.norm(crossNorm)
			l.attention(at + "/cross")
		}
		l.norm(mlpNorm)
		l.mlp(at + "/mlp")
	}
	l.layer = -1
	if c.NormOrder == "pre" {
		l.norm(s.at + "/norm")
	}
}

func (l *listing) attention(at string) {
	for _, part := range []string{"q", "k", "v", "out"} {
		l.linear(at+"/"+part, l.config.Width, l.config.Width)
	}
}

func (l *listing) mlp(at string) {
	if l.config.Activation == "swiglu" {
		l.linear(at+"/gate", l.config.Width, l.config.MLP)
	}
	l.linear(at+"/in", l.config.Width, l.config.MLP)
	l.linear(at+"/out", l.config.MLP, l.config.Width)
}

// listing collects leaves; layer is the layer they belong to, -1 for none.
type listing struct {
	config Config
	layer  int
	leaves []nn.Leaf
}

func (l *listing) add(address, role string, init nn.Init, shape ...int) {
	l.leaves = append(l.leaves, nn.Leaf{
		Address: address, Shape: graph.Shape(shape), Init: init, Role: role, Layer: l.layer,
	})
}

func (l *listing) linear(address string, in, out int) {
	l.add(address+"/w", "weight", nn.Init{Kind: nn.GlorotUniform, Scale: 1}, in, out)
	l.add(address+"/b", "bias", nn.Init{}, out)
}

func (l *listing) norm(address string) {
	l.add(address+"/scale", "norm", nn.Init{Kind: nn.Ones}, l.config.Width)
	if l.config.Norm == "layernorm" {
		l.add(address+"/bias", "norm", nn.Init{}, l.config.Width)
	}
}

func (l *listing) embedding(address string, rows, width int) {
	deviation := 1 / math.Sqrt(float64(l.config.Width))
	l.add(address, "embedding", nn.Init{Kind: nn.Normal, Scale: deviation}, rows, width)
}
