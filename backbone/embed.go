package backbone

import "quickstudy/framework/graph"

// embed returns the input of the first layer, [B, T, D].
func (p *pass) embed(in Inputs) *graph.Node {
	var x *graph.Node // [B, T, D]
	if p.config.Tokens != nil {
		x = graph.Gather(p.leaf("backbone/embed/tokens"), in.Tokens)
	} else {
		x = p.linear(in.Numeric, "backbone/embed/numeric")
	}
	if p.config.Positions == "learned" {
		positions := p.leaf("backbone/embed/positions")              // [maxT, D]
		x = graph.Add(x, graph.Slice(positions, 0, 0, x.Shape()[1])) // [T, D] to every example
	}
	return x
}
