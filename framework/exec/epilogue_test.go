package exec_test

import (
	"slices"
	"testing"

	"quickstudy/framework/exec"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// TestEpilogues: what follows a product is part of it where nobody else reads the product,
// and the bits are those of the operations one by one.
func TestEpilogues(t *testing.T) {
	const rows, depth, cols = 7, 300, 33
	a := graph.Param("a", graph.Float32, graph.Shape{rows, depth})
	b := graph.Param("b", graph.Float32, graph.Shape{depth, cols})
	x := graph.Param("x", graph.Float32, graph.Shape{rows, cols})
	y := graph.Param("y", graph.Float32, graph.Shape{cols, rows})
	bias := graph.Param("bias", graph.Float32, graph.Shape{cols})
	column := graph.Param("column", graph.Float32, graph.Shape{rows, 1})
	dot := func() *graph.Node { return graph.Dot(a, b) }
	constant := func(v float64) *graph.Node {
		return graph.Broadcast(graph.Scalar(graph.Float32, v), rows, cols)
	}
	half := constant(0.5)
	for _, test := range []struct {
		name   string
		result func() *graph.Node
		units  int
	}{
		{"bias", func() *graph.Node { return graph.Add(dot(), graph.Broadcast(bias, rows, cols)) }, 1},
		{"residual first", func() *graph.Node { return graph.Add(x, dot()) }, 1},
		{"one value a row", func() *graph.Node {
			return graph.Add(dot(), graph.Broadcast(column, rows, cols))
		}, 1},
		{"factor", func() *graph.Node { return graph.Mul(half, dot()) }, 1},
		{"factor and residual", func() *graph.Node { return graph.Add(graph.Mul(dot(), half), x) }, 1},
		{"step down", func() *graph.Node { return graph.Sub(x, graph.Mul(dot(), half)) }, 1},
		{"difference the other way", func() *graph.Node { return graph.Sub(dot(), x) }, 2},
		{"two products", func() *graph.Node {
			return graph.Add(dot(), graph.Dot(graph.Transpose(y, 1, 0), graph.Dot(y, x)))
		}, 3},
		{"two factors", func() *graph.Node { return graph.Mul(graph.Mul(dot(), half), half) }, 2},
		{"zero", func() *graph.Node { return graph.Mul(dot(), constant(0)) }, 2},
		{"transposed", func() *graph.Node { return graph.Add(dot(), graph.Transpose(y, 1, 0)) }, 2},
		{"read by another", func() *graph.Node {
			d := dot()
			return graph.Mul(graph.Add(d, x), d)
		}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := exectest.Trace(t, func() *graph.Func {
				return &graph.Func{Params: []*graph.Node{a, b, x, y, bias, column},
					Results: []graph.Result{{Name: "r", Node: test.result()}}}
			})
			args := exectest.Values{}
			for i, p := range f.Params {
				args[p.Attrs().Name] = exectest.Random(uint64(i), p.Shape().Size())
			}
			want := exectest.CompileFor(t, f, exec.Options{ISA: kernel.Best(), Unfused: true}).Run(t, args)
			for _, o := range variants() {
				got := exectest.CompileFor(t, f, o).Run(t, args)
				if !slices.EqualFunc(got["r"], want["r"], sameBits) {
					t.Errorf("%+v: other bits than one by one", o)
				}
			}
			p, err := exec.Compile(f, exec.Options{ISA: kernel.Best()})
			if err != nil {
				t.Fatal(err)
			}
			if got := len(p.Costs()); got != test.units {
				t.Errorf("%d units, want %d: %+v", got, test.units, p.Costs())
			}
		})
	}
}
