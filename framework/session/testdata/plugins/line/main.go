// Plugin line is a head for one number, for tests.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() {
	plugin.Serve(head.Define("line", "One linear layer, squared error.", struct{}{},
		func(_ struct{}, t *head.Tracer) head.Outputs {
			y := t.Values()
			w := t.Param("w", graph.Shape{t.Width(), 1}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
			b := t.Param("b", graph.Shape{1}, nn.Init{})
			x := graph.Reshape(nn.Linear(t.Encode(head.Input).Pooled, w, b), -1)
			e := graph.Sub(x, y.Values)
			return head.Outputs{Loss: graph.Mul(e, e),
				Predictions: []head.Prediction{{Name: "value", Node: x}}}
		}))
}
