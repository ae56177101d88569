package passes_test

import (
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/passes"
)

func TestWork(t *testing.T) {
	const f32 = graph.Float32
	for _, test := range []struct {
		name  string
		trace func() *graph.Node
		want  passes.Work
	}{
		{"product", func() *graph.Node {
			return graph.Dot(graph.Param("a", f32, graph.Shape{3, 5}),
				graph.Param("b", f32, graph.Shape{5, 7}))
		}, passes.Work{Products: 2 * 3 * 5 * 7}},
		{"batch of transposed products", func() *graph.Node {
			return graph.DotT(graph.Param("a", f32, graph.Shape{2, 5, 3}),
				graph.Param("b", f32, graph.Shape{2, 7, 5}), true, true)
		}, passes.Work{Products: 2 * 2 * 3 * 5 * 7}},
		{"elementwise and a sum", func() *graph.Node {
			x := graph.Param("x", f32, graph.Shape{4, 6})
			return graph.Sum(graph.Exp(graph.Mul(x, x)))
		}, passes.Work{Elements: 3 * 24}},
		{"a node that is used twice", func() *graph.Node {
			x := graph.Exp(graph.Param("x", f32, graph.Shape{4}))
			return graph.Add(x, x)
		}, passes.Work{Elements: 8}},
		{"a scatter-add", func() *graph.Node {
			return graph.ScatterAdd(graph.Param("i", graph.Int32, graph.Shape{4}),
				graph.Param("x", f32, graph.Shape{4, 3}), 10)
		}, passes.Work{Elements: 12}},
		{"moving and integers", func() *graph.Node {
			i := graph.Param("i", graph.Int32, graph.Shape{4})
			return graph.Transpose(graph.Gather(graph.Param("x", f32, graph.Shape{9, 3}),
				graph.Add(i, i)), 1, 0)
		}, passes.Work{}},
	} {
		f, err := graph.Trace(test.name, func() *graph.Func {
			y := test.trace()
			f := &graph.Func{Results: []graph.Result{{Name: "y", Node: y}}}
			for _, n := range graph.PostOrder(y) {
				if n.Op() == graph.OpParameter {
					f.Params = append(f.Params, n)
				}
			}
			return f
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := passes.WorkOf(f); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
	sum := passes.Work{Products: 1, Elements: 2}.Plus(passes.Work{Products: 10, Elements: 20})
	if want := (passes.Work{Products: 11, Elements: 22}); sum != want {
		t.Errorf("the sum is %+v, want %+v", sum, want)
	}
}
