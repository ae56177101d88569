package backbone

import (
	"slices"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// places are the positions of the queries of a stack.
type places struct {
	dtype graph.DType
	most  int // no position is as high
	// rows picks rows of a table [most, W] by position, to add to [B, T, W].
	rows func(table *graph.Node) *graph.Node
	// distance from a query to a key, Int32 [..., T, S].
	distance *graph.Node
}

// everywhere are positions 0 to T-1.
func everywhere(dtype graph.DType, t int) places {
	return places{
		dtype: dtype, most: t, distance: nn.Distances(t),
		rows: func(table *graph.Node) *graph.Node { return graph.Slice(table, 0, 0, t) }, // [T, W]
	}
}

// single is one position (Int32 [B]) of every example, below most, seen against positions
// 0 to n-1.
func single(dtype graph.DType, position *graph.Node, most, n int) places {
	b := position.Shape()[0]
	keys := graph.Iota(graph.Int32, graph.Shape{b, 1, n}, 2)
	return places{
		dtype: dtype, most: most,
		distance: graph.Sub(keys, graph.Reshape(position, b, 1, 1)), // [B, 1, n]
		rows: func(table *graph.Node) *graph.Node {
			return graph.Reshape(graph.Gather(table, position), b, 1, -1) // [B, 1, W]
		},
	}
}

// embed returns the input of a stack's first layer, [B, T, D]: what stands at a
// position, plus a vector of the position if these are learned or sinusoidal.
func (p *pass) embed(s stack, kind input, x *graph.Node, at places) *graph.Node {
	x = kind.embed(p, x) // [B, T, D]
	switch p.config.Positions {
	case "learned":
		x = graph.Add(x, at.rows(p.leaves[s.at+"/embed/"+kind.table(kind == p.config.inputs()[0])]))
	case "sinusoidal":
		x = graph.Add(x, at.rows(nn.Sinusoidal(at.dtype, at.most, p.config.Width)))
	}
	return x
}

// rotary turns queries or keys [B, H, T, E].
func (at places) rotary(e int) func(x *graph.Node) *graph.Node {
	cosines, sines := nn.RotaryAngles(at.dtype, at.most, e) // [most, E/2]
	ofHeads := func(table *graph.Node) *graph.Node {
		rows := at.rows(table)
		dims := rows.Shape()
		return graph.Reshape(rows, slices.Insert(dims.Clone(), len(dims)-2, 1)...) // [..., 1, T, E/2]
	}
	cosines, sines = ofHeads(cosines), ofHeads(sines)
	return func(x *graph.Node) *graph.Node { return nn.Rotary(x, cosines, sines) }
}

// relative is T5's bias by distance, [..., H, T, S].
func (at places) relative(table *graph.Node, causal bool) *graph.Node {
	return nn.RelativeBias(table, at.distance, causal)
}

// alibi is a bias that falls with distance, [..., H, T, S].
func (at places) alibi(heads int) *graph.Node { return nn.ALiBi(at.dtype, at.distance, heads) }
