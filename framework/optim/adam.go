package optim

import (
	"math"

	"quickstudy/framework/graph"
)

// adam is algorithm 1 of Kingma & Ba 2015, https://arxiv.org/abs/1412.6980:
//
//	m ← β₁m + (1-β₁)g,  v ← β₂v + (1-β₂)g²
//	p ← p - rate · m/(1-β₁ᵗ) / (√(v/(1-β₂ᵗ)) + ε)
func (c Config) adam(p, g *graph.Node, slots []*graph.Node, rate, step *graph.Node) (
	*graph.Node, []*graph.Node,
) {
	step = graph.Convert(step, p.DType())
	m := graph.Add(scale(slots[0], c.Beta1), scale(g, 1-c.Beta1))
	v := graph.Add(scale(slots[1], c.Beta2), scale(graph.Mul(g, g), 1-c.Beta2))
	root := safeSqrt(graph.Div(v, correction(c.Beta2, step)))
	denominator := graph.Add(root, graph.Scalar(p.DType(), c.Epsilon))
	if c.Epsilon == 0 { // 0 / 0 where no gradient has come yet
		denominator = graph.Select(graph.Eq(denominator, graph.ConstLike(denominator, 0)),
			graph.ConstLike(denominator, 1), denominator)
	}
	move := graph.Div(graph.Div(m, correction(c.Beta1, step)), denominator)
	return graph.Sub(p, graph.Mul(rate, move)), []*graph.Node{m, v}
}

// decay returns p · (1 - rate·λ), the decoupled weight decay of Loshchilov &
// Hutter 2019, https://arxiv.org/abs/1711.05101, algorithm 2.
func decay(p, rate *graph.Node, lambda float64) *graph.Node {
	one := graph.Scalar(p.DType(), 1)
	return graph.Mul(p, graph.Sub(one, scale(rate, lambda)))
}

// correction returns 1 - βᵗ as 2a / (1 + a) with a = tanh(-t·ln β / 2), which
// does not cancel in float32 where βᵗ is near 1.
func correction(beta float64, step *graph.Node) *graph.Node {
	one := graph.Scalar(step.DType(), 1)
	if beta == 0 {
		return one
	}
	a := graph.Tanh(scale(step, -math.Log(beta)/2))
	return graph.Div(scale(a, 2), graph.Add(one, a))
}

// safeSqrt is √x with derivative 0 at 0, so that a step can be differentiated
// where a gradient is zero.
func safeSqrt(x *graph.Node) *graph.Node {
	zero := graph.Eq(x, graph.ConstLike(x, 0))
	root := graph.Sqrt(graph.Select(zero, graph.ConstLike(x, 1), x))
	return graph.Select(zero, graph.ConstLike(x, 0), root)
}

func scale(x *graph.Node, by float64) *graph.Node {
	return graph.Mul(x, graph.Scalar(x.DType(), by))
}
