package passes_test

import (
	"math"
	"slices"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/passes"
)

// TestFold: what is left of each has so many nodes besides parameters, and the same bits in
// both precisions, also for numbers that only almost behave.
func TestFold(t *testing.T) {
	c := func(v float64) *graph.Node { return graph.Scalar(graph.Float32, v) }
	wide := func(v float64) *graph.Node {
		return graph.Const(graph.Float32, graph.Shape{6}, []float64{v})
	}
	for _, test := range []struct {
		name  string
		build func(x *graph.Node) *graph.Node
		left  int
	}{
		{"x·1", func(x *graph.Node) *graph.Node { return graph.Mul(x, c(1)) }, 0},
		{"1·x", func(x *graph.Node) *graph.Node { return graph.Mul(c(1), x) }, 0},
		{"x·nearly 1", func(x *graph.Node) *graph.Node { return graph.Mul(x, wide(1+1e-12)) }, 2},
		{"x/1", func(x *graph.Node) *graph.Node { return graph.Div(x, c(1)) }, 0},
		{"x-0", func(x *graph.Node) *graph.Node { return graph.Sub(x, c(0)) }, 0},
		{"x-(-0)", func(x *graph.Node) *graph.Node {
			return graph.Sub(x, wide(math.Copysign(0, -1)))
		}, 2},
		{"x+0", func(x *graph.Node) *graph.Node { return graph.Add(x, wide(0)) }, 2},
		{"x·0", func(x *graph.Node) *graph.Node { return graph.Mul(x, wide(0)) }, 2},
		{"-(-x)", func(x *graph.Node) *graph.Node { return graph.Neg(graph.Neg(x)) }, 0},
		{"stopped", graph.StopGradient, 0},
		{"converted to what it is", func(x *graph.Node) *graph.Node {
			return graph.Convert(x, graph.Float32)
		}, 0},
		{"there and back", func(x *graph.Node) *graph.Node {
			return graph.Reshape(graph.Reshape(x, 2, 3), 6)
		}, 0},
		{"on constants", func(x *graph.Node) *graph.Node {
			return graph.Mul(x, graph.Sqrt(graph.Sub(graph.Mul(c(8), c(0.75)), graph.Neg(graph.Abs(c(-3))))))
		}, 2},
		{"constants that round", func(x *graph.Node) *graph.Node {
			return graph.Mul(x, graph.Div(c(1), c(3)))
		}, 2},
		{"constants whose rounding matters", func(x *graph.Node) *graph.Node {
			return graph.Mul(x, graph.Sub(wide(0.1), wide(0.1-1e-9)))
		}, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := exectest.Trace(t, func() *graph.Func {
				x := graph.Param("x", graph.Float32, graph.Shape{6})
				return &graph.Func{Params: []*graph.Node{x},
					Results: []graph.Result{{Name: "y", Node: test.build(x)}}}
			})
			folded := passes.Fold(f)
			if got := len(folded.Nodes()) - 1; got != test.left {
				t.Errorf("%d nodes besides the parameter, want %d:\n%v", got, test.left, folded)
			}
			args := exectest.Values{"x": {1.5, math.Copysign(0, -1), 0, math.Inf(1), 1e-30, -7}}
			for _, precision := range []reference.Precision{reference.Single, reference.Double} {
				want := exectest.Compile(t, f, precision).Run(t, args)["y"]
				got := exectest.Compile(t, folded, precision).Run(t, args)["y"]
				if !slices.EqualFunc(got, want, sameBits) {
					t.Errorf("%v: %v, want %v", precision, got, want)
				}
			}
		})
	}
}

func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
}
