package backbone

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// layer returns y + mlp(norm2(y)) with y = x + attention(norm1(x)), dropout on
// both terms that are added. x: [B, T, D]; result [B, T, D].
// Xiong et al. 2020, https://arxiv.org/abs/2002.04745, table 1, right column.
func (p *pass) layer(x *graph.Node, at string) *graph.Node {
	x = graph.Add(x, p.dropout(p.attention(p.norm(x, at+"/norm1"), at+"/attention")))
	return graph.Add(x, p.dropout(p.mlp(p.norm(x, at+"/norm2"), at+"/mlp")))
}

// attention is multi-head self-attention over unmasked positions, with dropout
// on its weights. x: [B, T, D]; result [B, T, D].
// Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, section 3.2.2.
func (p *pass) attention(x *graph.Node, at string) *graph.Node {
	b, t, d, h := x.Shape()[0], x.Shape()[1], x.Shape()[2], p.config.Heads
	split := func(part string) *graph.Node {
		y := graph.Reshape(p.linear(x, at+"/"+part), b, t, h, d/h)
		return graph.Transpose(y, 0, 2, 1, 3) // [B, H, T, D/H]
	}
	q, k, v := split("q"), split("k"), split("v")
	weights := nn.AttentionWeights(q, k, graph.Reshape(p.mask, b, 1, 1, t)) // [B, H, T, T]
	y := graph.Dot(p.dropout(weights), v)                                   // [B, H, T, D/H]
	y = graph.Reshape(graph.Transpose(y, 0, 2, 1, 3), b, t, d)              // [B, T, D]
	return p.linear(y, at+"/out")
}

// mlp returns activation(x·W₁ + b₁)·W₂ + b₂ at every position. x: [B, T, D];
// result [B, T, D]. Vaswani et al. 2017, eq. 2.
func (p *pass) mlp(x *graph.Node, at string) *graph.Node {
	y := p.linear(x, at+"/in") // [B, T, M]
	if p.config.Activation == "relu" {
		y = nn.ReLU(y)
	} else {
		y = nn.GELU(y)
	}
	return p.linear(y, at+"/out") // [B, T, D]
}
