package backbone

import (
	"fmt"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// DecoderOnly reports whether the Transformer is a decoder that stands alone.
func (t *Transformer) DecoderOnly() bool { return t.config.Kind == "decoder" }

// Cache returns A, the numbers that a decoder remembers of one position that it has
// written: its keys and values [D] in every layer; 0: there is no decoder. What it
// remembers of a memory of S positions are M = S·(A + 1) numbers: as many of each, in
// the attention to it, and its mask.
func (t *Transformer) Cache() int { return t.config.remembered() }

// MaxLength returns the most positions of an input, and of a text that is written.
func (t *Transformer) MaxLength() int { return t.config.maxLength() }

func (c Config) remembered() int {
	if c.Kind != "decoder" && c.Kind != "encoder_decoder" {
		return 0
	}
	return c.Layers * 2 * c.Width
}

// Start traces what a decoder remembers of a memory [B, S, D] while it writes: [B, M], by
// layer the keys and the values [H, S, E] of the attention to it, and its mask [S].
//
// It panics as Encode does.
func (t *Transformer) Start(leaf Leaf, memory Encoded) *graph.Node {
	p := t.start("backbone.Start", leaf, nil, false, func(p *pass) error {
		if t.config.Kind != "encoder_decoder" {
			return fmt.Errorf("a backbone of kind %s looks at no memory, want encoder_decoder",
				t.config.Kind)
		}
		return p.checkMemory(memory, 0)
	})
	b := memory.Mask.Shape()[0]
	var parts []*graph.Node
	decoder, cross := t.config.decoder(), p.cross(memory)
	for i := range t.config.Layers {
		k, v := cross.keys(nil, decoder.layer(i)+"/cross") // [B, H, S, E]
		parts = append(parts, graph.Reshape(k, b, -1), graph.Reshape(v, b, -1))
	}
	return graph.Concat(1, append(parts, memory.Mask)...)
}

// Step traces one position of every example: its token and position (Int32 [B] both),
// after the positions before it. written [B, P, A] holds what is remembered of these, at
// their places, and finite numbers elsewhere; no position reaches P. memory [B, M] is what
// Start gives, nil where there is none. Hidden [B, D] is to the bit what Decode would make
// of that position, without dropout, and remembered [B, A] belongs at its place in written.
//
// It panics as Encode does.
func (t *Transformer) Step(leaf Leaf, written, memory, token, position *graph.Node) (hidden,
	remembered *graph.Node) {
	p := t.start("backbone.Step", leaf, nil, false, func(p *pass) error {
		return p.checkStep(written, memory, token, position)
	})
	b, s := token.Shape()[0], t.config.decoder()
	at := single(p.dtype, position, t.config.maxLength(), written.Shape()[1])
	self := p.self(s, at, graph.Reshape(nn.Past(at.distance), b, 1, 1, -1))
	parts := p.writing(self, at, written)
	var cross *context
	if s.cross {
		cross = p.reading(memory)
	}
	x := p.embed(s, p.config.Tokens, graph.Reshape(token, b, 1), at) // [B, 1, D]
	hidden = graph.Reshape(p.run(s, x, self, cross), b, -1)
	return hidden, graph.Concat(1, *parts...)
}

// writing makes a context see what is written [B, P, A], and at its own position what it
// computes there. It returns the parts of what is to be remembered of this, which grow as
// layers are traced.
func (p *pass) writing(c *context, at places, written *graph.Node) *[]*graph.Node {
	b, d, h := written.Shape()[0], p.config.Width, p.config.Heads
	made, parts := c.keys, new([]*graph.Node)
	here := graph.Eq(at.distance, graph.ConstLike(at.distance, 0))
	here = graph.Reshape(here, b, 1, -1, 1) // [B, 1, P, 1]
	seen := func(x *graph.Node) *graph.Node {
		kept := graph.Slice(written, 2, len(*parts)*d, (len(*parts)+1)*d) // [B, P, D]
		kept = graph.Transpose(graph.Reshape(kept, b, -1, h, d/h), 0, 2, 1, 3)
		*parts = append(*parts, graph.Reshape(x, b, -1))
		return graph.Select(here, x, kept) // [B, H, P, E]
	}
	c.keys = func(x *graph.Node, address string) (k, v *graph.Node) {
		k, v = made(x, address) // [B, H, 1, E]
		return seen(k), seen(v)
	}
	return parts
}

// reading is the context of attention to a memory, of which [B, M] is remembered.
func (p *pass) reading(memory *graph.Node) *context {
	b, h, d := memory.Shape()[0], p.config.Heads, p.config.Width
	s := memory.Shape()[1] / (p.config.remembered() + 1)
	at := 0
	next := func() *graph.Node {
		x := graph.Slice(memory, 1, at, at+s*d)
		at += s * d
		return graph.Reshape(x, b, h, s, d/h)
	}
	end := memory.Shape()[1]
	return &context{
		mask: graph.Reshape(graph.Slice(memory, 1, end-s, end), b, 1, 1, s),
		keys: func(*graph.Node, string) (k, v *graph.Node) { return next(), next() },
	}
}
