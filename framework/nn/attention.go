package nn

import (
	"math"

	"quickstudy/framework/graph"
)

// Attention returns softmax(q·kᵀ/√E)·v over the keys that mask keeps.
// q: [B, H, T, E]; k, v: [B, H, S, E]; mask: broadcastable to [B, H, T, S],
// 0 = hidden, or nil; result [B, H, T, E]. A query that sees no key gives zeros.
// Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, eq. 1.
func Attention(q, k, v, mask *graph.Node) *graph.Node {
	return graph.Dot(AttentionWeights(q, k, nil, mask), v)
}

// AttentionWeights returns the weights [B, H, T, S] of Attention, for callers that
// drop some of them out or look at them. bias is added to the scores before the
// softmax: broadcastable to [B, H, T, S], or nil.
func AttentionWeights(q, k, bias, mask *graph.Node) *graph.Node {
	scale := graph.Scalar(q.DType(), 1/math.Sqrt(float64(last(q))))
	scores := graph.Mul(graph.DotT(q, k, false, true), scale) // [B, H, T, S]
	if bias != nil {
		scores = graph.Add(scores, bias)
	}
	if mask == nil {
		return Softmax(scores)
	}
	return MaskedSoftmax(scores, mask)
}

// Distances returns j - i for the query at position i and the key at position j,
// Int32 [T, T].
func Distances(t int) *graph.Node {
	square := graph.Shape{t, t}
	return graph.Sub(graph.Iota(graph.Int32, square, 1), graph.Iota(graph.Int32, square, 0))
}

// Past says where a distance is that of a key which is not after the query.
// distance: Int32, any shape; result Bool of that shape.
func Past(distance *graph.Node) *graph.Node {
	return graph.Le(distance, graph.ConstLike(distance, 0))
}

// CausalMask keeps for a query the keys that mask keeps and that are not after it.
// mask: [B, T]; result Bool [B, 1, T, T].
// Vaswani et al. 2017, section 3.2.3.
func CausalMask(mask *graph.Node) *graph.Node {
	b, t := mask.Shape()[0], mask.Shape()[1]
	return graph.And(graph.Reshape(present(mask), b, 1, 1, t), Past(Distances(t)))
}
