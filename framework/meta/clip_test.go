package meta_test

import (
	"testing"

	"quickstudy/framework/exec"
	"quickstudy/framework/exec/exectest"
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
	program := exectest.Compile(t, f, exec.Double)
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
