package headtest

import (
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
)

// parts are the steps of a linear classifier, each of which a wrong head gets wrong.
type parts struct {
	pooled  func(t *head.Tracer) *graph.Node
	loss    func(t *head.Tracer, logits *graph.Node, labels head.Labels) *graph.Node
	class   func(logits *graph.Node, labels head.Labels) *graph.Node
	correct func(class *graph.Node, labels head.Labels) []*graph.Node
}

func right() parts {
	return parts{
		pooled: func(t *head.Tracer) *graph.Node { return t.Encode(head.Input).Pooled },
		loss: func(_ *head.Tracer, logits *graph.Node, labels head.Labels) *graph.Node {
			return nn.CrossEntropy(logits, labels.IDs, labels.Mask)
		},
		class: func(logits *graph.Node, labels head.Labels) *graph.Node {
			return graph.ArgMax(nn.MaskedSoftmax(logits, labels.Mask))
		},
		correct: func(class *graph.Node, labels head.Labels) []*graph.Node {
			is := graph.Convert(graph.Eq(class, labels.IDs), graph.Float32)
			return []*graph.Node{graph.Sum(graph.Mul(is, labels.Weight)), graph.Sum(labels.Weight)}
		},
	}
}

func (p parts) trace(_ struct{}, t *head.Tracer) head.Outputs {
	x, labels := p.pooled(t), t.Labels()
	w := t.EpisodicParam("w", graph.Shape{t.Width(), labels.Classes},
		nn.Init{Kind: nn.Normal, Scale: 1})
	logits := nn.Linear(x, w, nil)
	class := p.class(logits, labels)
	return head.Outputs{
		Loss:        p.loss(t, logits, labels),
		Predictions: []head.Prediction{{Name: "class", Node: class}},
		Metrics: []head.Metric{{Name: "accuracy", Finish: head.Ratio,
			Sums: p.correct(class, labels)}},
	}
}

var classes = Use{Target: head.Target{Kind: head.ClassTarget, Classes: 3, VariableWay: true}}

// failing lists the checks that a head fails.
func failing(p head.Plugin, use Use) []string {
	s := &suite{plugin: p, config: p.New(), use: use}
	var names []string
	for _, check := range checks {
		if err := check.run(s); err != nil {
			names = append(names, check.name+": "+err.Error())
		}
	}
	return names
}

func define(p parts) head.Plugin {
	return head.Define("linear", "A linear head.", struct{}{}, p.trace)
}

func TestRightHead(t *testing.T) {
	Run[struct{}](t, define(right()), nil, classes)
}

// TestWrongHeads: each mistake is found by the check that is about it.
func TestWrongHeads(t *testing.T) {
	traces := 0
	for _, row := range []struct {
		check, want string
		wrong       func(p *parts)
	}{
		{"traces at every shape", "labels are a matrix", func(p *parts) {
			p.loss = func(t *head.Tracer, logits *graph.Node, labels head.Labels) *graph.Node {
				if t.Batch() == 1 {
					graph.Failf("linear", "labels are a matrix")
				}
				return nn.CrossEntropy(logits, labels.IDs, labels.Mask)
			}
		}},
		{"traces at every shape", "traced twice, the head differs", func(p *parts) {
			p.pooled = func(t *head.Tracer) *graph.Node {
				traces++
				return graph.Mul(t.Encode(head.Input).Pooled, graph.Scalar(graph.Float32, float64(traces)))
			}
		}},
		{"parameters follow from the head alone", "scale [1]", func(p *parts) {
			p.pooled = func(t *head.Tracer) *graph.Node {
				scale := t.Param("scale", graph.Shape{t.Batch()}, nn.Init{Kind: nn.Ones})
				return graph.Mul(t.Encode(head.Input).Pooled, graph.Reshape(scale, -1, 1))
			}
		}},
		{"parameters follow from the head alone", "bias [3]", func(p *parts) {
			p.loss = func(t *head.Tracer, logits *graph.Node, labels head.Labels) *graph.Node {
				b := t.Param("bias", graph.Shape{labels.Classes}, nn.Init{})
				return nn.CrossEntropy(graph.Add(logits, b), labels.IDs, labels.Mask)
			}
		}},
		{"gradients to order 2", "of order 1", func(p *parts) {
			p.pooled = func(t *head.Tracer) *graph.Node {
				return graph.StopGradient(t.Encode(head.Input).Pooled)
			}
		}},
		{"degenerate batches", "a row of padding, training false: first: element 0 is NaN",
			func(p *parts) {
				p.pooled = func(t *head.Tracer) *graph.Node { // divided by its norm
					x := t.Encode(head.Input).Pooled
					return graph.Div(x, graph.Reshape(graph.Sqrt(graph.Sum(graph.Mul(x, x), 1)), -1, 1))
				}
			}},
		{"degenerate batches", "large features", func(p *parts) {
			p.loss = func(_ *head.Tracer, logits *graph.Node, labels head.Labels) *graph.Node {
				ids := graph.Reshape(labels.IDs, -1, 1)
				return graph.Reshape(graph.Neg(graph.Log(graph.Take(nn.Softmax(logits), ids))), -1)
			}
		}},
		{"padding rows change nothing", "with padding", func(p *parts) {
			p.pooled = func(t *head.Tracer) *graph.Node { // centred over the batch, padding too
				t.Coupled()
				x := t.Encode(head.Input).Pooled
				mean := graph.Div(graph.Sum(x, 0), graph.Scalar(graph.Float32, float64(t.Batch())))
				return graph.Sub(x, mean)
			}
		}},
		{"padded positions change nothing", "with padding", func(p *parts) {
			p.pooled = func(t *head.Tracer) *graph.Node {
				return graph.MaxOf(t.Encode(head.Input).Hidden, 1)
			}
		}},
		{"cuts add up", "in two cuts", func(p *parts) {
			p.loss = func(_ *head.Tracer, logits *graph.Node, labels head.Labels) *graph.Node {
				each := nn.CrossEntropy(logits, labels.IDs, labels.Mask)
				return graph.Div(each, graph.Scalar(graph.Float32, float64(labels.IDs.Shape()[0])))
			}
		}},
		{"weights are the host's", "of loss", func(p *parts) {
			p.loss = func(_ *head.Tracer, logits *graph.Node, labels head.Labels) *graph.Node {
				return graph.Mul(nn.CrossEntropy(logits, labels.IDs, labels.Mask), labels.Weight)
			}
		}},
		{"weights are the host's", "of metric/accuracy/0", func(p *parts) {
			p.correct = func(class *graph.Node, labels head.Labels) []*graph.Node {
				is := graph.Convert(graph.Eq(class, labels.IDs), graph.Float32)
				return []*graph.Node{graph.Sum(is), graph.Sum(graph.ConstLike(is, 1))}
			}
		}},
		{"predictions in range", "element", func(p *parts) {
			p.class = func(logits *graph.Node, labels head.Labels) *graph.Node {
				return graph.ArgMax(logits) // of hidden classes too
			}
		}},
		{"answers are not looked at", "changes with the answers", func(p *parts) {
			p.class = func(_ *graph.Node, labels head.Labels) *graph.Node {
				return graph.Identity(labels.IDs)
			}
		}},
		{"evaluation draws nothing", "depends on the random key", func(p *parts) {
			p.pooled = func(t *head.Tracer) *graph.Node {
				return nn.Dropout(t.Encode(head.Input).Pooled, 0.5, t.Key())
			}
		}},
	} {
		t.Run(row.check, func(t *testing.T) {
			p := right()
			row.wrong(&p)
			for _, f := range failing(define(p), classes) {
				if strings.HasPrefix(f, row.check) && strings.Contains(f, row.want) {
					return
				}
			}
			t.Errorf("want %q to fail with %q; failing: %q", row.check, row.want,
				failing(define(p), classes))
		})
	}
}

