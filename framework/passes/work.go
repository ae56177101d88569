package passes

import "quickstudy/framework/graph"

// Work is the arithmetic that a function asks for, whatever executes it: equal nodes
// count once, and so does what is computed again to save memory.
type Work struct {
	// Products is the floating-point operations of matrix products: 2·M·N·K of each, an
	// addition and a multiplication an element of its inner dimension.
	Products int64
	// Elements is what all other arithmetic computes: an element of the result of an
	// elementwise operation, an exponential as one, and an element of the operand of a
	// sum, a maximum or a scatter-add. Moving, comparing and selecting numbers is no
	// arithmetic.
	Elements int64
}

// Plus returns the work of both.
func (w Work) Plus(other Work) Work {
	return Work{w.Products + other.Products, w.Elements + other.Elements}
}

// WorkOf counts the arithmetic of f, whose calls and grads must have been replaced: what
// they stand for is not seen.
func WorkOf(f *graph.Func) Work {
	var w Work
	seen := newSeen()
	for _, n := range f.Nodes() {
		if n.Op() == graph.OpAfter {
			seen.index[n] = seen.index[n.Inputs()[0]]
		} else if seen.find(n) == nil {
			w.add(n)
		}
	}
	return w
}

func (w *Work) add(n *graph.Node) {
	size := int64(n.Shape().Size())
	switch n.Op() {
	case graph.OpDot:
		a := n.Inputs()[0].Shape()
		inner := a[len(a)-1]
		if n.Attrs().TransA {
			inner = a[len(a)-2]
		}
		w.Products += 2 * size * int64(inner)
	case graph.OpNeg, graph.OpExp, graph.OpLog, graph.OpSqrt, graph.OpSin, graph.OpCos, graph.OpTanh,
		graph.OpErf, graph.OpAbs, graph.OpAdd, graph.OpSub, graph.OpMul, graph.OpDiv:
		if n.DType().Float() {
			w.Elements += size
		}
	case graph.OpSum, graph.OpMaxOf, graph.OpCumSum:
		w.Elements += int64(n.Inputs()[0].Shape().Size())
	case graph.OpScatterAdd, graph.OpPutAdd:
		w.Elements += int64(n.Inputs()[len(n.Inputs())-1].Shape().Size())
	}
}
