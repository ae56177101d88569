package passes

import (
	"math"

	"quickstudy/framework/graph"
)

// Fold returns f without the operations that change nothing, such as a product with 1, and
// with those on constants done. Only what is exact is folded, so that no bit changes,
// whether numbers are held in single or in double precision: x + 0 stays, because it makes
// 0 of -0. It is for functions whose derivatives have been taken.
func Fold(f *graph.Func) *graph.Func {
	order := f.Nodes()
	done := make(map[*graph.Node]*graph.Node, len(order))
	for _, n := range order {
		inputs := make([]*graph.Node, len(n.Inputs()))
		for i, in := range n.Inputs() {
			inputs[i] = done[in]
		}
		done[n] = simplest(n.WithInputs(inputs))
	}
	g := &graph.Func{Name: f.Name, Params: f.Params}
	for _, r := range f.Results {
		g.Results = append(g.Results, graph.Result{Name: r.Name, Node: done[r.Node]})
	}
	return g
}

// simplest returns a node with the same bits as n, whose operands are folded.
func simplest(n *graph.Node) *graph.Node {
	in := n.Inputs()
	switch n.Op() {
	case graph.OpStopGradient:
		return in[0]
	case graph.OpConvert:
		if in[0].DType() == n.DType() {
			return in[0]
		}
	case graph.OpNeg:
		if in[0].Op() == graph.OpNeg {
			return in[0].Inputs()[0]
		}
	case graph.OpMul:
		if uniform(in[0], 1) {
			return in[1]
		}
		if uniform(in[1], 1) {
			return in[0]
		}
	case graph.OpDiv:
		if uniform(in[1], 1) {
			return in[0]
		}
	case graph.OpSub:
		if uniform(in[1], 0) && !math.Signbit(in[1].Attrs().Values[0]) {
			return in[0]
		}
	case graph.OpReshape, graph.OpBroadcast, graph.OpTranspose:
		return moved(n)
	}
	if value, ok := evaluated(n); ok {
		return graph.Const(n.DType(), n.Shape(), []float64{value})
	}
	return n
}

// moved returns what moves the elements of an operand that are all the same, or have been
// moved before, in one go.
func moved(n *graph.Node) *graph.Node {
	x := n.Inputs()[0]
	if x.Op() == graph.OpConstant && len(x.Attrs().Values) == 1 {
		return graph.Const(n.DType(), n.Shape(), x.Attrs().Values)
	}
	switch {
	case n.Op() == graph.OpReshape && x.Op() == graph.OpReshape:
		x = x.Inputs()[0]
		if x.Shape().Equal(n.Shape()) {
			return x
		}
		return n.WithInputs([]*graph.Node{x})
	case n.Op() != graph.OpTranspose && x.Shape().Equal(n.Shape()):
		return x
	}
	return n
}

// uniform reports whether every element of n is the constant v.
func uniform(n *graph.Node, v float64) bool {
	values := n.Attrs().Values
	return n.Op() == graph.OpConstant && len(values) == 1 && values[0] == v
}

// evaluated returns the value of an operation on constants of one value each, if it is the
// same number whether operands and result are rounded to single precision or not.
func evaluated(n *graph.Node) (float64, bool) {
	if n.DType() != graph.Float32 || len(n.Inputs()) == 0 {
		return 0, false
	}
	var in, rounded [2]float64
	for i, x := range n.Inputs() {
		if i == len(in) || x.Op() != graph.OpConstant || len(x.Attrs().Values) != 1 {
			return 0, false
		}
		in[i] = x.Attrs().Values[0]
		rounded[i] = float64(float32(in[i]))
	}
	double, ok := exact(n.Op(), in)
	const smallest = 0x1p-126 // above the subnormal numbers
	if !ok || !(math.Abs(double) <= math.MaxFloat32) || double != 0 && math.Abs(double) < smallest {
		return 0, false
	}
	// In double precision, each of these rounds to what single precision computes
	// (Figueroa 1995, "When is double rounding innocuous?").
	single, _ := exact(n.Op(), rounded)
	same := math.Float32bits(float32(double)) == math.Float32bits(float32(single))
	return double, same
}

// exact computes an operation that rounds once.
func exact(op graph.Op, x [2]float64) (float64, bool) {
	switch op {
	case graph.OpNeg:
		return -x[0], true
	case graph.OpAbs:
		return math.Abs(x[0]), true
	case graph.OpSqrt:
		return math.Sqrt(x[0]), true
	case graph.OpAdd:
		return x[0] + x[1], true
	case graph.OpSub:
		return x[0] - x[1], true
	case graph.OpMul:
		return x[0] * x[1], true
	case graph.OpDiv:
		return x[0] / x[1], true
	}
	return 0, false
}
