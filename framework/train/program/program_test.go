package program_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/link"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
)

// linear classifies by a linear head on the pooled representation.
func linear(t *head.Tracer) head.Outputs {
	labels := t.Labels()
	w := t.Param("w", graph.Shape{t.Width(), labels.Classes}, nn.Init{Kind: nn.Normal, Scale: 0.1})
	logits := nn.Linear(t.Encode(head.Input).Pooled, w, nil)
	return head.Outputs{Loss: nn.CrossEntropy(logits, labels.IDs, labels.Mask),
		Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(logits)}}}
}

// batches is a task of ordinary batches of some length for a number of classes.
func batches(name, instance string, rows, length, classes int) program.Task {
	return program.Task{Name: name,
		Objectives: []link.Objective{{Name: "class", Head: instance, Weight: 1,
			Target: head.Target{Kind: head.ClassTarget, Classes: classes},
			Trace: func(spec head.Spec) (*head.Traced, error) {
				return head.Trace("linear", linear, spec)
			}}},
		Draw: func(split string, index int64) (sampling.Draw, error) {
			return sampling.Draw{Split: split, Index: index}, nil
		},
		Encode: func(d sampling.Draw) (*sampling.Episode, error) {
			n := length + int(d.Index)
			ones := make([]float64, rows*n)
			for i := range ones {
				ones[i] = 1
			}
			return &sampling.Episode{Draw: d, Query: &sampling.Batch{Rows: rows, Arrays: []sampling.Array{
				{Name: "input/tokens", Shape: []int{rows, n}, Ints: make([]int32, rows*n), PerExample: true},
				{Name: "input/mask", Shape: []int{rows, n}, Floats: ones, PerExample: true},
				{Name: "class/class", Shape: []int{rows}, Ints: make([]int32, rows), PerExample: true},
				{Name: "class/class_mask", Shape: []int{classes}, Floats: ones[:classes]},
				{Name: "class/weight", Shape: []int{rows}, Floats: ones[:rows], PerExample: true},
				{Name: "class/inverse_weight", Floats: []float64{1 / float64(rows)}},
			}}}, nil
		}}
}

func config(t *testing.T, tasks ...program.Task) program.Config {
	t.Helper()
	transformer, err := backbone.New(backbone.Config{Kind: "encoder", Layers: 1, Width: 4, Heads: 1,
		MLP: 4, Activation: "relu", Positions: "none", Pooling: "mean",
		Tokens: &backbone.Tokens{Vocabulary: 5, MaxLength: 16}})
	if err != nil {
		t.Fatal(err)
	}
	l := meta.Learner[meta.Params, meta.GradLoss]{Name: "joint"}
	return program.Config{Transformer: transformer, Tasks: tasks, Freeze: []string{"backbone/norm/*"},
		Optimizer: &optim.Config{Kind: "momentum", Momentum: 0.9}, Episodes: len(tasks),
		Learner: program.Learner{Name: l.Name,
			Trace: func(_ context.Context, spec meta.Spec) (*meta.Programs, error) {
				return meta.Trace(l, spec)
			}}}
}

func elements(t *testing.T, m *program.Model, task int, index int64) []program.Element {
	t.Helper()
	draw, err := m.Tasks()[task].Draw(sampling.Train, index)
	if err != nil {
		t.Fatal(err)
	}
	episode, err := m.Tasks()[task].Encode(draw)
	if err != nil {
		t.Fatal(err)
	}
	return m.Elements(task, episode)
}

