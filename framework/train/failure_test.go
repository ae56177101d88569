package train_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/checkpoint/safetensors"
	"quickstudy/framework/train/program"
)

// rootOfValue has a loss that is NaN where its example's value is negative.
func rootOfValue(t *head.Tracer) head.Outputs {
	y := graph.Reshape(project(t, 1), -1)
	e := graph.Sub(y, t.Values().Values)
	nan := graph.Sqrt(t.Values().Values) // the line of the first NaN
	return head.Outputs{Loss: graph.Mul(graph.Mul(e, e), nan),
		Predictions: []head.Prediction{{Name: "value", Node: y}}}
}

// firstNaN is where rootOfValue takes its root, as messages name it.
const firstNaN = "failure_test.go:28: "

// A NaN stops the run and says where: the step, the task, the draw and the author's line.
func TestNonFiniteStopsTheRun(t *testing.T) {
	poisoned := func(name string, size, micro int, index int64, row int) program.Task {
		task := labelled(t, name, size, micro, length)
		task.Objectives[0].Trace = func(spec head.Spec) (*head.Traced, error) {
			return head.Trace("root", rootOfValue, spec)
		}
		encode := task.Encode
		task.Encode = func(d sampling.Draw) (*sampling.Episode, error) {
			e, err := encode(d)
			if err == nil && d.Index == index {
				e.Query.Array("length/value").Floats[row] = -1
			}
			return e, err
		}
		return task
	}
	diverging := learner(meta.Learner[meta.Params, meta.GradLoss]{
		Name: "diverging",
		Update: func(m *meta.Model, theta meta.Params, c meta.GradLoss) meta.Params {
			return theta.Scale(1e20).Scale(1e30) // too large
		},
	})
	for _, test := range []struct {
		name    string
		tasks   []program.Task
		learner program.Learner
		want    []string
	}{
		{"a batch", []program.Task{labelled(t, "well", 6, 0, topic), poisoned("ill", 6, 0, 5, 2)},
			joint(),
			[]string{"step 3: ", `task "ill": batch 5 of train: contribution/`, firstNaN}},
		{"a part", []program.Task{poisoned("ill", 6, 2, 5, 4)}, joint(),
			[]string{"step 3: ", `task "ill": part 2 of batch 5 of train: `, firstNaN}},
		{"the first of several",
			[]program.Task{poisoned("ill", 6, 0, 3, 0), poisoned("worse", 6, 0, 2, 0)}, joint(),
			[]string{"step 2: ", `task "ill": batch 3 of train: `, firstNaN}},
		{"the update", []program.Task{labelled(t, "well", 6, 0, topic)}, diverging,
			[]string{": update: state/", "failure_test.go:56: "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, workers := range []int{1, 3} {
				loop := newLoop(t, train.Config{
					Model: newModel(t, program.Config{Transformer: tiny(0).transformer(t), Tasks: test.tasks,
						Learner: test.learner, Optimizer: &optim.Config{Kind: "sgd"}}),
					Steps: 9, Workers: workers, Rate: schema.Constant(0.01),
					Plan: sampling.Plan{PerStep: 2, Sizes: make([]int, len(test.tasks))},
				})
				err := loop.Run(t.Context())
				if err == nil {
					t.Fatal("the run goes through")
				}
				for _, want := range test.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%d workers: %v, want %q in it", workers, err, want)
					}
				}
				if findsNaN(t, loop.State()) {
					t.Error("the state is not that of the step before")
				}
			}
		})
	}
}

func findsNaN(t *testing.T, state program.Values) bool {
	t.Helper()
	for _, v := range state {
		x, err := program.Floats(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range x {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return true
			}
		}
	}
	return false
}

// Whatever fails in a step is named with the draw it is about, once.
func TestErrorsNameTheirDraw(t *testing.T) {
	broken := errors.New("the disk is gone")
	c := everything(t)
	task := &c.Model.Tasks()[2]
	draw, encode := task.Draw, task.Encode
	defer func() { task.Draw, task.Encode = draw, encode }()

	run := func() error {
		err := newLoop(t, c).Run(t.Context())
		if err != nil && strings.Count(err.Error(), "task ") > 1 {
			t.Errorf("the task is named again: %v", err)
		}
		return err
	}

	task.Draw = func(_ string, index int64) (sampling.Draw, error) { return draw("nowhere", index) }
	wantError(t, "draw", run(), `step 1: task "sizes": there is no split "nowhere"`)

	task.Draw = draw
	gone := errors.New(`task "sizes": draw 0 of train: the record is gone`)
	task.Encode = func(sampling.Draw) (*sampling.Episode, error) { return nil, gone }
	wantError(t, "encode", run(), "step 1: "+gone.Error())

	task.Encode = func(sampling.Draw) (*sampling.Episode, error) { return &sampling.Episode{}, nil }
	wantError(t, "nothing", run(), `task "sizes": draw `, "has no query")

	task.Encode = encode
	c.Validate = func(context.Context, program.Values, int) (train.Validation, error) {
		return train.Validation{}, broken
	}
	wantError(t, "validation", run(), "validation after step 3: the disk is gone")
}

