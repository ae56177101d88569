package backbone

import (
	"math"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// Leaves lists the parameters, from input to output. Weights start
// Glorot-uniform, biases at 0, scales at 1, embeddings normal with deviation 1/√D,
// so that a row has a squared norm of about 1. What adapters add to is theirs next.
func (t *Transformer) Leaves() []nn.Leaf { return t.list().leaves }

func (t *Transformer) list() *listing {
	c := t.config
	l := &listing{config: c, task: t.task, layer: -1, adapted: map[string][]place{},
		matched: make([]bool, len(c.Adapters)), places: map[string][]string{}}
	for _, k := range c.inputs() {
		k.leaves(l)
	}
	for _, s := range c.stacks() {
		l.stack(s)
	}
	l.experts()
	return l
}

// stack adds the parameters of a stack.
func (l *listing) stack(s stack) {
	c := l.config
	switch c.Positions {
	case "learned":
		for i, k := range c.inputs() {
			if i == 0 || !s.cross {
				l.embedding(s.at+"/embed/"+k.table(i == 0), k.maxLength(), c.Width)
			}
		}
	case "relative":
		l.embedding(s.at+"/embed/relative", nn.RelativeBuckets, c.Heads)
	}
	for i := range c.Layers {
		l.layer = s.first + i
		if c.plain() {
			if i > 0 { // the first is the embedding
				l.linear(s.layer(i), c.Width, c.Width)
			}
			continue
		}
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
	if c.NormOrder == "pre" && !c.plain() {
		l.norm(s.at + "/norm")
	}
}

func (l *listing) attention(at string) {
	for _, part := range []string{"q", "k", "v", "out"} {
		l.linear(at+"/"+part, l.config.Width, l.config.Width)
	}
	l.bottleneck(at)
}

func (l *listing) mlp(at string) {
	if l.config.Activation == "swiglu" {
		l.linear(at+"/gate", l.config.Width, l.config.MLP)
	}
	l.linear(at+"/in", l.config.Width, l.config.MLP)
	l.linear(at+"/out", l.config.MLP, l.config.Width)
	l.bottleneck(at)
}

// listing collects leaves; layer is the layer they belong to, -1 for none, owner the
// task, empty for all.
type listing struct {
	config  Config
	task    string
	layer   int
	owner   string
	leaves  []nn.Leaf
	adapted map[string][]place  // by address
	matched []bool              // by adapter: it adapts something
	places  map[string][]string // what a kind of adapter can adapt
}

func (l *listing) add(address, role string, init nn.Init, shape ...int) {
	l.leaves = append(l.leaves, nn.Leaf{
		Address: address, Shape: graph.Shape(shape), Init: init, Role: role, Layer: l.layer,
		Task: l.owner,
	})
}

func (l *listing) linear(address string, in, out int) {
	l.add(address+"/w", "weight", nn.Init{Kind: nn.GlorotUniform, Scale: 1}, in, out)
	l.add(address+"/b", "bias", nn.Init{}, out)
	l.lora(address, in, out)
	l.contextOf(address, out)
}

func (l *listing) norm(address string) {
	l.add(address+"/scale", "norm", nn.Init{Kind: nn.Ones}, l.config.Width)
	if l.config.Norm == "layernorm" {
		l.add(address+"/bias", "norm", nn.Init{}, l.config.Width)
	}
	l.normOf(address)
}

func (l *listing) embedding(address string, rows, width int) {
	deviation := 1 / math.Sqrt(float64(l.config.Width))
	l.add(address, "embedding", nn.Init{Kind: nn.Normal, Scale: deviation}, rows, width)
}
