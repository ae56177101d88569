package graph

import "fmt"

func init() {
	register(map[Op]row{
		OpDot: {
			name: "dot", doc: "matrix product over the last two axes, leading axes in step",
			attrs: []attr{attrTransA, attrTransB}, arity: 2,
			infer: inferDot,
			// With C = A B: dA = dC Bᵀ and dB = Aᵀ dC; a transposed operand gets its
			// cotangent transposed.
			grad: func(n, g *Node) []*Node {
				a, b, ta, tb := n.inputs[0], n.inputs[1], n.attrs.TransA, n.attrs.TransB
				da, db := DotT(g, b, false, !tb), DotT(a, g, !ta, false)
				if ta {
					da = DotT(b, g, tb, true)
				}
				if tb {
					db = DotT(g, a, true, ta)
				}
				return []*Node{da, db}
			},
		},
	})
}

func inferDot(n *Node) (DType, Shape, error) {
	a, b := n.inputs[0], n.inputs[1]
	if a.dtype != b.dtype || !a.dtype.Float() {
		return 0, nil, fmt.Errorf("operands are %v and %v, want one floating-point type", a.dtype,
			b.dtype)
	}
	r := len(a.shape)
	if r < 2 || len(b.shape) != r || !a.shape[:r-2].Equal(b.shape[:r-2]) {
		return 0, nil, fmt.Errorf("%v × %v: want two or more axes each, all but the last two equal",
			a.shape, b.shape)
	}
	rows, inner := a.shape[r-2], a.shape[r-1]
	if n.attrs.TransA {
		rows, inner = inner, rows
	}
	innerB, cols := b.shape[r-2], b.shape[r-1]
	if n.attrs.TransB {
		innerB, cols = cols, innerB
	}
	if inner != innerB {
		return 0, nil, fmt.Errorf("inner dimensions differ: %v%s × %v%s", a.shape, mark(n.attrs.TransA),
			b.shape, mark(n.attrs.TransB))
	}
	shape := a.shape.Clone()
	shape[r-2], shape[r-1] = rows, cols
	return a.dtype, shape, nil
}

func mark(transposed bool) string {
	if transposed {
		return "ᵀ"
	}
	return ""
}

// Dot returns the matrix product over the last two axes:
// [..., M, K] × [..., K, N] → [..., M, N]; leading axes must be equal.
func Dot(a, b *Node) *Node { return DotT(a, b, false, false) }

// DotT is Dot with the last two axes of either operand exchanged first.
func DotT(a, b *Node, transA, transB bool) *Node {
	return newNode(OpDot, Attrs{TransA: transA, TransB: transB}, a, b)
}
