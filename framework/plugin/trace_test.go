package plugin

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
)

var headUse = head.Spec{
	Width: 8, Batch: 4, Sets: []head.Length{{Set: head.Input, Positions: 6}},
	Target: head.Target{Kind: head.ClassTarget, Classes: 3},
}

// TestHead: what a process answers is what tracing here gives, for two blocks of
// one plugin.
func TestHead(t *testing.T) {
	p, err := launch(t, "head", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, scale := range []float64{1, 2} {
		c := p.Head()
		value := cty.ObjectVal(map[string]cty.Value{"scale": cty.NumberFloatVal(scale)})
		if problems, err := c.Configure(t.Context(), value); err != nil || problems != nil {
			t.Fatal(problems, err)
		}
		got, err := c.Trace(t.Context(), headUse)
		if err != nil {
			t.Fatal(err)
		}
		want, err := testHead().Trace(&headConfig{Scale: scale}, headUse)
		if err != nil {
			t.Fatal(err)
		}
		if got.Func.String() != want.Func.String() {
			t.Errorf("function\n%v\nwant\n%v", got.Func, want.Func)
		}
		if diff := cmp.Diff(want.Leaves, got.Leaves); diff != "" {
			t.Errorf("leaves (-want +got):\n%s", diff)
		}
	}
}

// TestMisuse: an author's mistake while tracing reaches the user with the
// author's line.
func TestMisuse(t *testing.T) {
	p, err := launch(t, "head", Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Head()
	value := cty.ObjectVal(map[string]cty.Value{"scale": cty.NumberIntVal(13)})
	if problems, err := c.Configure(t.Context(), value); err != nil || problems != nil {
		t.Fatal(problems, err)
	}
	_, err = c.Trace(t.Context(), headUse)
	wantError(t, err, `head "linear"`, "Trace: plugin/main_test.go:", "dot: ")
	if _, err := c.Trace(t.Context(), head.Spec{}); err == nil ||
		!strings.Contains(err.Error(), "want at least 1") {
		t.Errorf("an empty use: %v", err)
	}
	if _, err := p.Head().Trace(t.Context(), headUse); err == nil ||
		!strings.Contains(err.Error(), "instance 0 is not configured") {
		t.Errorf("a client that is not configured: %v", err)
	}
	if _, err := p.Learner().Trace(t.Context(), meta.Spec{}); err == nil ||
		!strings.Contains(err.Error(), "does not offer this call") {
		t.Errorf("a head asked for a learner's programs: %v", err)
	}
}

func TestLearner(t *testing.T) {
	p, err := launch(t, "learner", Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Learner()
	value := cty.ObjectVal(map[string]cty.Value{"steps": cty.NumberIntVal(3)})
	if problems, err := c.Configure(t.Context(), value); err != nil || problems != nil {
		t.Fatal(problems, err)
	}
	spec := meta.Spec{
		Leaves: []graph.Value{{Name: "backbone/w", DType: graph.Float32,
			Shape: graph.Shape{4, 3}}},
		Support:  []graph.Value{{Name: "x", DType: graph.Float32, Shape: graph.Shape{5, 4}}},
		Query:    []graph.Value{{Name: "x", DType: graph.Float32, Shape: graph.Shape{7, 4}}},
		Episodes: 2, Tasks: 2, Optimizer: &optim.Config{Kind: "momentum", Momentum: 0.9},
	}
	got, err := c.Trace(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	want, err := testLearner().Trace(&learnerConfig{Steps: 3}, spec)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string][2]*graph.Func{
		"init": {got.Init, want.Init}, "episode": {got.Episode, want.Episode},
		"update": {got.Update, want.Update},
		"start":  {got.Adapt.Start, want.Adapt.Start}, "step": {got.Adapt.Step, want.Adapt.Step},
		"finish": {got.Adapt.Finish, want.Adapt.Finish}, "weighing": {got.Weighing, want.Weighing},
	} {
		if f[0].String() != f[1].String() {
			t.Errorf("%s\n%v\nwant\n%v", name, f[0], f[1])
		}
	}
	if got.Adapt.Count != 3 {
		t.Errorf("%d inner steps, want 3", got.Adapt.Count)
	}
	weighing := meta.Weighing{Gram: [][]float64{{1, 0}, {0, 1}}, Losses: []float64{3, 4},
		Present: []bool{true, true}, Memory: []float64{5}}
	answer, err := got.Weigh(t.Context(), weighing)
	if err != nil || !slices.Equal(answer.Weights, weighing.Losses) ||
		!slices.Equal(answer.Memory, []float64{5, 7}) {
		t.Errorf("answer %v, error %v, want weights %v and memory [5 7]", answer, err,
			weighing.Losses)
	}
	for steps, want := range map[int64]string{13: "0 weights, want 2", 14: "no solution"} {
		value = cty.ObjectVal(map[string]cty.Value{"steps": cty.NumberIntVal(steps)})
		if _, err := c.Configure(t.Context(), value); err != nil {
			t.Fatal(err)
		}
		if got, err = c.Trace(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
		_, err = got.Weigh(t.Context(), weighing)
		wantError(t, err, `metalearner "descent"`, "Weigh: ", want)
	}
}
