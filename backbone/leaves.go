package backbone

import (
	"fmt"
	"math"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// Leaves lists the parameters, from input to output. Weights start
// Glorot-uniform, biases at 0, scales at 1, embeddings normal with deviation 1/√D,
// so that a row has a squared norm of about 1.
func (t *Transformer) Leaves() []nn.Leaf {
	c := t.config
	l := &listing{width: c.Width, layer: -1}
	c.input().leaves(l)
	if c.Positions == "learned" {
		l.embedding("backbone/embed/positions", c.input().maxLength())
	}
	for i := range c.Layers {
		l.layer = i
		at := layerAddress(i)
		l.norm(at + "/norm1")
		for _, part := range []string{"q", "k", "v", "out"} {
			l.linear(at+"/attention/"+part, c.Width, c.Width)
		}
		l.norm(at + "/norm2")
		l.linear(at+"/mlp/in", c.Width, c.MLP)
		l.linear(at+"/mlp/out", c.MLP, c.Width)
	}
	l.layer = -1
	l.norm("backbone/norm")
	return l.leaves
}

func layerAddress(i int) string { return fmt.Sprintf("backbone/layers/%d", i) }

// listing collects leaves; layer is the layer they belong to, -1 for none.
type listing struct {
	width  int // D
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
	l.add(address+"/scale", "norm", nn.Init{Kind: nn.Ones}, l.width)
	l.add(address+"/bias", "norm", nn.Init{}, l.width)
}

func (l *listing) embedding(address string, rows int) {
	deviation := 1 / math.Sqrt(float64(l.width))
	l.add(address, "embedding", nn.Init{Kind: nn.Normal, Scale: deviation}, rows, l.width)
}
