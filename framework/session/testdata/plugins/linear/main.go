// Plugin linear is a softmax head for tests.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

type config struct {
	Scale float64 `config:"scale" doc:"factor of the logits" min:">0" unit:"nats"`
}

func main() {
	plugin.Serve(head.Define("linear", "Softmax of one linear layer.", config{Scale: 1},
		func(c config, t *head.Tracer) head.Outputs {
			labels := t.Labels()
			w := t.Param("w", graph.Shape{t.Width(), labels.Classes},
				nn.Init{Kind: nn.GlorotUniform, Scale: 1})
			b := t.Param("b", graph.Shape{labels.Classes}, nn.Init{})
			x := nn.Linear(t.Encode(head.Input).Pooled, w, b)
			logits := graph.Mul(x, graph.Scalar(graph.Float32, c.Scale))
			predicted := graph.ArgMax(nn.MaskedSoftmax(logits, labels.Mask))
			right := graph.Convert(graph.Eq(predicted, labels.IDs), graph.Float32)
			return head.Outputs{
				Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask),
				Predictions: []head.Prediction{{Name: "class", Node: predicted}},
				Metrics: []head.Metric{{Name: "accuracy", Finish: head.Ratio, Higher: true,
					Sums: []*graph.Node{graph.Sum(graph.Mul(right, labels.Weight)),
						graph.Sum(labels.Weight)}}},
			}
		}))
}
