package backbone

import (
	"fmt"
	"math"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// Leaves lists the parameters, from input to output. Weights start
// Glorot-uniform, biases at 0, scales at 1, embeddings normal with deviation 1/√D.
func (t *Transformer) Leaves() []nn.Leaf {
	c := t.config
	d := c.Width
	var leaves []nn.Leaf
	add := func(layer int, address, role string, init nn.Init, shape ...int) {
		leaves = append(leaves, nn.Leaf{
			Address: address, Shape: graph.Shape(shape), Init: init, Role: role, Layer: layer,
		})
	}
	linear := func(layer int, address string, in, out int) {
		add(layer, address+"/w", "weight", nn.Init{Kind: nn.GlorotUniform, Scale: 1}, in, out)
		add(layer, address+"/b", "bias", nn.Init{}, out)
	}
	norm := func(layer int, address string) {
		add(layer, address+"/scale", "norm", nn.Init{Kind: nn.Ones}, d)
		add(layer, address+"/bias", "norm", nn.Init{}, d)
	}
	embedding := nn.Init{Kind: nn.Normal, Scale: 1 / math.Sqrt(float64(d))}
	if c.Tokens != nil {
		add(-1, "backbone/embed/tokens", "embedding", embedding, c.Tokens.Vocabulary, d)
	} else {
		linear(-1, "backbone/embed/numeric", c.Numeric.Features, d)
	}
	if c.Positions == "learned" {
		add(-1, "backbone/embed/positions", "embedding", embedding, c.maxLength(), d)
	}
	for i := range c.Layers {
		at := fmt.Sprintf("backbone/layers/%d", i)
		norm(i, at+"/norm1")
		for _, part := range []string{"q", "k", "v", "out"} {
			linear(i, at+"/attention/"+part, d, d)
		}
		norm(i, at+"/norm2")
		linear(i, at+"/mlp/in", d, c.MLP)
		linear(i, at+"/mlp/out", c.MLP, d)
	}
	norm(-1, "backbone/norm")
	return leaves
}
