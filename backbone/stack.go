package backbone

import (
	"fmt"

	"quickstudy/framework/graph"
)

// stack is a column of layers: the encoder or the decoder. They differ in what their
// positions see, and in nothing else.
type stack struct {
	at     string // address of its parts
	causal bool   // position i sees positions 0 to i
	cross  bool   // its layers look at a memory
	first  int    // number of its first layer in the whole
}

// stacks lists the stacks in the order in which they run: the first encodes, the last
// decodes. One that stands alone has the addresses of an encoder, so that it may start
// from another's values.
func (c Config) stacks() []stack {
	lower := stack{at: "backbone", causal: c.Kind == "decoder"}
	if c.Kind != "encoder_decoder" {
		return []stack{lower}
	}
	upper := stack{at: "backbone/decoder", causal: true, cross: true, first: c.Layers}
	return []stack{lower, upper}
}

func (c Config) encoder() stack { return c.stacks()[0] }

func (c Config) decoder() stack {
	stacks := c.stacks()
	return stacks[len(stacks)-1]
}

// layer returns the address of a layer.
func (s stack) layer(i int) string { return fmt.Sprintf("%s/layers/%d", s.at, i) }

// norms are the addresses of a layer's norms, one for each of its parts.
func (s stack) norms(layer string) (attention, cross, mlp string) {
	if s.cross {
		return layer + "/norm1", layer + "/norm2", layer + "/norm3"
	}
	return layer + "/norm1", "", layer + "/norm2"
}

// context is what the queries of an attention look at.
type context struct {
	keys    source
	mask    *graph.Node                           // to [B, H, T, S], 0: hidden
	bias    *graph.Node                           // to [B, H, T, S], added to the scores; nil: none
	turn    func(queries *graph.Node) *graph.Node // by their positions; nil: as they are
	weights []*graph.Node                         // of the layers so far, [B, H, T, S]
}

// source returns keys and values [B, H, S, E] of the attention at an address, whose
// queries are made of x [B, T, D].
type source func(x *graph.Node, at string) (k, v *graph.Node)

// self is the context of a stack's attention to its own positions.
func (p *pass) self(s stack, at places, mask *graph.Node) *context {
	c := &context{mask: mask}
	switch p.config.Positions {
	case "rotary":
		c.turn = at.rotary(p.config.Width / p.config.Heads)
	case "relative":
		c.bias = at.relative(p.leaves[s.at+"/embed/relative"], s.causal)
	case "alibi":
		c.bias = at.alibi(p.config.Heads)
	}
	c.keys = func(x *graph.Node, at string) (k, v *graph.Node) {
		k, v = p.split(x, at+"/k"), p.split(x, at+"/v")
		if c.turn != nil {
			k = c.turn(k)
		}
		return k, v
	}
	return c
}

// cross is the context of attention to a memory. It has no positions: how far a word
// is from one of another text says nothing.
func (p *pass) cross(memory Encoded) *context {
	b, s := memory.Mask.Shape()[0], memory.Mask.Shape()[1]
	return &context{
		mask: graph.Reshape(memory.Mask, b, 1, 1, s),
		keys: func(_ *graph.Node, at string) (k, v *graph.Node) {
			return p.split(memory.Hidden, at+"/k"), p.split(memory.Hidden, at+"/v")
		},
	}
}

// run sends x, what a stack's first layer is given, through its layers and the final
// norm. x: [B, T, D]; result [B, T, D]. cross is nil without a memory.
func (p *pass) run(s stack, x *graph.Node, self, cross *context) *graph.Node {
	if p.config.plain() {
		return p.hidden(s, x)
	}
	for i := range p.config.Layers {
		x = p.layer(s, s.layer(i), x, self, cross)
	}
	if p.config.NormOrder == "pre" { // after the last part of a post-norm layer there is one
		x = p.norm(x, s.at+"/norm")
	}
	return x
}
