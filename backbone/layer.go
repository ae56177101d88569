package backbone

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// layer is attention to the positions of the stack, attention to a memory if there is
// one, and the mlp. x: [B, T, D]; result [B, T, D].
// Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, figure 1.
func (p *pass) layer(s stack, at string, x *graph.Node, self, cross *context) *graph.Node {
	norm, crossNorm, mlpNorm := s.norms(at)
	x = p.residual(x, norm, func(x *graph.Node) *graph.Node {
		return p.narrowed(p.attention(x, at+"/attention", self), at+"/attention")
	})
	if cross != nil {
		x = p.residual(x, crossNorm, func(x *graph.Node) *graph.Node {
			return p.narrowed(p.attention(x, at+"/cross", cross), at+"/cross")
		})
	}
	return p.residual(x, mlpNorm, func(x *graph.Node) *graph.Node {
		return p.narrowed(p.mlp(x, at+"/mlp"), at+"/mlp")
	})
}

// residual returns x + part(norm(x)), or with the norm after it norm(x + part(x)),
// dropout on the term that is added. x: [B, T, D]; result [B, T, D].
// Xiong et al. 2020, https://arxiv.org/abs/2002.04745, table 1.
func (p *pass) residual(x *graph.Node, norm string,
	part func(x *graph.Node) *graph.Node) *graph.Node {
	if p.config.NormOrder == "post" {
		return p.norm(graph.Add(x, p.dropout(part(x))), norm)
	}
	return graph.Add(x, p.dropout(part(p.norm(x, norm))))
}

// attention is multi-head attention of x to a context, with dropout on its weights.
// x: [B, T, D]; result [B, T, D].
// Vaswani et al. 2017, section 3.2.2.
func (p *pass) attention(x *graph.Node, at string, c *context) *graph.Node {
	b, t, d := x.Shape()[0], x.Shape()[1], x.Shape()[2]
	q := p.split(x, at+"/q") // [B, H, T, E]
	if c.turn != nil {
		q = c.turn(q)
	}
	k, v := c.keys(x, at)                                      // [B, H, S, E]
	weights := nn.AttentionWeights(q, k, c.bias, c.mask)       // [B, H, T, S]
	c.weights = append(c.weights, weights)                     // before dropout
	y := graph.Dot(p.dropout(weights), v)                      // [B, H, T, E]
	y = graph.Reshape(graph.Transpose(y, 0, 2, 1, 3), b, t, d) // [B, T, D]
	return p.linear(y, at+"/out")
}

// split returns the linear map of x at an address, cut into heads of width E = D/H.
// x: [B, T, D]; result [B, H, T, E].
func (p *pass) split(x *graph.Node, at string) *graph.Node {
	b, t, d, h := x.Shape()[0], x.Shape()[1], x.Shape()[2], p.config.Heads
	y := graph.Reshape(p.linear(x, at), b, t, h, d/h)
	return graph.Transpose(y, 0, 2, 1, 3)
}

// mlp returns activation(x·W₁ + b₁)·W₂ + b₂ at every position, Vaswani et al. 2017,
// eq. 2, or with SwiGLU (SiLU(x·W₀ + b₀) ⊙ (x·W₁ + b₁))·W₂ + b₂, Shazeer 2020,
// https://arxiv.org/abs/2002.05202, eq. 6, who has no biases. x: [B, T, D]; result
// [B, T, D].
func (p *pass) mlp(x *graph.Node, at string) *graph.Node {
	y := p.linear(x, at+"/in") // [B, T, M]
	if p.config.Activation == "swiglu" {
		y = graph.Mul(nn.SiLU(p.linear(x, at+"/gate")), y)
	} else {
		y = p.activation(y)
	}
	return p.linear(y, at+"/out") // [B, T, D]
}

// hidden are the layers of an mlp: activation(x), then activation(x·W + b) of each other
// layer, with dropout on what a layer gives. x: [B, T, D]; result [B, T, D].
func (p *pass) hidden(s stack, x *graph.Node) *graph.Node {
	x = p.activation(x)
	for i := 1; i < p.config.Layers; i++ {
		x = p.dropout(p.activation(p.linear(x, s.layer(i))))
	}
	return x
}

func (p *pass) activation(x *graph.Node) *graph.Node {
	if p.config.Activation == "relu" {
		return nn.ReLU(x)
	}
	return nn.GELU(x)
}
