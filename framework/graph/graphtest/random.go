package graphtest

import (
	"math/rand/v2"
	"testing"

	"quickstudy/framework/graph"
)

// CheckPrograms compares programs of many nodes with their definition. Operands are
// drawn from all values so far, so that some are used at once and never again, some
// much later, and some are results too: memory that is reused too early shows.
func CheckPrograms(t *testing.T, eval Eval, tolerance float64) {
	t.Helper()
	for seed := range uint64(40) {
		draws := rand.New(rand.NewPCG(seed, 0))
		f, err := graph.Trace("random", func() *graph.Func { return Program(draws) })
		if err != nil {
			t.Fatal(err)
		}
		var args [][]float64
		for range f.Params {
			values := make([]float64, 24)
			for i := range values {
				values[i] = float64(draws.IntN(129)-64) / 64
			}
			args = append(args, values)
		}
		want, err := Evaluate(f, args)
		if err != nil {
			t.Fatal(err)
		}
		got, err := eval(f, args)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range f.Results {
			near(t, r.Name, got[i], want[i], tolerance)
		}
		if t.Failed() {
			t.Fatalf("of the program with seed %d:\n%v", seed, f)
		}
	}
}

// Program draws a function of three values [4, 6], all of whose values stay small.
func Program(draws *rand.Rand) *graph.Func {
	const rows, columns = 4, 6
	var values []*graph.Node
	f := &graph.Func{}
	for _, name := range []string{"a", "b", "c"} {
		p := graph.Param(name, graph.Float32, graph.Shape{rows, columns})
		f.Params, values = append(f.Params, p), append(values, p)
	}
	half := graph.Scalar(graph.Float32, 0.5)
	steps := []func(x, y *graph.Node) *graph.Node{
		func(x, y *graph.Node) *graph.Node { return graph.Mul(graph.Add(x, y), half) },
		func(x, y *graph.Node) *graph.Node { return graph.Tanh(graph.Sub(x, y)) },
		func(x, y *graph.Node) *graph.Node { return graph.Tanh(graph.Mul(x, y)) },
		func(x, y *graph.Node) *graph.Node { return graph.Exp(graph.Neg(graph.Mul(x, x))) },
		func(x, y *graph.Node) *graph.Node { return graph.Max(x, graph.Neg(y)) },
		func(x, y *graph.Node) *graph.Node { return graph.Select(graph.Lt(x, y), y, half) },
		func(x, y *graph.Node) *graph.Node { return graph.Sin(graph.Sub(x, graph.Sum(y, 0))) },
		func(x, y *graph.Node) *graph.Node {
			return graph.Tanh(graph.Add(y, graph.Reshape(graph.Sum(x, 1), rows, 1)))
		},
		func(x, y *graph.Node) *graph.Node {
			return graph.Reshape(graph.Transpose(x, 1, 0), rows, columns)
		},
		func(x, y *graph.Node) *graph.Node {
			return graph.Tanh(graph.Dot(graph.DotT(x, y, false, true), x))
		},
		func(x, y *graph.Node) *graph.Node {
			return graph.Concat(1, graph.Slice(x, 1, 2, columns), graph.Slice(y, 1, 0, 2))
		},
		func(x, y *graph.Node) *graph.Node { return graph.Erf(graph.CumSum(x, 1, true)) },
	}
	for i := range 60 {
		x, y := values[draws.IntN(len(values))], values[len(values)-1-draws.IntN(3)]
		if i%2 == 0 {
			x, y = y, x
		}
		values = append(values, steps[draws.IntN(len(steps))](x, y))
		if draws.IntN(8) == 0 || i == 59 {
			name := string(rune('a' + len(f.Results)))
			f.Results = append(f.Results, graph.Result{Name: name, Node: values[len(values)-1]})
		}
	}
	return f
}
