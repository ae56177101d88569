package traintest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/program"
)

// SameBits trains a small Transformer with a learner plugin, in this process, on few-shot
// episodes of two tasks of which some steps lack one, with dropout: by one worker, by
// three, and stopped after a few steps and restored from its checkpoint. All three must
// leave the same bits. configure may be nil; K is the plugin's configuration. only names
// the tasks, "first" with three classes and "second" with a value; none: both. It returns
// the losses of the steps.
func SameBits[K any](t *testing.T, learner meta.Plugin, configure func(*K),
	only ...string) []float64 {
	t.Helper()
	config, ok := learner.New().(*K)
	if !ok {
		t.Fatalf("the configuration of %q is a %T", learner.Name, learner.New())
	}
	if configure != nil {
		configure(config)
	}
	const steps, stop = 8, 3
	run := twoTasks(t, steps)
	run.Tasks = slices.DeleteFunc(run.Tasks, func(of Work) bool {
		return len(only) > 0 && !slices.Contains(only, of.Name)
	})
	sizes := make([]int, len(run.Tasks))
	for i := range sizes {
		sizes[i] = 1
	}
	optimizer := optim.Config{Kind: "adam", Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, ClipNorm: 5}
	transformer, err := backbone.New(backbone.Config{Kind: "encoder", Layers: 1, Width: 8, Heads: 2,
		MLP: 8, Activation: "gelu", Positions: "learned", Pooling: "mean", Dropout: 0.1,
		Tokens: &backbone.Tokens{Vocabulary: run.Backbone.Vocabulary,
			MaxLength: run.Backbone.MaxLength}})
	if err != nil {
		t.Fatal(err)
	}
	model, err := program.New(t.Context(), program.Config{
		Transformer: transformer, Tasks: run.tasks(Parts{Trace: linear}), Episodes: perStep,
		Optimizer: &optimizer, Steps: steps,
		Learner: program.Learner{Name: learner.Name,
			Trace: func(_ context.Context, spec meta.Spec) (*meta.Programs, error) {
				return learner.Trace(config, spec)
			}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	settings := train.Config{Model: model, Seed: 3, Steps: steps, Workers: 1,
		Plan: sampling.Plan{Seed: 2, Mix: sampling.Uniform, PerStep: perStep, Sizes: sizes},
		Rate: schema.Cosine(0.01, 0.001),
		Progress: func(p train.Progress) {
			losses = append(losses, p.Values["loss"])
		}}
	want := finish(t, newLoop(t, settings))
	first := losses
	settings.Workers = 3
	if got := finish(t, newLoop(t, settings)); !reflect.DeepEqual(got, want) {
		t.Error("three workers leave other bits than one")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	settings.Progress = func(p train.Progress) {
		if p.Step == stop {
			cancel()
		}
	}
	stopped := newLoop(t, settings)
	if err := stopped.Run(ctx); !errors.Is(err, train.ErrInterrupted) {
		t.Fatalf("a run that is stopped: %v", err)
	}
	kept, err := stopped.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	settings.Progress = nil
	resumed := newLoop(t, settings)
	if err := resumed.Restore(kept); err != nil {
		t.Fatal(err)
	}
	if resumed.Step() != stop {
		t.Errorf("restored to step %d, want %d", resumed.Step(), stop)
	}
	if got := finish(t, resumed); !reflect.DeepEqual(got, want) {
		t.Error("a run that was stopped and restored leaves other bits than one in one go")
	}
	return first
}

// perStep is the number of episodes of a step: some have both tasks, some one.
const perStep = 2

// twoTasks are the few-shot episodes of a fixture.
func twoTasks(t *testing.T, steps int) *Run {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("the tests' folder is unknown")
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(here), "..", "testdata", "fixtures",
		"*_two_tasks.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no episodes of two tasks: %v", err)
	}
	r := Load(t, files[0])
	r.Steps = steps
	return r
}

// linear traces linear heads on the pooled representation, for classes and for a value.
func linear(o Objective) func(spec head.Spec) (*head.Traced, error) {
	outputs := func(t *head.Tracer, n int) *graph.Node {
		w := t.Param("w", graph.Shape{t.Width(), n}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
		return nn.Linear(t.Encode(head.Input).Pooled, w, t.Param("b", graph.Shape{n}, nn.Init{}))
	}
	trace := func(t *head.Tracer) head.Outputs {
		labels := t.Labels()
		logits := outputs(t, labels.Classes)
		return head.Outputs{Loss: nn.CrossEntropy(logits, labels.IDs, labels.Mask),
			Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(logits)}}}
	}
	if o.Kind == "regression" {
		trace = func(t *head.Tracer) head.Outputs {
			y := graph.Reshape(outputs(t, 1), -1)
			return head.Outputs{Loss: nn.SquaredError(y, t.Values().Values),
				Predictions: []head.Prediction{{Name: "value", Node: y}}}
		}
	}
	return func(spec head.Spec) (*head.Traced, error) { return head.Trace(o.Kind, trace, spec) }
}

func newLoop(t *testing.T, c train.Config) *train.Loop {
	t.Helper()
	l, err := train.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// finish trains to the end and returns all that the run leaves, in writing.
func finish(t *testing.T, l *train.Loop) *checkpoint.Checkpoint {
	t.Helper()
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := l.Checkpoint()
	if err != nil {
		t.Fatal(fmt.Errorf("after the last step: %w", err))
	}
	return c
}
