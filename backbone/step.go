package backbone

import (
	"fmt"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// DecoderOnly reports whether the Transformer is a decoder that stands alone.
func (t *Transformer) DecoderOnly() bool { return t.config.Kind == "decoder" }

// Cache returns N, the numbers that a decoder remembers of an example while it writes
// one position after another; 0: there is no decoder. They are the keys and values
// [P, D] of all P = max_length positions in every layer, those of the memory in every
// layer if there is one, and its mask [P].
func (t *Transformer) Cache() int {
	switch t.config.Kind {
	case "encoder":
		return 0
	case "decoder":
		return t.config.remembered()
	}
	return 2*t.config.remembered() + t.config.maxLength()
}

// remembered is the size of the keys and values of all layers.
func (c Config) remembered() int { return c.Layers * 2 * c.maxLength() * c.Width }

// Start traces what a decoder remembers before it writes: a cache [B, N]. That of a
// decoder without a memory is zeros, and there is no Start.
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
	b, s := memory.Mask.Shape()[0], memory.Mask.Shape()[1]
	beyond := t.config.maxLength() - s
	parts := []*graph.Node{graph.Const(p.dtype, graph.Shape{b, t.config.remembered()}, []float64{0})}
	decoder, cross := t.config.decoder(), p.cross(memory)
	for i := range t.config.Layers {
		k, v := cross.keys(nil, decoder.layer(i)+"/cross") // [B, H, S, E]
		for _, x := range []*graph.Node{k, v} {
			parts = append(parts, graph.Reshape(graph.Pad(x, 2, 0, beyond), b, -1)) // [B, P·D]
		}
	}
	return graph.Concat(1, append(parts, graph.Pad(memory.Mask, 1, 0, beyond))...)
}

// Step traces one position of every example: its token and position (Int32 [B] both),
// after the positions before it. Hidden [B, D] and the next cache [B, N] are to the bit
// what Decode would make of that position, without dropout.
//
// It panics as Encode does.
func (t *Transformer) Step(leaf Leaf, cache, token, position *graph.Node) (hidden,
	next *graph.Node) {
	p := t.start("backbone.Step", leaf, nil, false, func(p *pass) error {
		return p.checkStep(cache, token, position, t.Cache())
	})
	b, s, n := token.Shape()[0], t.config.decoder(), t.config.remembered()
	at := single(p.dtype, position, t.config.maxLength())
	self := p.self(s, at, graph.Reshape(nn.Past(at.distance), b, 1, 1, -1))
	written := p.writing(self, at, graph.Slice(cache, 1, 0, n))
	var cross *context
	if s.cross {
		memory := p.reading(graph.Slice(cache, 1, n, 2*n))
		cross = &context{
			mask: graph.Reshape(graph.Slice(cache, 1, 2*n, t.Cache()), b, 1, 1, -1),
			keys: func(*graph.Node, string) (k, v *graph.Node) { return memory(), memory() },
		}
	}
	x := p.embed(s, p.config.Tokens, graph.Reshape(token, b, 1), at) // [B, 1, D]
	hidden = graph.Reshape(p.run(s, x, self, cross), b, -1)
	parts := *written
	if s.cross {
		parts = append(parts, graph.Slice(cache, 1, n, t.Cache()))
	}
	return hidden, graph.Concat(1, parts...)
}

// writing makes a context keep what it computes at a position in remembered [B, N], and
// see what is kept. It returns the parts of what is remembered afterwards, which grow as
// layers are traced.
func (p *pass) writing(c *context, at places, remembered *graph.Node) *[]*graph.Node {
	b, parts := remembered.Shape()[0], new([]*graph.Node)
	made, kept := c.keys, p.reading(remembered)
	here := graph.Eq(at.distance, graph.ConstLike(at.distance, 0))
	here = graph.Reshape(here, b, 1, -1, 1) // [B, 1, P, 1]
	c.keys = func(x *graph.Node, address string) (k, v *graph.Node) {
		k, v = made(x, address) // [B, H, 1, E]
		k, v = graph.Select(here, k, kept()), graph.Select(here, v, kept())
		*parts = append(*parts, graph.Reshape(k, b, -1), graph.Reshape(v, b, -1))
		return k, v // [B, H, P, E]
	}
	return parts
}

// reading returns the keys or values [B, H, P, E] in remembered [B, N], one after the
// other.
func (p *pass) reading(remembered *graph.Node) func() *graph.Node {
	b, h, m := remembered.Shape()[0], p.config.Heads, p.config.maxLength()
	at, size := 0, m*p.config.Width
	return func() *graph.Node {
		x := graph.Slice(remembered, 1, at, at+size)
		at += size
		return graph.Reshape(x, b, h, m, p.config.Width/h)
	}
}
