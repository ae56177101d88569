package nn

import "quickstudy/framework/graph"

// SafeDiv returns a / b, and 0 with zero derivatives where b is 0.
func SafeDiv(a, b *graph.Node) *graph.Node {
	zero := graph.Eq(b, graph.ConstLike(b, 0))
	q := graph.Div(a, graph.Select(zero, graph.ConstLike(b, 1), b))
	return graph.Select(zero, graph.Scalar(a.DType(), 0), q)
}

// SafeLog returns log x, and 0 with derivative 0 where x is not above 0.
func SafeLog(x *graph.Node) *graph.Node {
	positive := graph.Gt(x, graph.ConstLike(x, 0))
	l := graph.Log(graph.Select(positive, x, graph.ConstLike(x, 1)))
	return graph.Select(positive, l, graph.ConstLike(x, 0))
}

// Norm returns √Σx² over the last axis, with derivative 0 at the origin.
// x: [..., D]; result [...].
func Norm(x *graph.Node) *graph.Node {
	square := graph.Sum(graph.Mul(x, x), len(x.Shape())-1)
	zero := graph.Eq(square, graph.ConstLike(square, 0))
	root := graph.Sqrt(graph.Select(zero, graph.ConstLike(square, 1), square))
	return graph.Select(zero, graph.ConstLike(square, 0), root)
}

// Cosine returns a·b / (‖a‖ ‖b‖) over the last axis, 0 where either is zero.
// a, b: [..., D]; result [...].
func Cosine(a, b *graph.Node) *graph.Node {
	dot := graph.Sum(graph.Mul(a, b), len(a.Shape())-1)
	return SafeDiv(dot, graph.Mul(Norm(a), Norm(b)))
}
