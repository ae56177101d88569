package nn

import (
	"math"

	"quickstudy/framework/graph"
)

// Linear returns x·W + b. x: [..., I], w: [I, O], b: [O] or nil; result [..., O].
func Linear(x, w, b *graph.Node) *graph.Node {
	if len(x.Shape()) == 0 || len(w.Shape()) != 2 || x.Shape()[len(x.Shape())-1] != w.Shape()[0] {
		graph.Failf("linear", "x %v and w %v: want [..., I] and [I, O]", x.Shape(), w.Shape())
	}
	dims := x.Shape().Clone()
	dims[len(dims)-1] = w.Shape()[1]
	y := graph.Dot(graph.Reshape(x, -1, w.Shape()[0]), w) // [N, O]
	if b != nil {
		y = graph.Add(y, b)
	}
	return graph.Reshape(y, dims...) // [..., O]
}

// LayerNormEpsilon is added to the variance in LayerNorm; PyTorch's default.
const LayerNormEpsilon = 1e-5

// LayerNorm returns (x - μ) / √(σ² + 1e-5) · scale + bias, with the mean μ and
// biased variance σ² of the last axis. x: [..., D]; scale, bias: [D].
// Ba, Kiros & Hinton 2016, https://arxiv.org/abs/1607.06450, eq. 4.
func LayerNorm(x, scale, bias *graph.Node) *graph.Node {
	d := float64(last(x))
	centered := graph.Sub(x, graph.Div(sumLast(x), graph.Scalar(x.DType(), d)))
	// [..., 1]
	variance := graph.Div(sumLast(graph.Mul(centered, centered)), graph.Scalar(x.DType(), d))
	deviation := graph.Sqrt(graph.Add(variance, graph.Scalar(x.DType(), LayerNormEpsilon)))
	return graph.Add(graph.Mul(graph.Mul(centered, inverse(deviation)), scale), bias)
}

// inverse returns 1/x. What has one value a row is inverted before it is multiplied with the
// row, and so are its derivatives: a division takes several times as long as a product.
func inverse(x *graph.Node) *graph.Node { return graph.Div(graph.ConstLike(x, 1), x) }

// RMSNormEpsilon is added to the mean square in RMSNorm; that of T5 and LLaMA.
const RMSNormEpsilon = 1e-6

// RMSNorm returns x / √(mean(x²) + 1e-6) · scale, with the mean of the last axis.
// x: [..., D]; scale: [D].
// Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467, eq. 4.
func RMSNorm(x, scale *graph.Node) *graph.Node {
	d := float64(last(x))
	square := graph.Div(sumLast(graph.Mul(x, x)), graph.Scalar(x.DType(), d)) // [..., 1]
	root := graph.Sqrt(graph.Add(square, graph.Scalar(x.DType(), RMSNormEpsilon)))
	return graph.Mul(graph.Mul(x, inverse(root)), scale)
}

// GELU returns x·Φ(x) = x/2 · (1 + erf(x/√2)), exactly.
// Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415, section 2.
func GELU(x *graph.Node) *graph.Node {
	phi := graph.Erf(graph.Mul(x, graph.Scalar(x.DType(), 1/math.Sqrt2)))
	half := graph.Mul(x, graph.Scalar(x.DType(), 0.5))
	return graph.Mul(half, graph.Add(phi, graph.Scalar(x.DType(), 1)))
}

// ReLU returns max(x, 0), with derivative 0 at 0.
func ReLU(x *graph.Node) *graph.Node {
	zero := graph.ConstLike(x, 0)
	return graph.Select(graph.Gt(x, zero), x, zero)
}

// Sigmoid returns 1 / (1 + exp(-x)), by a form that no x overflows: (1 + tanh(x/2)) / 2.
func Sigmoid(x *graph.Node) *graph.Node {
	half := graph.ConstLike(x, 0.5)
	return graph.Mul(half, graph.Add(graph.ConstLike(x, 1), graph.Tanh(graph.Mul(x, half))))
}

// SiLU returns x·σ(x) = x / (1 + e⁻ˣ), which is Swish with β = 1; written with tanh,
// which overflows nowhere. Ramachandran et al. 2017, https://arxiv.org/abs/1710.05941.
func SiLU(x *graph.Node) *graph.Node {
	half := graph.Mul(x, graph.Scalar(x.DType(), 0.5))
	return graph.Mul(half, graph.Add(graph.Tanh(half), graph.Scalar(x.DType(), 1)))
}

// Dropout sets elements to 0 with probability rate and divides the others by
// 1 - rate. x: any shape; key: Int32 [2]. One key draws one mask. A rate of 0
// returns x. Srivastava et al. 2014, section 4 (inverted scaling).
func Dropout(x *graph.Node, rate float64, key *graph.Node) *graph.Node {
	if !(rate >= 0 && rate < 1) {
		graph.Failf("dropout", "rate %v, want one in [0, 1)", rate)
	}
	if rate == 0 {
		return x
	}
	if key == nil {
		graph.Failf("dropout", "no key for rate %v: pass an i32 [2] key", rate)
	}
	keep := graph.Ge(graph.Uniform(key, x.DType(), x.Shape()), graph.ConstLike(x, rate))
	return graph.Select(keep, graph.Mul(x, graph.Scalar(x.DType(), 1/(1-rate))), graph.ConstLike(x, 0))
}

// MeanPool returns the mean over positions whose mask is not 0, and zeros if
// there are none. x: [B, T, D], mask: [B, T]; result [B, D].
func MeanPool(x, mask *graph.Node) *graph.Node {
	b, t := mask.Shape()[0], mask.Shape()[1]
	real := graph.Reshape(present(mask), b, t, 1)
	total := graph.Sum(graph.Select(real, x, graph.ConstLike(x, 0)), 1) // [B, D]
	ones := graph.Convert(present(mask), x.DType())
	count := graph.Reshape(graph.Sum(ones, 1), b, 1) // [B, 1]
	return graph.Div(total, graph.Max(count, graph.Scalar(x.DType(), 1)))
}

// LastPool returns x at the last position whose mask is not 0, and zeros if there is
// none. x: [B, T, D], mask: [B, T]; result [B, D].
func LastPool(x, mask *graph.Node) *graph.Node {
	b, t := mask.Shape()[0], mask.Shape()[1]
	at := graph.Iota(graph.Int32, graph.Shape{b, t}, 1)
	at = graph.Select(present(mask), at, graph.ConstLike(at, -1))
	here := graph.OneHot(graph.MaxOf(at, 1), t, graph.Bool) // [B, T]
	return graph.Sum(graph.Select(graph.Reshape(here, b, t, 1), x, graph.ConstLike(x, 0)), 1)
}

// last returns the length of the last axis.
func last(x *graph.Node) int {
	if len(x.Shape()) == 0 {
		graph.Failf("last axis", "a scalar has no last axis: want [..., D]")
	}
	return x.Shape()[len(x.Shape())-1]
}

// sumLast sums over the last axis and keeps it with length 1.
func sumLast(x *graph.Node) *graph.Node { return keepLast(x, graph.Sum(x, len(x.Shape())-1)) }

func keepLast(x, reduced *graph.Node) *graph.Node {
	dims := x.Shape().Clone()
	dims[len(dims)-1] = 1
	return graph.Reshape(reduced, dims...)
}

// present turns a mask into Bool: not 0.
func present(mask *graph.Node) *graph.Node {
	if mask.DType() == graph.Bool {
		return mask
	}
	return graph.Not(graph.Eq(mask, graph.ConstLike(mask, 0)))
}
