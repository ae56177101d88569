package nn_test

import (
	"math"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// TestBinary compares with the definitions, derivatives included, and expects finite
// numbers far out, also in single precision.
func TestBinary(t *testing.T) {
	x := []float64{-3, -0.5, 0, 0.25, 2, 200, -200}
	y := []float64{0, 1, 0.25, 1, 0, 1, 1}
	f := exectest.Trace(t, func() *graph.Func {
		logits := graph.Param("x", graph.Float32, graph.Shape{7, 1})
		targets := graph.Param("y", graph.Float32, graph.Shape{7, 1})
		loss := nn.BinaryCrossEntropy(logits, targets)
		first := graph.Grad(graph.Sum(loss), logits)[0]
		return &graph.Func{Params: []*graph.Node{logits, targets}, Results: []graph.Result{
			{Name: "loss", Node: loss}, {Name: "first", Node: first},
			{Name: "second", Node: graph.Grad(graph.Sum(first), logits)[0]},
			{Name: "sigmoid", Node: nn.Sigmoid(logits)},
		}}
	})
	args := exectest.Values{"x": x, "y": y}
	want := exectest.Values{}
	for i := range x {
		p := 1 / (1 + math.Exp(-x[i]))
		// -log σ(x) = log(1 + exp(-x)), and what is not y costs x more.
		loss := math.Max(-x[i], 0) + math.Log1p(math.Exp(-math.Abs(x[i]))) + (1-y[i])*x[i]
		want["loss"], want["first"] = append(want["loss"], loss), append(want["first"], p-y[i])
		want["second"] = append(want["second"], p*(1-p))
		want["sigmoid"] = append(want["sigmoid"], p)
	}
	for _, precision := range []reference.Precision{reference.Double, reference.Single} {
		tolerance := map[reference.Precision]float64{reference.Double: 1e-12, reference.Single: 1e-5}
		got := exectest.Compile(t, f, precision).Run(t, args)
		for name := range want {
			exectest.Near(t, name, got[name], want[name], tolerance[precision])
		}
	}
}
