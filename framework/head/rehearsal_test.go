package head_test

import (
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/head/headtest"
	"quickstudy/framework/nn"
)

// Rehearsals: heads of the literature, written as their authors would, to see that the
// contract carries them. Each passes the whole conformance suite: traced at several
// shapes, linked to a toy backbone, differentiated to order 2.

func rehearse(t *testing.T, trace func(t *head.Tracer) head.Outputs, use headtest.Use) {
	t.Helper()
	p := head.Define(t.Name(), "A rehearsal.", struct{}{},
		func(_ struct{}, t *head.Tracer) head.Outputs { return trace(t) })
	headtest.Run[struct{}](t, p, nil, use)
}

// classes returns the usual outputs of logits [B, C], at support classes only.
func classes(t *head.Tracer, logits *graph.Node) head.Outputs {
	labels := t.Labels()
	class := graph.ArgMax(nn.MaskedSoftmax(logits, labels.Mask))
	right := graph.Convert(graph.Eq(class, labels.IDs), graph.Float32)
	return head.Outputs{
		Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask),
		Predictions: []head.Prediction{{Name: "class", Node: class}},
		Metrics: []head.Metric{{Name: "accuracy", Finish: head.Ratio, Higher: true,
			Sums: []*graph.Node{graph.Sum(graph.Mul(right, labels.Weight)), graph.Sum(labels.Weight)}}},
	}
}

// members returns the weight of every support example in its class, [C, N].
func members(s head.Labels) *graph.Node {
	each := graph.OneHot(s.IDs, s.Classes, graph.Float32)                         // [N, C]
	return graph.Transpose(graph.Mul(each, graph.Reshape(s.Weight, -1, 1)), 1, 0) // [C, N]
}

// prototypical is Snell et al. 2017, https://arxiv.org/abs/1703.05175, equations 1 and 2:
// a class is the mean of its support, a query belongs to the nearest.
func prototypical(t *head.Tracer) head.Outputs {
	s := t.Support()
	x, in := t.Encode(head.Input).Pooled, members(s.Labels()) // [B, D], [C, N]
	sums := graph.Dot(in, s.Encode(head.Input).Pooled)        // [C, D]
	c := nn.SafeDiv(sums, graph.Broadcast(graph.Reshape(graph.Sum(in, 1), -1, 1), sums.Shape()...))
	d := graph.Sub(graph.Reshape(x, t.Batch(), 1, -1), graph.Reshape(c, 1, -1, t.Width())) // [B, C, D]
	return classes(t, graph.Neg(graph.Sum(graph.Mul(d, d), 2)))
}

var way = head.Target{Kind: head.ClassTarget, Classes: 3}

func TestPrototypical(t *testing.T) {
	rehearse(t, prototypical, headtest.Use{Target: way, Support: true})
}

// TestVariableWay: no parameter depends on the number of classes, and those that pad it
// are never predicted.
func TestVariableWay(t *testing.T) {
	variable := way
	variable.VariableWay, variable.Classes = true, 4
	rehearse(t, prototypical, headtest.Use{Target: variable, Support: true})
}

// TestMatching is Vinyals et al. 2016, https://arxiv.org/abs/1606.04080, equation 1: the
// labels of the support, weighted by attention with the cosine.
func TestMatching(t *testing.T) {
	rehearse(t, func(t *head.Tracer) head.Outputs {
		s := t.Support()
		labels := s.Labels()
		b, n := t.Batch(), s.Batch()
		x := graph.Broadcast(graph.Reshape(t.Encode(head.Input).Pooled, b, 1, -1), b, n, t.Width())
		y := graph.Broadcast(graph.Reshape(s.Encode(head.Input).Pooled, 1, n, -1), b, n, t.Width())
		a := nn.MaskedSoftmax(nn.Cosine(x, y), labels.Weight) // [B, N]
		p := graph.DotT(a, members(labels), false, true)      // [B, C]
		total := graph.Reshape(graph.Sum(p, 1), b, 1)         // weights may not be 1
		floor := graph.Scalar(graph.Float32, 1e-6)            // a class without support
		return classes(t, graph.Log(graph.Add(nn.SafeDiv(p, graph.Broadcast(total, p.Shape()...)),
			floor)))
	}, headtest.Use{Target: way, Support: true})
}