func wantError(t *testing.T, what string, err error, want ...string) {
	t.Helper()
	for _, w := range want {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%s: got %v, want an error with %q", what, err, w)
		}
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	good := everything(t)
	for _, test := range []struct {
		name   string
		change func(c *train.Config)
		want   string
	}{
		{"steps", func(c *train.Config) { c.Steps = -1 }, "steps: -1, want at least 0"},
		{"workers", func(c *train.Config) { c.Workers = -2 }, "workers: -2"},
		{"keep", func(c *train.Config) { c.Keep = -1 }, "checkpoints kept: -1"},
		{"validate", func(c *train.Config) { c.Validate = nil }, "nothing to validate by"},
		{"tasks", func(c *train.Config) { c.Plan.Sizes = c.Plan.Sizes[:2] },
			"for 2 tasks, the model has 3"},
		{"plan", func(c *train.Config) { c.Plan.PerStep = 0 }, "0 draws a step"},
		{"address", func(c *train.Config) {
			c.Initial = map[string][]float64{"backbone/nrom/scale": {1}}
		}, `"backbone/nrom/scale", which is no leaf`},
		{"length", func(c *train.Config) {
			c.Initial = map[string][]float64{"backbone/norm/scale": {1}}
		}, "initial value of backbone/norm/scale: 1 numbers, want 8"},
		{"NaN", func(c *train.Config) {
			c.Initial = map[string][]float64{"backbone/norm/scale": {1, 1, math.NaN(), 1, 1, 1, 1, 1}}
		}, "initial values: state/backbone/norm/scale: element 2 is NaN"},
	} {
		c := good
		test.change(&c)
		_, err := train.New(c)
		wantError(t, test.name, err, test.want)
	}
	stacked := newModel(t, program.Config{Transformer: tiny(0).transformer(t), Learner: remember(4, 1),
		Tasks: []program.Task{labelled(t, "labels", 6, 0, topic)}, Episodes: 4})
	_, err := train.New(train.Config{Model: stacked, Plan: sampling.Plan{PerStep: 3, Sizes: []int{1}}})
	wantError(t, "episodes", err, "a step has 3 episodes, the model was made for 4")
}

// A run without steps has a state and leaves a checkpoint.
func TestNoSteps(t *testing.T) {
	c := everything(t)
	c.Steps, c.Run = 0, newRun(t)
	loop := through(t, c)
	found, err := checkpoint.Latest(c.Run.Checkpoints())
	if err != nil || found.Step != 0 {
		t.Fatalf("%+v, %v, want a checkpoint of step 0", found, err)
	}
	if _, step := loop.Best(); step != 0 || len(loop.State()) == 0 {
		t.Errorf("the best of %d parts is of step %d", len(loop.State()), step)
	}
}

