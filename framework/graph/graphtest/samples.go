package graphtest

import "quickstudy/framework/graph"

func floats(shape graph.Shape, values ...float64) Input {
	return Input{DType: graph.Float64, Shape: shape, Values: values}
}

func ints(shape graph.Shape, values ...float64) Input {
	return Input{DType: graph.Int32, Shape: shape, Values: values}
}

func bools(shape graph.Shape, values ...float64) Input {
	return Input{DType: graph.Bool, Shape: shape, Values: values}
}

// Samples returns at least one sample for every operation that can be executed:
// all but call, result and grad.
func Samples() []Sample {
	matrix := floats(graph.Shape{2, 3}, 0.5, -1.2, 2, 1.5, 0.3, -0.7)
	other := floats(graph.Shape{2, 3}, 1.1, 0.4, -1.6, 0.9, -0.8, 1.3)
	positive := floats(graph.Shape{2, 3}, 0.5, 1.2, 2, 1.5, 0.3, 0.7)
	mask := bools(graph.Shape{2, 3}, 1, 0, 1, 0, 0, 1)
	mask2 := bools(graph.Shape{2, 3}, 1, 1, 0, 0, 1, 1)
	key := ints(graph.Shape{2}, 12, 34)
	picks := ints(graph.Shape{2, 2}, 2, 0, 1, 1) // one index twice
	var samples []Sample
	row := func(name string, op graph.Op, build func(in []*graph.Node) *graph.Node, in ...Input) {
		samples = append(samples, Sample{name, op, in, build})
	}
	unary := func(op graph.Op, f func(*graph.Node) *graph.Node, in Input) {
		row(op.String(), op, func(x []*graph.Node) *graph.Node { return f(x[0]) }, in)
	}
	binary := func(op graph.Op, f func(a, b *graph.Node) *graph.Node, a, b Input) {
		row(op.String(), op, func(x []*graph.Node) *graph.Node { return f(x[0], x[1]) }, a, b)
	}
	f64 := graph.Float64

	unary(graph.OpParameter, func(x *graph.Node) *graph.Node { return x }, matrix)
	unary(graph.OpConstant, func(x *graph.Node) *graph.Node {
		return graph.Add(x, graph.ConstLike(x, 2))
	}, matrix)
	unary(graph.OpIota, func(x *graph.Node) *graph.Node {
		return graph.Mul(x, graph.Iota(f64, x.Shape(), 1))
	}, matrix)
	unary(graph.OpNeg, graph.Neg, matrix)
	unary(graph.OpExp, graph.Exp, matrix)
	unary(graph.OpLog, graph.Log, positive)
	unary(graph.OpSqrt, graph.Sqrt, positive)
	unary(graph.OpSin, graph.Sin, matrix)
	unary(graph.OpCos, graph.Cos, matrix)
	unary(graph.OpTanh, graph.Tanh, matrix)
	unary(graph.OpErf, graph.Erf, matrix)
	unary(graph.OpAbs, graph.Abs, matrix)
	unary(graph.OpSign, graph.Sign, matrix)
	unary(graph.OpNot, graph.Not, mask)
	unary(graph.OpConvert, func(x *graph.Node) *graph.Node { return graph.Convert(x, graph.Float32) },
		matrix)
	// A stopped value is constant, so it is sampled where its operand is not varied.
	unary(graph.OpStopGradient, graph.StopGradient, ints(graph.Shape{2}, 3, 4))
	binary(graph.OpAdd, graph.Add, matrix, other)
	binary(graph.OpSub, graph.Sub, matrix, other)
	binary(graph.OpMul, graph.Mul, matrix, other)
	binary(graph.OpMul, graph.Mul, matrix, floats(graph.Shape{2, 1}, 0.7, -1.1)) // broadcast
	binary(graph.OpDiv, graph.Div, matrix, other)
	binary(graph.OpMax, graph.Max, matrix, other)
	binary(graph.OpMin, graph.Min, matrix, other)
	binary(graph.OpEq, graph.Eq, matrix, other)
	binary(graph.OpLt, graph.Lt, matrix, other)
	binary(graph.OpLe, graph.Le, matrix, other)
	binary(graph.OpAnd, graph.And, mask, mask2)
	binary(graph.OpOr, graph.Or, mask, mask2)
	row("select", graph.OpSelect, func(x []*graph.Node) *graph.Node {
		return graph.Select(x[0], x[1], x[2])
	},
		mask, matrix, other)
	unary(graph.OpReshape, func(x *graph.Node) *graph.Node { return graph.Reshape(x, 3, 2) }, matrix)
	unary(graph.OpTranspose, func(x *graph.Node) *graph.Node { return graph.Transpose(x, 1, 0) },
		matrix)
	unary(graph.OpBroadcast, func(x *graph.Node) *graph.Node { return graph.Broadcast(x, 4, 2, 3) },
		matrix)
	unary(graph.OpSlice, func(x *graph.Node) *graph.Node { return graph.Slice(x, 1, 1, 3) }, matrix)
	unary(graph.OpPad, func(x *graph.Node) *graph.Node { return graph.Pad(x, 1, 1, 2) }, matrix)
	binary(graph.OpConcat, func(a, b *graph.Node) *graph.Node { return graph.Concat(1, a, b) }, matrix,
		other)
	for _, axes := range [][]int{{0}, {1}, {0, 1}} {
		unary(graph.OpSum, func(x *graph.Node) *graph.Node { return graph.Sum(graph.Mul(x, x), axes...) },
			matrix)
		unary(graph.OpMaxOf, func(x *graph.Node) *graph.Node { return graph.MaxOf(x, axes...) }, matrix)
	}
	for _, reverse := range []bool{false, true} {
		unary(graph.OpCumSum, func(x *graph.Node) *graph.Node { return graph.CumSum(x, 0, reverse) },
			matrix)
	}
	unary(graph.OpArgMax, graph.ArgMax, matrix)
	unary(graph.OpTopK, func(x *graph.Node) *graph.Node { return graph.TopK(x, 2) }, matrix)
	for _, trans := range [][2]bool{{false, true}, {true, false}} {
		binary(graph.OpDot, func(a, b *graph.Node) *graph.Node {
			return graph.DotT(a, b, trans[0], trans[1])
		},
			matrix, other)
	}
	binary(graph.OpDot, func(a, b *graph.Node) *graph.Node {
		return graph.Dot(a, graph.Reshape(b, 3, 2))
	}, matrix, other)
	binary(graph.OpDot, func(a, b *graph.Node) *graph.Node {
		return graph.DotT(a, graph.Reshape(b, 3, 2), true, true)
	},
		matrix, other)
	binary(graph.OpGather, graph.Gather, matrix, ints(graph.Shape{3}, 1, 0, 1))
	binary(graph.OpScatterAdd, func(u, ids *graph.Node) *graph.Node {
		return graph.ScatterAdd(ids, u, 3)
	},
		matrix, ints(graph.Shape{2}, 1, 1))
	binary(graph.OpTake, graph.Take, matrix, picks)
	binary(graph.OpPutAdd, func(u, ids *graph.Node) *graph.Node { return graph.PutAdd(ids, u, 4) },
		floats(graph.Shape{2, 2}, 1, 2, 3, 4), picks)
	unary(graph.OpOneHot, func(x *graph.Node) *graph.Node { return graph.OneHot(x, 3, f64) }, picks)
	unary(graph.OpFoldKey, func(x *graph.Node) *graph.Node {
		return graph.FoldKey(x, graph.Scalar(graph.Int32, 5))
	}, key)
	unary(graph.OpUniform, func(x *graph.Node) *graph.Node {
		return graph.Uniform(x, f64, graph.Shape{5})
	}, key)
	row("after", graph.OpAfter, func(x []*graph.Node) *graph.Node { return graph.After(x[0], x[1]) },
		matrix, picks)
	row("edge", graph.OpAfter, func(x []*graph.Node) *graph.Node {
		all := graph.Edge(1, x...)
		return graph.Mul(all[0], all[1])
	}, matrix, other)
	return samples
}
