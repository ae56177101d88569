package affinity

import (
	"math"
	"strings"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
)

// TestUpdate: the model moves along the sum of the tasks' gradients, and on the side from
// the same place along each, over the shared leaves alone.
func TestUpdate(t *testing.T) {
	const adapter, private = "adapters/backbone/w/norm/scale", "private/a/backbone/w/norm/scale"
	leaves := []graph.Value{{Name: "backbone/w", DType: graph.Float32, Shape: graph.Shape{2}},
		{Name: "heads/a/b", DType: graph.Float32}, {Name: adapter, DType: graph.Float32},
		{Name: private, DType: graph.Float32}}
	p, err := lookahead(0.5).Trace(t.Context(), meta.Spec{Leaves: leaves, Query: leaves[1:2],
		Episodes: 2, Tasks: 2, Optimizer: &optim.Config{Kind: "sgd"}})
	if err != nil {
		t.Fatal(err)
	}
	got := exectest.Compile(t, p.Update, reference.Double).Run(t, exectest.Values{
		"state/theta/backbone/w": {1, 2}, "state/theta/heads/a/b": {5},
		"state/ahead/backbone/w":         {9, 9, 9, 9}, // of the step before
		"contribution/shared/backbone/w": {4, 6, -1, 3}, "contribution/own/heads/a/b": {2},
		"state/theta/" + adapter: {3}, "state/ahead/" + adapter: {9, 9},
		"state/theta/" + private: {7}, "contribution/own/" + private: {-1},
		"contribution/shared/" + adapter: {2, -4}, "present/" + adapter: {1}, "present/" + private: {1},
		"contribution/loss": {1, 1}, "rate": {0.1}, "step": {1}, "present/backbone/w": {1},
		"present/heads/a/b": {1}})
	for name, want := range map[string][]float64{
		"state/theta/backbone/w": {1 - 0.1*3, 2 - 0.1*9}, "state/theta/heads/a/b": {5 - 0.1*2},
		"state/theta/" + adapter: {3 + 0.1*2}, "state/theta/" + private: {7 + 0.1},
		"state/ahead/" + adapter: {3 - 0.5*2, 3 + 0.5*4},
		"state/ahead/backbone/w": {1 - 0.5*4, 2 - 0.5*6, 1 + 0.5*1, 2 - 0.5*3},
	} {
		exectest.Near(t, name, got[name], want, 1e-9)
	}
}

func TestStepOf(t *testing.T) {
	measured := map[string]float64{"loss": 6, "loss/a": 2, "loss/b": 4,
		"after/losses/0/a": 1, "after/losses/0/b": 5, "after/losses/1/a": 2, "after/losses/1/b": 3,
		"norm/shared/a": 7, "norm/shared/b": 8, "cosine/shared/a/b": -0.5}
	s, err := stepOf(measured, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	want := step{effects: [][]float64{{0.5, -0.25}, {0, 0.25}},
		cosines: [][]float64{{1, -0.5}, {-0.5, 1}}, norms: [][]float64{{7, 8}}}
	for i := range 2 {
		for j := range 2 {
			if math.Abs(s.effects[i][j]-want.effects[i][j]) > 1e-12 ||
				s.cosines[i][j] != want.cosines[i][j] {
				t.Errorf("row %d, column %d: effect %v, cosine %v; want %v, %v", i, j, s.effects[i][j],
					s.cosines[i][j], want.effects[i][j], want.cosines[i][j])
			}
		}
		if s.norms[0][i] != want.norms[0][i] {
			t.Errorf("norm %d is %v, want %v", i, s.norms[0][i], want.norms[0][i])
		}
	}
	delete(measured, "after/losses/1/a")
	_, err = stepOf(measured, []string{"a", "b"})
	if err == nil || !strings.Contains(err.Error(), `task "a" after a step for "b"`) {
		t.Errorf("got %v, want an error about task a after a step for b", err)
	}
}

func TestRelative(t *testing.T) {
	for _, test := range []struct {
		name        string
		score, than []outcome
		want        float64
	}{
		{"more is better", []outcome{{0.6, true}}, []outcome{{0.5, true}}, 0.2},
		{"less is better", []outcome{{0.6, false}}, []outcome{{0.5, false}}, -0.2},
		{"mean of objectives", []outcome{{0.6, true}, {3, false}},
			[]outcome{{0.5, true}, {2, false}}, -0.15},
		{"negative scores", []outcome{{-1, true}}, []outcome{{-2, true}}, 0.5},
		{"from nothing", []outcome{{0.3, true}}, []outcome{{0, true}}, 1},
		{"nothing again", []outcome{{0, true}}, []outcome{{0, true}}, 0},
	} {
		if got := relative(test.score, test.than); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
