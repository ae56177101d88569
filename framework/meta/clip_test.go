package meta_test

import (
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
)

// A gradient longer than the limit is scaled as a whole, over all leaves; a shorter
// one, and one of zeros, is left as it is.
func TestOptimizeClips(t *testing.T) {
	clipped := spec
	clipped.Optimizer = &optim.Config{Kind: "sgd", ClipNorm: 5}
	clipped.Episodes, clipped.Tasks = 1, 1
	f, err := meta.TraceUpdate(gradient{Name: "clipped"}, clipped)
	if err != nil {
		t.Fatal(err)
	}
	program := exectest.Compile(t, f, reference.Double)
	for _, test := range []struct {
		name         string
		w, b         []float64 // gradient
		wantW, wantB []float64 // step of rate 1 from 0
	}{
		{"long", []float64{6, 0, 0}, []float64{0, 8}, []float64{-3, 0, 0}, []float64{0, -4}},
		{"short", []float64{3, 0, 0}, []float64{0, 4}, []float64{-3, 0, 0}, []float64{0, -4}},
		{"zero", []float64{0, 0, 0}, []float64{0, 0}, []float64{0, 0, 0}, []float64{0, 0}},
	} {
		out := program.Run(t, exectest.Values{
			"state/backbone/w": make([]float64, 3), "state/heads/h/b": make([]float64, 2),
			"contribution/grad/backbone/w": test.w, "contribution/grad/heads/h/b": test.b,
			"contribution/loss": {0}, "rate": {1}, "step": {1},
			"present/backbone/w": {1}, "present/heads/h/b": {1},
		})
		exectest.Near(t, test.name, out["state/backbone/w"], test.wantW, 1e-12)
		exectest.Near(t, test.name, out["state/heads/h/b"], test.wantB, 1e-12)
	}
}

// Clipping has derivatives of both orders, also of a gradient of zeros, where they are
// those of the identity; beyond the limit c the length of what is left is c, so it has
// no derivative along itself.
func TestClipIsDifferentiable(t *testing.T) {
	config := optim.Config{Kind: "sgd", ClipNorm: 5}
	f, err := graph.Trace("clip", func() *graph.Func {
		x := graph.Param("x", graph.Float32, graph.Shape{2})
		g := meta.NewParams(meta.Leaf{Address: "w", Node: x})
		clipped := g.ScaleBy(config.Clip(g.Norm()))
		square := clipped.Dot(clipped)
		first := graph.Grad(square, x)[0]
		second := graph.Grad(graph.Sum(first), x)[0]
		return &graph.Func{Params: []*graph.Node{x}, Results: []graph.Result{
			{Name: "square", Node: square}, {Name: "first", Node: first},
			{Name: "second", Node: second}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if f, err = graph.ExpandGrads(f); err != nil {
		t.Fatal(err)
	}
	program := exectest.Compile(t, f, reference.Double)
	for _, test := range []struct {
		name          string
		x             []float64
		square        float64
		first, second []float64
	}{
		{"zero", []float64{0, 0}, 0, []float64{0, 0}, []float64{2, 2}},
		{"short", []float64{3, 0}, 9, []float64{6, 0}, []float64{2, 2}},
		{"long", []float64{6, 8}, 25, []float64{0, 0}, []float64{0, 0}},
	} {
		out := program.Run(t, exectest.Values{"x": test.x})
		exectest.Near(t, test.name, out["square"], []float64{test.square}, 1e-12)
		exectest.Near(t, test.name+", gradient", out["first"], test.first, 1e-12)
		exectest.Near(t, test.name+", second derivative", out["second"], test.second, 1e-12)
	}
}