// A checkpoint that does not fit is refused, and leaves the loop as it was.
func TestRestoreRefuses(t *testing.T) {
	c := everything(t)
	done := file(t, through(t, c))
	other := c
	other.Seed++
	short := c
	short.Steps = 3
	for _, test := range []struct {
		name   string
		config train.Config
		change func(c *checkpoint.Checkpoint)
		want   string
	}{
		{"arithmetic", c, func(c *checkpoint.Checkpoint) { c.Arithmetic = "abacus" },
			`computed by "abacus", and this program computes by "compiled-single-2`},
		{"seed", other, nil, "of a run with seed 11, this one has seed 12"},
		{"steps", short, nil, "step 9: the run has only 3 steps"},
		{"counters", c, func(c *checkpoint.Checkpoint) { *c = *checkpoint.New(9, c.Arithmetic) },
			`no counter "train"`},
		{"leaf", c, func(c *checkpoint.Checkpoint) {
			c.Groups["parameters"] = c.Groups["parameters"][1:]
		}, "it lacks parameters/backbone/"},
		{"more", c, func(c *checkpoint.Checkpoint) {
			c.Groups["slots"] = append(c.Groups["slots"], safetensors.Tensor{Name: "more"})
		}, "group slots holds "},
		{"learner", c, func(c *checkpoint.Checkpoint) {
			c.Groups["learner"] = []safetensors.Tensor{{Name: "more"}}
		}, "group learner holds 1 arrays, the run has 0"},
		{"shape", c, func(c *checkpoint.Checkpoint) { c.Groups["slots"][0].Shape = []int{1} },
			"it is F32 [1], the run has F32 ["},
		{"type", c, func(c *checkpoint.Checkpoint) { c.Groups["slots"][0].Values = []int32{} },
			"it is I32 ["},
		{"selected", c, func(c *checkpoint.Checkpoint) { delete(c.Groups, train.BestParameters) },
			"it lacks best_parameters/"},
	} {
		saved, err := checkpoint.Read(bytes.NewReader(done), int64(len(done)))
		if err != nil {
			t.Fatal(err)
		}
		if test.change != nil {
			test.change(saved)
		}
		loop := newLoop(t, test.config)
		before := file(t, loop)
		wantError(t, test.name, loop.Restore(saved), test.want)
		if !bytes.Equal(file(t, loop), before) {
			t.Errorf("%s: refused, and changed the loop", test.name)
		}
	}
	saved, err := checkpoint.Read(bytes.NewReader(done), int64(len(done)))
	if err != nil {
		t.Fatal(err)
	}
	loop := newLoop(t, c)
	if err := loop.Restore(saved); err != nil || !bytes.Equal(file(t, loop), done) {
		t.Errorf("the unchanged checkpoint: %v", err)
	}
}

// Metrics that lost lines since the checkpoint are not written on.
func TestMetricsThatWereChanged(t *testing.T) {
	c := everything(t)
	c.Run = newRun(t)
	through(t, c)
	found, err := checkpoint.Latest(c.Run.Checkpoints())
	if err != nil {
		t.Fatal(err)
	}
	loop := newLoop(t, c)
	if err := loop.Restore(found.Checkpoint); err != nil {
		t.Fatal(err)
	}
	if err := c.Run.Truncate(5); err != nil {
		t.Fatal(err)
	}
	wantError(t, "lost lines", loop.Run(t.Context()), "has 5 lines, 12 had been written")
}

// What cannot be saved is an error, also while stopping.
func TestFailureToSave(t *testing.T) {
	c := everything(t)
	c.Run = newRun(t)
	if err := os.WriteFile(c.Run.Checkpoints(), nil, 0o644); err != nil { // where a folder is to be
		t.Fatal(err)
	}
	wantError(t, "due", newLoop(t, c).Run(t.Context()), "checkpoint after step 2: ")
	ctx, cancel := context.WithCancel(t.Context())
	c.Progress = func(train.Progress) { cancel() }
	err := newLoop(t, c).Run(ctx)
	wantError(t, "stopping", err, "stopped after step 1, which could not be saved: ")
	if errors.Is(err, train.ErrInterrupted) {
		t.Error("a run that was not saved is not merely interrupted")
	}
	validate := c.Validate
	ctx, cancel = context.WithCancel(t.Context())
	c.Progress, c.CheckpointEvery = nil, 0
	c.Validate = func(ctx context.Context, state program.Values, step int) (train.Validation, error) {
		cancel()
		return validate(ctx, state, step) // cut short
	}
	err = newLoop(t, c).Run(ctx)
	wantError(t, "in a validation", err, "stopped after step 3, which could not be saved: ")
	if errors.Is(err, train.ErrInterrupted) || errors.Is(err, context.Canceled) {
		t.Errorf("a run that was not saved is not merely interrupted: %v", err)
	}
}

// TestFailureToWriteALine: a step or validation whose line cannot be written has not
// been made, so that what is saved then has all its lines.
func TestFailureToWriteALine(t *testing.T) {
	for _, event := range []string{"train", "validation"} {
		c := everything(t)
		c.Run, c.CheckpointEvery = newRun(t), 0
		var loop *train.Loop
		var before []byte
		broken := func() {
			before = file(t, loop)
			c.Run.Close() // from here on it cannot be written to
		}
		if event == "train" {
			c.Progress = func(train.Progress) { broken() }
		} else {
			validate := c.Validate
			c.Validate = func(ctx context.Context, state program.Values, step int) (
				train.Validation, error) {
				broken()
				return validate(ctx, state, step)
			}
		}
		loop = newLoop(t, c)
		wantError(t, event, loop.Run(t.Context()), "write metrics")
		if !bytes.Equal(before, file(t, loop)) {
			t.Errorf("%s: what would be saved has changed, to that after step %d", event, loop.Step())
		}
	}
}
