package backbone

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// pool reduces hidden [B, T, D] to [B, D]: the mean over unmasked positions, the
// first position, whatever its mask, or the last that is unmasked.
func (p *pass) pool(hidden, mask *graph.Node) *graph.Node {
	switch p.config.Pooling {
	case "first":
		b, d := hidden.Shape()[0], hidden.Shape()[2]
		return graph.Reshape(graph.Slice(hidden, 1, 0, 1), b, d)
	case "last":
		return nn.LastPool(hidden, mask)
	}
	return nn.MeanPool(hidden, mask)
}
