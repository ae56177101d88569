// Plugin regression is a linear head with a squared error. A target with one value
// for an example is read from the pooled representation, one with a value for every
// position from the representation of that position:
//
//	ŷ = x·w + b    loss = (ŷ - y)²
//
// The mean squared error, its root, the mean absolute error and the sums of R² are counted
// beside the loss.
//
//	head "regression" "wave" {}
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(regression) }

var regression = head.Define(
	"regression",
	"linear head with a squared error, for an example or for every position",
	config{},
	trace,
)

// config is the attributes of the plugin's block.
type config struct {
	Dropout float64 `config:"dropout" min:"0" max:"<1" doc:"share of the representation that is dropped in training"`
}

func trace(c config, t *head.Tracer) head.Outputs {
	encoded, target := t.Encode(head.Input), t.Values()
	x := encoded.Pooled // [B, D]
	if t.PerPosition() {
		x = encoded.Hidden // [B, T, D]
	}
	if t.Train() {
		x = nn.Dropout(x, c.Dropout, t.Key())
	}
	w := t.Param("w", graph.Shape{t.Width(), 1}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	b := t.Param("b", graph.Shape{1}, nn.Init{Kind: nn.Zeros})
	value := graph.Reshape(nn.Linear(x, w, b), target.Values.Shape()...) // [B] or [B, T]
	loss := nn.SquaredError(value, target.Values)                        // [B] or [B, T]
	return head.Outputs{
		Loss:        loss,
		Predictions: []head.Prediction{{Name: "value", Node: value}},
		Metrics:     metrics(value, loss, target),
	}
}

// metrics are the mean squared error, its root, the mean absolute error and R². value and
// loss, squared errors: [B] or [B, T].
func metrics(value, loss *graph.Node, target head.Values) []head.Metric {
	sum := func(x *graph.Node) *graph.Node { return graph.Sum(graph.Mul(x, target.Weight)) }
	count, errors, y := graph.Sum(target.Weight), sum(loss), target.Values
	apart := sum(graph.Abs(graph.Sub(value, y)))
	return []head.Metric{
		{Name: "mse", Finish: head.MeanError, Sums: []*graph.Node{errors, count}},
		{Name: "rmse", Finish: head.Root, Sums: []*graph.Node{errors, count}},
		{Name: "mae", Finish: head.MeanError, Sums: []*graph.Node{apart, count}},
		{
			Name: "r2", Finish: head.R2, Higher: true,
			Sums: []*graph.Node{count, sum(y), sum(graph.Mul(y, y)), errors},
		},
	}
}
