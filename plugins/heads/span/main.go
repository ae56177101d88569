// Plugin span points at a span of a text, or says that there is none: two softmax over the
// positions, for its first and its last, in each of which "none" is one more choice, whose
// score is that of the pooled representation (Devlin et al. 2019,
// https://arxiv.org/abs/1810.04805, sections 4.2 and 4.3, where it is that of [CLS]):
//
//	s = h·w₀, e = h·w₁ at every position    s∅ = x·w₀ + b₀, e∅ = x·w₁ + b₁
//	loss = -log softmax(s, s∅)[start or ∅] - log softmax(e, e∅)[end or ∅]
//
// Predicted are the i ≤ j with the largest sᵢ + eⱼ, unless s∅ + e∅ + threshold is larger.
// The core scores the text that they cover. Positions of other texts in the input, such as
// a question's, are never chosen.
//
//	head "span" "answer" {
//	  max_length = 30
//	}
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(span) }

var span = head.Define(
	"span",
	"first and last position of a span, or none (Devlin et al. 2019)",
	config{},
	trace,
)

// config is the attributes of the plugin's block.
type config struct {
	Dropout   float64 `config:"dropout" min:"0" max:"<1" doc:"share of the representations that is dropped in training"`
	MaxLength int     `config:"max_length" min:"0" doc:"most positions of a span that is predicted; 0: any number" unit:"positions"`
	Threshold float64 `config:"threshold" doc:"added to the score of there being no span when one is predicted"`
}

func trace(c config, t *head.Tracer) head.Outputs {
	target := t.Spans()
	e := t.Encode(target.Set) // [B, T, D], [B, T], [B, D]
	hidden, pooled := e.Hidden, e.Pooled
	if t.Train() {
		hidden = nn.Dropout(hidden, c.Dropout, t.Key())
		pooled = nn.Dropout(pooled, c.Dropout, t.Key())
	}
	w := t.Param("w", graph.Shape{t.Width(), 2}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	b := t.Param("b", graph.Shape{2}, nn.Init{Kind: nn.Zeros})
	scores := nn.Linear(hidden, w, nil)                      // [B, T, 2]
	none := graph.Reshape(nn.Linear(pooled, w, b), -1, 1, 2) // [B, 1, 2]
	start := newPoint(scores, none, target.Allowed, 0)
	end := newPoint(scores, none, target.Allowed, 1)
	return head.Outputs{
		Loss: graph.Add(start.loss(target.Start, target.Present),
			end.loss(target.End, target.Present)), // [B]
		Predictions: []head.Prediction{{Name: "span", Node: best(c, start, end, target.Allowed)}},
	}
}

// point is the choice of one end: scores of the positions and of there being no span.
type point struct {
	scores, none *graph.Node // [B, T], [B, 1]
	mask         *graph.Node // [B, T+1]: the last is none, which is always there
}

func newPoint(scores, none, mask *graph.Node, which int) point {
	b := mask.Shape()[0]
	one := graph.Const(graph.Float32, graph.Shape{b, 1}, []float64{1})
	return point{
		scores: graph.Reshape(graph.Slice(scores, 2, which, which+1), b, -1),
		none:   graph.Reshape(graph.Slice(none, 2, which, which+1), b, 1),
		mask:   graph.Concat(1, mask, one),
	}
}

// loss is -log p of the right choice, [B]. at: Int32 [B]; present: [B], 0: none is right.
func (p point) loss(at, present *graph.Node) *graph.Node {
	shape := p.mask.Shape()
	none := graph.ConstLike(at, float64(shape[1]-1))
	at = graph.Select(graph.Gt(present, graph.ConstLike(present, 0)), at, none)
	hidden := graph.Eq(p.mask, graph.ConstLike(p.mask, 0))
	logits := graph.Concat(1, p.scores, p.none)
	logits = graph.Select(hidden, graph.ConstLike(logits, excluded), logits)
	return nn.CrossEntropy(logits, at, nil)
}

// excluded is the score of what cannot be chosen, far below any other.
const excluded = -1e30

// best returns the first and last position of the best span, Int32 [B, 2], or -1 twice.
func best(c config, start, end point, mask *graph.Node) *graph.Node {
	b, n := mask.Shape()[0], mask.Shape()[1]
	pairs := graph.Shape{b, n, n} // start, end
	first, last := graph.Iota(graph.Int32, pairs, 1), graph.Iota(graph.Int32, pairs, 2)
	sums := graph.Add(graph.Reshape(start.scores, b, n, 1), graph.Reshape(end.scores, b, 1, n))
	real := graph.Mul(graph.Reshape(mask, b, n, 1), graph.Reshape(mask, b, 1, n))
	can := graph.And(graph.Le(first, last), graph.Gt(real, graph.ConstLike(real, 0)))
	if c.MaxLength > 0 {
		length := graph.Sub(last, first)
		can = graph.And(can, graph.Lt(length, graph.ConstLike(length, float64(c.MaxLength))))
	}
	sums = graph.Reshape(graph.Select(can, sums, graph.ConstLike(sums, excluded)), b, n*n)
	at := graph.ArgMax(sums) // Int32 [B]
	i := graph.Div(at, graph.ConstLike(at, float64(n)))
	j := graph.Sub(at, graph.Mul(i, graph.ConstLike(i, float64(n))))
	none := graph.Reshape(graph.Add(start.none, end.none), b)
	none = graph.Add(none, graph.ConstLike(none, c.Threshold))
	is := graph.Gt(graph.MaxOf(sums, 1), none)
	place := func(x *graph.Node) *graph.Node {
		return graph.Reshape(graph.Select(is, x, graph.ConstLike(x, -1)), b, 1)
	}
	return graph.Concat(1, place(i), place(j))
}
