package meta_test

import (
	"math"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/schema"
)

// A traced schedule has the values of schema.Schedule.At at every step of a
// training, in single precision too, and the first without training.
func TestRate(t *testing.T) {
	for _, total := range []int{0, 1, 7, 100, 200000} {
		for _, s := range []schema.Schedule{
			schema.Constant(0.1),
			schema.Cosine(0.1, 0.01),
			schema.Cosine(0.1, 0).WithWarmup(5),
			schema.Linear(1, 0).WithWarmup(500),
			schema.Steps(0.5, schema.Milestone{Step: 3, Factor: 0.5}, schema.Milestone{Step: 50,
				Factor: 0.1}),
			schema.Steps(0.5, schema.Milestone{Step: 3, Factor: 0.5}).WithWarmup(4),
			schema.Constant(2).WithWarmup(3),
		} {
			long := spec
			long.TrainSteps, long.Tasks = total, 1
			f, err := meta.TraceUpdate(gradient{
				Update: func(m *meta.Model, theta meta.Params, _ meta.GradLoss) meta.Params {
					return theta.ScaleBy(m.Rate(s))
				},
			}, long)
			if err != nil {
				t.Fatal(err)
			}
			for _, precision := range []reference.Precision{reference.Double, reference.Single} {
				program := exectest.Compile(t, f, precision)
				for step := 0; step < max(total, 1); step += max(1, total/97) {
					got := program.Run(t, exectest.Values{
						"state/backbone/w": {1, 1, 1}, "state/heads/h/b": {1, 1},
						"contribution/grad/backbone/w": {0, 0, 0},
						"contribution/grad/heads/h/b":  {0, 0},
						"contribution/loss":            {0}, "progress": {float64(step) / float64(max(total, 1))},
					})["state/backbone/w"][0]
					want := s.At(step, total)
					if total == 0 { // the first value, as if there were time to change it
						want = s.At(0, 1+s.Warmup)
					}
					if math.Abs(got-want) > 1e-5*max(want, 1e-3) {
						t.Errorf("%v at step %d of %d: %v, want %v", s, step, total, got, want)
						break
					}
				}
			}
		}
	}
}

func TestParams(t *testing.T) {
	one := func(name string, values ...float64) meta.Leaf {
		return meta.Leaf{Address: name, Node: graph.Const(graph.Float32, graph.Shape{len(values)},
			values)}
	}
	p := meta.NewParams(one("a/w", 3, 0), one("a/b", 4), one("c/w", 0, 0))
	if got := p.Match("*/w").Len(); got != 2 {
		t.Errorf("%d leaves match, want 2", got)
	}
	if got := p.Join(meta.NewParams(one("d", 1))).Only(meta.NewParams(one("d", 0),
		one("e", 0))).Len(); got != 1 {
		t.Errorf("%d leaves in both, want 1", got)
	}
	sets := meta.NewParams(meta.Leaf{Address: "w", Node: graph.Const(graph.Float32,
		graph.Shape{2, 2}, []float64{1, 2, 3, 4})},
		meta.Leaf{Address: "b", Node: graph.Const(graph.Float32, graph.Shape{2}, []float64{5, 6})})
	w := graph.Const(graph.Float32, graph.Shape{2}, []float64{10, 1})
	zero := p.Zeros().Map(graph.Identity)
	contracted := sets.Contract(w)
	f := exectest.Trace(t, func() *graph.Func {
		f := &graph.Func{Results: []graph.Result{
			{Name: "norm", Node: p.Norm()},
			{Name: "slope at zero", Node: graph.Grad(zero.Norm(), zero.Get("a/b"))[0]},
			{Name: "gram", Node: sets.Gram()},
			{Name: "contracted w", Node: contracted.Get("w")},
			{Name: "contracted b", Node: contracted.Get("b")},
			{Name: "at", Node: sets.At(1).Get("w")},
		}}
		return f
	})
	got := exectest.Compile(t, f, reference.Double).Run(t, nil)
	for name, want := range map[string][]float64{
		"norm": {5}, "slope at zero": {0}, "gram": {1 + 4 + 25, 3 + 8 + 30, 3 + 8 + 30, 9 + 16 +
			36},
		"contracted w": {13, 24}, "contracted b": {56}, "at": {3, 4},
	} {
		exectest.Near(t, name, got[name], want, 1e-12)
	}
}