// writer is a tied generator whose answers to Next are shifted by wrong.
func writer(wrong float64) head.Plugin {
	return head.Define("writer", "Writes.", struct{}{}, func(_ struct{}, t *head.Tracer) head.Outputs {
		table := t.Embedding()
		if n := t.Next(); n != nil {
			position := graph.Add(n.Position, graph.ConstLike(n.Position, wrong))
			hidden, cache := t.Step(n.Cache, n.Token, position)
			return head.Outputs{Cache: cache, Predictions: []head.Prediction{
				{Name: "scores", Node: graph.DotT(hidden, table, false, true)}}}
		}
		tokens, memory := t.Tokens(), t.Encode("source")
		hidden := t.Decode(memory, tokens.Set).Hidden
		logits := nn.Linear(hidden, graph.Transpose(table, 1, 0), nil) // [B, T, V]
		loss := nn.CrossEntropy(graph.Reshape(logits, -1, tokens.Classes), graph.Reshape(tokens.IDs, -1),
			nil)
		return head.Outputs{
			Loss:        graph.Reshape(loss, tokens.IDs.Shape()...),
			Predictions: []head.Prediction{{Name: "tokens", Node: graph.ArgMax(logits)}},
			Cache:       t.Start(memory),
		}
	})
}

// TestWriters: a head that writes otherwise than it was trained is found.
func TestWriters(t *testing.T) {
	use := Use{
		Target: head.Target{Kind: head.TokensTarget, Classes: vocabulary, Set: "text"},
		Sets:   []string{"source", "text"}, Writes: true,
	}
	if failed := failing(writer(0), use); failed != nil {
		t.Errorf("failing: %q, want none", failed)
	}
	failed := failing(writer(20), use)
	if len(failed) != 1 || !strings.HasPrefix(failed[0], "writes what it predicts: example") {
		t.Errorf("failing: %q, want what it writes", failed)
	}
}

// TestSpans: what ends before it begins, or in the padding, is no span.
func TestSpans(t *testing.T) {
	p := &program{spec: head.Spec{Sets: []head.Length{{Set: head.Input, Positions: positions}}}}
	for _, row := range []struct {
		first [2]float64 // of the first example, which has 3 real positions
		ok    bool
	}{{[2]float64{0, 2}, true}, {[2]float64{1, 1}, true}, {[2]float64{2, 1}, false},
		{[2]float64{0, 3}, false}, {[2]float64{-1, 0}, false}} {
		spans := make([]float64, 2*batch)
		copy(spans, row.first[:])
		if err := p.spans(spans); (err == nil) != row.ok {
			t.Errorf("span %v: %v", row.first, err)
		}
	}
}
