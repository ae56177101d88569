package backbone

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// pool reduces hidden [B, T, D] to [B, D]: the mean over unmasked positions, or
// the first position, whatever its mask.
func (p *pass) pool(hidden *graph.Node) *graph.Node {
	if p.config.Pooling == "first" {
		b, d := hidden.Shape()[0], hidden.Shape()[2]
		return graph.Reshape(graph.Slice(hidden, 1, 0, 1), b, d)
	}
	return nn.MeanPool(hidden, p.mask)
}
