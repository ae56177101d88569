package backbone

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// pool reduces hidden [B, T, D] to [B, D].
func (p *pass) pool(hidden *graph.Node) *graph.Node {
	if p.config.Pooling == "first" {
		s := hidden.Shape()
		return graph.Reshape(graph.Slice(hidden, 1, 0, 1), s[0], s[2])
	}
	return nn.MeanPool(hidden, p.mask)
}