// TestInContext reads the support as a context, as in-context learners do (Garg et al.
// 2022, https://arxiv.org/abs/2208.01066): every query attends to the examples and
// their embedded labels.
func TestInContext(t *testing.T) {
	rehearse(t, func(t *head.Tracer) head.Outputs {
		s, d := t.Support(), t.Width()
		labels := s.Labels()
		linear := func(name string, x *graph.Node) *graph.Node {
			return nn.Linear(x, t.Param(name, graph.Shape{d, d}, nn.Init{Kind: nn.GlorotUniform, Scale: 1}),
				nil)
		}
		labelOf := t.Param("label", graph.Shape{labels.Classes, d}, nn.Init{Kind: nn.Normal, Scale: 1})
		x, context := t.Encode(head.Input).Pooled, s.Encode(head.Input).Pooled // [B, D], [N, D]
		values := graph.Add(linear("v", context), graph.Gather(labelOf, labels.IDs))
		lift := func(x *graph.Node) *graph.Node { return graph.Reshape(x, 1, 1, -1, d) }
		seen := nn.Attention(lift(linear("q", x)), lift(linear("k", context)), lift(values),
			labels.Weight)
		read := graph.Add(x, graph.Reshape(seen, t.Batch(), d)) // [B, D]
		return classes(t, graph.DotT(read, labelOf, false, true))
	}, headtest.Use{Target: way, Support: true})
}

// TestPairs compares two input sets of one example (Reimers & Gurevych 2019,
// https://arxiv.org/abs/1908.10084, section 3: the regression objective).
func TestPairs(t *testing.T) {
	rehearse(t, func(t *head.Tracer) head.Outputs {
		target := t.Values()
		y := nn.Cosine(t.Encode("left").Pooled, t.Encode("right").Pooled) // [B]
		loss := nn.SquaredError(y, target.Values)
		return head.Outputs{
			Loss:        loss,
			Predictions: []head.Prediction{{Name: "value", Node: y}},
			Metrics: []head.Metric{{Name: "rmse", Finish: head.Root, Sums: []*graph.Node{
				graph.Sum(graph.Mul(loss, target.Weight)), graph.Sum(target.Weight)}}},
		}
	}, headtest.Use{Target: head.Target{Kind: head.ValueTarget}, Sets: []string{"left", "right"}})
}

// TestContrastive tells the right pair of a batch from the wrong ones (Oord et al. 2018,
// https://arxiv.org/abs/1807.03748, equation 4), so that its loss is coupled.
func TestContrastive(t *testing.T) {
	rehearse(t, func(t *head.Tracer) head.Outputs {
		t.Coupled()
		b, weight := t.Batch(), t.Values().Weight
		scores := graph.DotT(t.Encode("left").Pooled, t.Encode("right").Pooled, false, true) // [B, B]
		return head.Outputs{Loss: nn.CrossEntropy(scores, graph.Iota(graph.Int32, graph.Shape{b}, 0),
			weight)}
	}, headtest.Use{Target: head.Target{Kind: head.ValueTarget}, Sets: []string{"left", "right"}})
}

