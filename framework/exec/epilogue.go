package exec

import (
	"slices"

	"quickstudy/framework/graph"
)

// epilogue is a matrix product with what is done to it before it is stored: the factor and
// the addend of kernel.Product, which round as the operations would.
type epilogue struct {
	dot    *graph.Node
	factor float32
	addend *graph.Node // or nil
}

// epilogues finds the sums and the multiples of products that nobody else reads. The result
// has the nodes that end with a product, and absorbed the others, which are not computed by
// themselves.
func epilogues(f *graph.Func) (ends map[*graph.Node]epilogue, absorbed map[*graph.Node]bool) {
	uses := map[*graph.Node]int{}
	for _, n := range f.Nodes() {
		for _, x := range n.Inputs() {
			uses[x]++
		}
	}
	for _, r := range f.Results {
		uses[r.Node]++
	}
	ends, absorbed = map[*graph.Node]epilogue{}, map[*graph.Node]bool{}
	for _, n := range f.Nodes() {
		if n.DType() != graph.Float32 {
			continue
		}
		if n.Op() == graph.OpDot {
			ends[n] = epilogue{dot: n, factor: 1}
			continue
		}
		for i, x := range n.Inputs() {
			e, ok := ends[x]
			if !ok || e.addend != nil || uses[x] > 1 || !x.Shape().Equal(n.Shape()) {
				continue
			}
			if e, ok = e.then(n, i); ok {
				ends[n], absorbed[x] = e, true
				delete(ends, x)
				break
			}
		}
	}
	return ends, absorbed
}

// then returns the product with an operation, whose operand i it is, if that can be its end.
func (e epilogue) then(n *graph.Node, i int) (epilogue, bool) {
	switch n.Op() {
	case graph.OpMul:
		c, ok := everywhere(n.Inputs()[1-i])
		if !ok || c == 0 || e.factor != 1 { // 0 says that there is no factor
			return e, false
		}
		e.factor = c
	case graph.OpAdd:
		e.addend = n.Inputs()[1-i]
	case graph.OpSub: // x - f·p is x + (-f)·p, to the bit
		if i != 1 {
			return e, false
		}
		e.factor, e.addend = -e.factor, n.Inputs()[0]
	default:
		return e, false
	}
	return e, true
}

// everywhere returns the value that all elements of a constant have.
func everywhere(n *graph.Node) (float32, bool) {
	for n.Op() == graph.OpBroadcast || n.Op() == graph.OpReshape {
		n = n.Inputs()[0]
	}
	if n.Op() != graph.OpConstant {
		return 0, false
	}
	values := n.Attrs().Values
	first := values[0]
	different := func(v float64) bool { return v != first }
	return float32(first), !slices.ContainsFunc(values, different)
}
