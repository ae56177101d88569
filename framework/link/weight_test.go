package link_test

import (
	"slices"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/link"
	"quickstudy/framework/meta"
)

// contributions are what an episode contributes for objectives of some weights; its
// head differs by no more than the weights.
func contributions(t *testing.T, adapt meta.Adaptation[meta.Params],
	weights ...float64) exectest.Values {
	t.Helper()
	var objectives []link.Objective
	for i, w := range weights {
		objectives = append(objectives, objective([]string{"x", "y"}[i], w, false))
	}
	k := task(t, 0, objectives...)
	f, err := k.Episode(trace(t, learner{Name: "inner", Adapt: adapt}, k.Spec(nil, 1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return exectest.Compile(t, f, reference.Double).Run(t, arguments(f))
}

// Weights weigh the outer loss and its gradient. They do not change how a task
// adapts, but for the proportions among its objectives; the rate and the number of
// steps here make a change of the inner loss show.
func TestWeightsAreOuter(t *testing.T) {
	for _, test := range []struct {
		name         string
		unit, scaled []float64
		by           float64
	}{
		{"one objective", []float64{1}, []float64{0.3}, 0.3},
		{"two objectives", []float64{0.25, 0.75}, []float64{1, 3}, 4},
		{"one of them untrained", []float64{1, 0}, []float64{5, 0}, 5},
	} {
		want := contributions(t, descend(0.3), test.unit...)
		for name, got := range contributions(t, descend(0.3), test.scaled...) {
			scaled := slices.Clone(want[name])
			for i := range scaled {
				scaled[i] *= test.by
			}
			exectest.Near(t, test.name+": "+name, got, scaled, 1e-12)
		}
	}
	uneven := contributions(t, descend(0.3), 3, 1)["contribution/loss"][0]
	even := contributions(t, descend(0.3), 2, 2)["contribution/loss"][0]
	if uneven == even {
		t.Error("the proportions among objectives change nothing")
	}
}

// Without a weight there is no loss, and no adaptation.
func TestNoWeight(t *testing.T) {
	for name, data := range contributions(t, descend(0.3), 0, 0) {
		exectest.Near(t, name, data, make([]float64, len(data)), 0)
	}
}
