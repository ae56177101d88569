package graph

import (
	"fmt"
	"slices"
)

func init() {
	register(map[Op]row{
		OpAfter: {
			name: "after", doc: "the first operand, for those who are to wait for the other ones; " +
				"n > 0: at the n-th edge between steps, in a derivative if reverse",
			attrs: []attr{attrN, attrReverse}, arity: -1,
			infer: func(n *Node) (DType, Shape, error) {
				if len(n.inputs) == 0 {
					return 0, nil, fmt.Errorf("no operand, want at least 1")
				}
				if n.attrs.N < 0 {
					return 0, nil, fmt.Errorf("edge %d, want at least 0", n.attrs.N)
				}
				return n.inputs[0].dtype, n.inputs[0].shape, nil
			},
			grad: func(n, g *Node) []*Node {
				if n.attrs.N > 0 && !n.attrs.Reverse {
					g = newNode(OpAfter, Attrs{N: n.attrs.N, Reverse: true}, g)
				}
				return append([]*Node{g}, make([]*Node, len(n.inputs)-1)...)
			},
		},
	})
}

// After returns x for those who are to wait for others: executors compute what depends on
// the result no earlier than these. It changes no number.
func After(x *Node, others ...*Node) *Node {
	return newNode(OpAfter, Attrs{}, append([]*Node{x}, others...)...)
}

// Edge returns what one step of a loop hands to the next, all of it there before any of it
// is used. n, from 1, ascends along a trace. Between two edges a step can be computed again
// instead of being kept for a derivative, which marks where it crosses them.
func Edge(n int, xs ...*Node) []*Node {
	if n < 1 {
		Failf("edge", "number %d, want at least 1", n)
	}
	if len(xs) == 0 {
		return nil
	}
	all := newNode(OpAfter, Attrs{N: n}, slices.Clone(xs)...)
	out := make([]*Node, len(xs))
	for i, x := range xs {
		out[i] = newNode(OpAfter, Attrs{N: n}, x, all)
	}
	return out
}