// TestSpan points at the first and last position of a span (Devlin et al. 2019, sections
// 4.2 and 4.3): the sum of two losses over positions and over there being none, whose
// score is that of what is pooled, and the best pair in order.
func TestSpan(t *testing.T) {
	rehearse(t, func(t *head.Tracer) head.Outputs {
		spans := t.Spans()
		e := t.Encode(spans.Set) // [B, T, D], [B, T]
		w := t.Param("w", graph.Shape{t.Width(), 2}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
		b, n := t.Batch(), e.Mask.Shape()[1]
		logits := graph.Concat(1, nn.Linear(e.Hidden, w, nil),
			graph.Reshape(nn.Linear(e.Pooled, w, nil), b, 1, 2)) // [B, T+1, 2]: the last is none
		mask := graph.Pad(e.Mask, 1, 0, 1)
		mask = graph.Add(mask, graph.OneHot(graph.Const(graph.Int32, graph.Shape{b},
			[]float64{float64(n)}), n+1, graph.Float32))
		scores := func(i int) *graph.Node { return graph.Reshape(graph.Slice(logits, 2, i, i+1), b, n+1) }
		point := func(i int, at *graph.Node) *graph.Node { // -log p(at)
			none := graph.ConstLike(at, float64(n))
			at = graph.Select(graph.Gt(spans.Present, graph.ConstLike(spans.Present, 0)), at, none)
			p := nn.MaskedSoftmax(scores(i), mask)
			return graph.Neg(nn.SafeLog(graph.Reshape(graph.Take(p, graph.Reshape(at, b, 1)), b)))
		}
		pairs := graph.Shape{b, n + 1, n + 1} // start, end
		ends := func(axis int) *graph.Node { return graph.Iota(graph.Int32, pairs, axis) }
		last := graph.Const(graph.Int32, graph.Shape{}, []float64{float64(n)})
		apart := graph.Eq(graph.Eq(ends(1), graph.Broadcast(last, pairs...)),
			graph.Eq(ends(2), graph.Broadcast(last, pairs...))) // both none, or neither
		kept := graph.Convert(graph.And(graph.Le(ends(1), ends(2)), apart), graph.Float32)
		real := graph.Mul(graph.Reshape(mask, b, n+1, 1), graph.Reshape(mask, b, 1, n+1))
		both := graph.Add(graph.Reshape(scores(0), b, n+1, 1), graph.Reshape(scores(1), b, 1, n+1))
		best := graph.ArgMax(nn.MaskedSoftmax(graph.Reshape(both, b, -1),
			graph.Reshape(graph.Mul(real, kept), b, -1)))
		start := graph.Div(best, graph.ConstLike(best, float64(n+1)))
		end := graph.Sub(best, graph.Mul(start, graph.ConstLike(start, float64(n+1))))
		place := func(x *graph.Node) *graph.Node { // -1 for none
			none := graph.Eq(x, graph.ConstLike(x, float64(n)))
			return graph.Reshape(graph.Select(none, graph.ConstLike(x, -1), x), b, 1)
		}
		return head.Outputs{
			Loss: graph.Add(point(0, spans.Start), point(1, spans.End)),
			Predictions: []head.Prediction{{Name: "span",
				Node: graph.Concat(1, place(start), place(end))}},
		}
	}, headtest.Use{Target: head.Target{Kind: head.SpanTarget}})
}

// TestTags is a class for every position, and TestSets several for an example, each
// with its own yes or no.
func TestTags(t *testing.T) {
	rehearse(t, func(t *head.Tracer) head.Outputs {
		tags := t.Tags()
		w := t.Param("w", graph.Shape{t.Width(), tags.Classes}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
		return everyPosition(nn.Linear(t.Encode(tags.Set).Hidden, w, nil), tags.IDs, tags.Weight, "tags")
	}, headtest.Use{Target: head.Target{Kind: head.TagsTarget, Classes: 3}})
}

func TestSets(t *testing.T) {
	rehearse(t, func(t *head.Tracer) head.Outputs {
		sets := t.LabelSets()
		w := t.Param("w", graph.Shape{t.Width(), sets.Classes}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
		logits := nn.Linear(t.Encode(head.Input).Pooled, w, nil) // [B, C]
		sign := graph.Sub(graph.ConstLike(logits, 1), graph.Mul(sets.Sets, graph.ConstLike(logits, 2)))
		two := graph.Concat(1, graph.Reshape(graph.Mul(logits, sign), -1, 1), graph.Const(graph.Float32,
			graph.Shape{logits.Shape().Size(), 1}, []float64{0})) // [B·C, 2]
		no := graph.Neg(graph.Reshape(graph.Slice(nn.LogSoftmax(two), 1, 1, 2), t.Batch(), -1))
		mask := graph.Gt(sets.Mask, graph.ConstLike(sets.Mask, 0))
		yes := graph.And(graph.Gt(logits, graph.ConstLike(logits, 0)),
			graph.Broadcast(mask, logits.Shape()...))
		return head.Outputs{
			Loss:        graph.Sum(graph.Mul(no, sets.Mask), 1),
			Predictions: []head.Prediction{{Name: "classes", Node: yes}},
		}
	}, headtest.Use{Target: head.Target{Kind: head.ClassesTarget, Classes: 3}})
}

// everyPosition returns the outputs of logits [B, T, C].
func everyPosition(logits, ids, weight *graph.Node, name string) head.Outputs {
	shape := ids.Shape()
	flat := graph.Reshape(logits, shape.Size(), -1)
	loss := graph.Reshape(nn.CrossEntropy(flat, graph.Reshape(ids, -1), nil), shape...)
	return head.Outputs{
		Loss:        loss,
		Predictions: []head.Prediction{{Name: name, Node: graph.ArgMax(logits)}},
		Metrics: []head.Metric{{Name: "perplexity", Finish: head.Perplexity,
			Sums: []*graph.Node{graph.Sum(graph.Mul(loss, weight)), graph.Sum(weight)}}},
	}
}

// TestLanguageModel writes on from a text with a decoder alone (Radford et al. 2018,
// section 3.1: every token from those before it), its output tied to the embedding.
func TestLanguageModel(t *testing.T) {
	rehearse(t, func(t *head.Tracer) head.Outputs {
		scores := func(hidden *graph.Node) *graph.Node { // [..., D] to [..., V]
			return nn.Linear(hidden, graph.Transpose(t.Embedding(), 1, 0), nil)
		}
		if n := t.Next(); n != nil {
			hidden, cache := t.Step(n.Cache, n.Token, n.Position)
			return head.Outputs{Cache: cache,
				Predictions: []head.Prediction{{Name: "scores", Node: scores(hidden)}}}
		}
		tokens := t.Tokens()
		hidden := t.Decode(head.Encoded{}, tokens.Set).Hidden // [B, T, D]
		return everyPosition(scores(hidden), tokens.IDs, tokens.Weight, "tokens")
	}, headtest.Use{
		Target: head.Target{Kind: head.TokensTarget, Classes: 7}, DecoderOnly: true, Writes: true,
	})
}

// TestGeneration writes a text from an encoded one (Vaswani et al. 2017), its output tied
// to the token embedding (Press & Wolf 2017, https://arxiv.org/abs/1608.05859). Trained
// on whole texts, it writes token by token what it predicts of the whole.
func TestGeneration(t *testing.T) {
	rehearse(t, func(t *head.Tracer) head.Outputs {
		table := t.Embedding() // [V, D]
		bias := t.Param("b", graph.Shape{table.Shape()[0]}, nn.Init{})
		scores := func(hidden *graph.Node) *graph.Node { // [..., D] to [..., V]
			return nn.Linear(hidden, graph.Transpose(table, 1, 0), bias)
		}
		if n := t.Next(); n != nil {
			hidden, cache := t.Step(n.Cache, n.Token, n.Position)
			return head.Outputs{Cache: cache,
				Predictions: []head.Prediction{{Name: "scores", Node: scores(hidden)}}}
		}
		tokens, memory := t.Tokens(), t.Encode("source")
		hidden := t.Decode(memory, tokens.Set).Hidden // [B, T, D]
		out := everyPosition(scores(hidden), tokens.IDs, tokens.Weight, "tokens")
		out.Cache = t.Start(memory)
		return out
	}, headtest.Use{
		Target: head.Target{Kind: head.TokensTarget, Classes: 7, Set: "text"},
		Sets:   []string{"source", "text"}, Writes: true,
	})
}