func TestModel(t *testing.T) {
	cut := batches("cut", "a", 5, 2, 3)
	cut.MicroBatch = 2
	m, err := program.New(t.Context(), config(t, cut, batches("whole", "b", 4, 2, 2)))
	if err != nil {
		t.Fatal(err)
	}
	frozen := 0
	for _, l := range m.Leaves() {
		if l.Frozen {
			frozen++
		}
		if got := m.LeafState(l.Address); got != "state/"+l.Address {
			t.Errorf("%s is kept in %q", l.Address, got)
		}
	}
	if frozen != 2 {
		t.Errorf("%d leaves are frozen, want scale and bias of the last norm", frozen)
	}
	if a := m.Arithmetic(); !strings.HasPrefix(a, "compiled-single-") {
		t.Errorf("arithmetic %q", a)
	}

	parts := elements(t, m, 0, 0)
	if len(parts) != 3 || len(elements(t, m, 1, 0)) != 1 {
		t.Fatalf("a batch of 5 in parts of 2 has %d parts", len(parts))
	}
	first, err := m.Map(t.Context(), parts[0])
	if err != nil {
		t.Fatal(err)
	}
	last, err := m.Map(t.Context(), parts[2])
	if err != nil || first != last {
		t.Errorf("parts of one batch run %p and %p, %v", first, last, err)
	}
	longer, err := m.Map(t.Context(), elements(t, m, 0, 1)[0])
	if err != nil || longer == first || m.Compiled() != 2 {
		t.Errorf("another length: %v; %d shapes, want 2", err, m.Compiled())
	}

	state, err := m.Initial(1, map[string][]float64{"heads/b/w": {1, 2, 3, 4, 5, 6, 7, 8}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := program.Floats(state["state/heads/b/w"]); err != nil || got[7] != 8 {
		t.Errorf("given initial values became %v, %v", got, err)
	}
	if v := m.Slots()["slot/velocity/heads/a/w"]; v == nil || !v.Shape().Eq([]int{4, 3}) {
		t.Errorf("slots %v", m.Slots())
	}
	_, err = first.Run(state, parts[0].Values)
	if err == nil || !strings.Contains(err.Error(), `no argument for parameter weight`) {
		t.Errorf("without a weight: %v", err)
	}
	rest := program.Values{"weight": program.Scalar(math.Inf(1), reference.Single),
		"key": program.Key([2]uint32{})}
	found, err := first.FirstNonFinite(state, parts[0].Values, rest)
	if err != nil || !strings.Contains(found, `parameter "weight": element 0 is +Inf`) {
		t.Errorf("an infinite weight: %q, %v", found, err)
	}
}

// TestCoupledHeadIsNotCut: what couples the examples of a batch sees all of it.
func TestCoupledHeadIsNotCut(t *testing.T) {
	coupled, plain := batches("coupled", "a", 5, 2, 3), batches("plain", "b", 5, 2, 3)
	coupled.Objectives[0].Trace = func(spec head.Spec) (*head.Traced, error) {
		return head.Trace("coupled", func(t *head.Tracer) head.Outputs {
			t.Coupled()
			return linear(t)
		}, spec)
	}
	coupled.MicroBatch, plain.MicroBatch = 2, 2
	tasks := []program.Task{coupled, plain}
	m, err := program.New(t.Context(), config(t, tasks...))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]int{{5}, {2, 2, 2}} {
		var rows []int
		for _, e := range elements(t, m, i, 0) {
			rows = append(rows, e.Query.Rows)
			if _, err := m.Map(t.Context(), e); err != nil {
				t.Error(err)
			}
		}
		if !slices.Equal(rows, want) {
			t.Errorf("task %q: elements of %v rows, want %v", m.Tasks()[i].Name, rows, want)
		}
	}
	if tasks[0].MicroBatch != 2 {
		t.Error("the caller's tasks have changed")
	}
}

func TestNewRefuses(t *testing.T) {
	failing := batches("failing", "a", 2, 2, 2)
	failing.Encode = func(sampling.Draw) (*sampling.Episode, error) {
		return nil, errors.New(`task "failing": draw 0 of train: gone`)
	}
	for _, test := range []struct {
		name  string
		tasks []program.Task
		want  string
	}{
		{"no task", nil, "no task"},
		{"one head of two shapes",
			[]program.Task{batches("one", "a", 2, 2, 2), batches("two", "a", 2, 2, 3)},
			`task "two": leaf heads/a/w has shape [4,3] here and [4,2] in another task`},
		{"no episode", []program.Task{failing}, `task "failing": draw 0 of train: gone`},
	} {
		_, err := program.New(t.Context(), config(t, test.tasks...))
		if err == nil || !strings.HasPrefix(strings.TrimPrefix(err.Error(), "program: "), test.want) {
			t.Errorf("%s: got %v, want an error that begins with %q", test.name, err, test.want)
		}
	}
}

// TestEqualContentIsCompiledOnce: tasks that differ in nothing but names share what was
// compiled, also with another model; each keeps its names.
func TestEqualContentIsCompiledOnce(t *testing.T) {
	c := config(t, batches("first", "a", 4, 2, 2), batches("second", "b", 4, 2, 2),
		batches("other", "c", 4, 3, 2))
	c.Compiler = &program.Compiler{}
	var counts []int
	for range 2 {
		m, err := program.New(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		counts = append(counts, m.Compilations().Compiled)
		for i, task := range c.Tasks {
			before := m.Compilations()
			step, err := m.Map(t.Context(), elements(t, m, i, 0)[0])
			if err != nil {
				t.Fatal(err)
			}
			after := m.Compilations()
			if after.Programs != before.Programs+1 || !(after.Seconds > before.Seconds) {
				t.Errorf("task %d: %+v after %+v", i, after, before)
			}
			prefix := "state/heads/" + task.Objectives[0].Head
			if !slices.ContainsFunc(step.Params(), func(v graph.Value) bool {
				return strings.HasPrefix(v.Name, prefix)
			}) {
				t.Errorf("task %d: no parameter of %s", i, prefix)
			}
			counts = append(counts, after.Compiled)
		}
	}
	// The first state and the update; the first task; the second is equal; another length. The
	// second model is equal in all.
	if want := []int{2, 3, 3, 4, 4, 4, 4, 4}; !slices.Equal(counts, want) {
		t.Errorf("compiled %v, want %v", counts, want)
	}
}

// TestLimit: what does not fit is refused before it runs, for the workers that there are.
func TestLimit(t *testing.T) {
	c := config(t, batches("whole", "a", 4, 2, 2))
	each := func(limit program.Limit) (int64, error) {
		c.Limit = limit
		m, err := program.New(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		step, err := m.Map(t.Context(), elements(t, m, 0, 0)[0])
		if err != nil {
			return 0, err
		}
		return step.Memory().Arena + 2*step.Memory().Results, nil
	}
	need, err := each(program.Limit{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		limit program.Limit
		want  string
	}{
		{program.Limit{Bytes: 3 * need, Workers: 3}, ""},
		{program.Limit{Bytes: 3*need - 1, Workers: 3}, "3 at a time hold 0 MiB, and 0 MiB are " +
			"free; take smaller episodes or batches, or let adaptation recompute its steps, or take " +
			"fewer workers than 3"},
	} {
		_, err := each(test.limit)
		if test.want == "" && err != nil || test.want != "" && (err == nil ||
			!strings.Contains(err.Error(), test.want)) {
			t.Errorf("%+v: error %v, want %q", test.limit, err, test.want)
		}
	}
}
