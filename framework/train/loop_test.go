package train_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// everything is a run in which all that a checkpoint must hold matters: episodes
// and cut batches of several tasks with heads of their own, of which a step draws
// some; dropout; an optimizer with slots and decay; schedules, tasks' own too; selection.
func everything(t testing.TB) train.Config {
	t.Helper()
	model := newModel(t, program.Config{
		Transformer: tiny(0.2).transformer(t),
		Tasks: []program.Task{
			fewShot(t, "few"), labelled(t, "labels", 10, 4, topic, tone), labelled(t, "sizes", 6, 0, length),
		},
		Learner:   maml(optimizer{LearningRate: 0.1, Steps: 1, SecondOrder: true}),
		Optimizer: &optim.Config{Kind: "adamw", Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8, WeightDecay: 0.1},
		Episodes:  3,
	})
	return train.Config{
		Model: model, Seed: 11, Steps: 9, Workers: 2,
		Plan: sampling.Plan{Seed: 3, Mix: sampling.Uniform, PerStep: 3, Sizes: []int{1, 1, 1}},
		Rate: schema.Cosine(0.01, 0).WithWarmup(2),
		TaskRates: []train.TaskRates{{Loss: schema.Linear(1, 0.2), Own: schema.Constant(1)},
			{Loss: schema.Constant(1), Own: schema.Cosine(2, 0)},
			{Loss: schema.Constant(0.5), Own: schema.Linear(0, 1).WithWarmup(3)}},
		CheckpointEvery: 2, Keep: 2, Every: 3, Validate: validationLoss(t, model),
	}
}

// validationLoss scores a state by the loss of one validation batch.
func validationLoss(t testing.TB, model *program.Model) func(context.Context, program.Values,
	int) (train.Validation, error) {
	t.Helper()
	task := model.Tasks()[1]
	draw, err := task.Draw(sampling.Validation, 0)
	if err != nil {
		t.Fatal(err)
	}
	episode, err := task.Encode(draw)
	if err != nil {
		t.Fatal(err)
	}
	elements := model.Elements(1, episode)
	return func(ctx context.Context, state program.Values, _ int) (train.Validation, error) {
		if ctx.Err() != nil {
			return train.Validation{}, ctx.Err()
		}
		p, _, err := model.Evaluation(ctx, elements[0], []int{0})
		if err != nil {
			return train.Validation{}, err
		}
		out, err := p.Run(state, elements[0].Values, program.Values{"key": program.Key([2]uint32{})})
		if err != nil {
			return train.Validation{}, err
		}
		loss, err := program.Floats(out["0/topic/loss"])
		if err != nil {
			return train.Validation{}, err
		}
		return train.Validation{Score: loss[0], Values: map[string]float64{"topic/loss": loss[0]}}, nil
	}
}

// newRun makes the folder of a run.
func newRun(t testing.TB) *record.Run {
	t.Helper()
	run, err := record.Create(t.TempDir(), record.Info{Experiment: "loop"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Close() })
	return run
}

func newLoop(t testing.TB, c train.Config) *train.Loop {
	t.Helper()
	loop, err := train.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return loop
}

// through runs an experiment in one go.
func through(t testing.TB, c train.Config) *train.Loop {
	t.Helper()
	loop := newLoop(t, c)
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return loop
}

// file is all that a loop would save, as bytes.
func file(t testing.TB, loop *train.Loop) []byte {
	t.Helper()
	c, err := loop.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lines are the metrics of a run without their times.
func lines(t testing.TB, run *record.Run) string {
	t.Helper()
	var b strings.Builder
	for line, err := range run.Metrics() {
		if err != nil {
			t.Fatal(err)
		}
		line.Seconds = 0
		text, err := json.Marshal(line)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	return b.String()
}

// outcome is what two runs that are the same have the same.
type outcome struct {
	File    []byte
	Metrics string
}

func outcomeOf(t testing.TB, loop *train.Loop, run *record.Run) outcome {
	t.Helper()
	return outcome{file(t, loop), lines(t, run)}
}

func (want outcome) check(t testing.TB, what string, got outcome) {
	t.Helper()
	if diff := cmp.Diff(want.Metrics, got.Metrics); diff != "" {
		t.Errorf("%s: metrics: -want +got:\n%s", what, diff)
	}
	if !bytes.Equal(want.File, got.File) {
		t.Errorf("%s: another state", what)
	}
}

// inOneGo runs an experiment in one go and keeps it.
func inOneGo(t testing.TB, c train.Config) outcome {
	t.Helper()
	c.Run = newRun(t)
	return outcomeOf(t, through(t, c), c.Run)
}

// experiments are what the promises are held to.
func experiments(t *testing.T) map[string]train.Config {
	return map[string]train.Config{"everything": everything(t), "tending": tending(t, nil)}
}

func TestWorkersChangeNothing(t *testing.T) {
	for name, c := range experiments(t) {
		t.Run(name, func(t *testing.T) { workersChangeNothing(t, c) })
	}
}

func workersChangeNothing(t *testing.T, c train.Config) {
	c.Workers = 1
	want := inOneGo(t, c)
	if n := strings.Count(want.Metrics, "\n"); n != 9+3 {
		t.Fatalf("%d lines, want 9 of steps and 3 of validations:\n%s", n, want.Metrics)
	}
	for _, n := range []int{2, 3, 7} {
		c.Workers = n
		want.check(t, fmt.Sprint(n, " workers"), inOneGo(t, c))
	}
	// That the comparison sees anything: another seed is another run.
	c.Seed++
	if bytes.Equal(inOneGo(t, c).File, want.File) {
		t.Error("another seed gives the same state")
	}
}

// A run that is cancelled at any moment saves, says so, and goes on to the same end.
func TestInterruptedRunGoesOn(t *testing.T) {
	for name, c := range experiments(t) {
		stride := 1
		if name == "tending" {
			stride = 3
		}
		t.Run(name, func(t *testing.T) { interruptedRunGoesOn(t, c, stride) })
	}
}

func interruptedRunGoesOn(t *testing.T, c train.Config, stride int) {
	want := inOneGo(t, c)
	encode := c.Model.Tasks()[1].Encode
	validate := c.Validate
	defer func() { c.Model.Tasks()[1].Encode = encode }()
	for stop := 1; stop <= 12; stop += stride {
		for _, where := range []string{"after a line", "in a validation", "while encoding"} {
			ctx, cancel := context.WithCancel(t.Context())
			var count atomic.Int64
			reach := func(place string) {
				if place == where && count.Add(1) == int64(stop) {
					cancel()
				}
			}
			c.Run = newRun(t)
			c.Progress = func(train.Progress) { reach("after a line") }
			c.Validate = func(ctx context.Context, s program.Values, step int) (train.Validation,
				error) {
				reach("in a validation")
				return validate(ctx, s, step)
			}
			c.Model.Tasks()[1].Encode = func(d sampling.Draw) (*sampling.Episode, error) {
				reach("while encoding")
				return encode(d)
			}
			loop := newLoop(t, c)
			err := loop.Run(ctx)
			cancel()
			what := fmt.Sprintf("stopped %d. time %s", stop, where)
			if err == nil { // there are fewer such moments, or the last was at the end
				want.check(t, what, outcomeOf(t, loop, c.Run))
				continue
			}
			if !errors.Is(err, train.ErrInterrupted) {
				t.Fatalf("%s: %v, want ErrInterrupted", what, err)
			}
			found, err := checkpoint.Latest(c.Run.Checkpoints())
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if got := found.Step; got != int64(loop.Step()) {
				t.Errorf("%s: step %d is saved, %d were done", what, got, loop.Step())
			}
			again := newLoop(t, c)
			if err := again.Restore(found.Checkpoint); err != nil {
				t.Fatal(err)
			}
			if err := again.Run(t.Context()); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			want.check(t, what, outcomeOf(t, again, c.Run))
		}
	}
}

// A loop that was interrupted in memory goes on by another call of Run.
func TestRunAgain(t *testing.T) {
	c := everything(t)
	want := inOneGo(t, c)
	c.Run = newRun(t)
	ctx, cancel := context.WithCancel(t.Context())
	c.Progress = func(p train.Progress) {
		if p.Step == 4 {
			cancel()
		}
	}
	loop := newLoop(t, c)
	if err := loop.Run(ctx); !errors.Is(err, train.ErrInterrupted) || loop.Step() != 4 {
		t.Fatalf("%v after step %d, want ErrInterrupted after 4", err, loop.Step())
	}
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want.check(t, "run again", outcomeOf(t, loop, c.Run))
}

// Validation selects: here the third of four scores, and never one that is NaN.
func TestSelection(t *testing.T) {
	for _, test := range []struct {
		name   string
		higher bool
		scores []float64
		want   int
	}{
		{"lowest", false, []float64{3, 2, 1, 2}, 9},
		{"highest", true, []float64{1, 2, 3, 2}, 9},
		{"first of equals", true, []float64{1, 2, 2, 2}, 6},
		{"NaN", false, []float64{math.NaN(), math.Inf(-1), 5, 6}, 9},
		{"none", true, []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}, 10},
	} {
		c := everything(t)
		c.Steps, c.Run = 10, newRun(t)
		i := 0
		c.Validate = func(_ context.Context, _ program.Values, step int) (train.Validation, error) {
			if want := []int{3, 6, 9, 10}[i]; step != want {
				t.Errorf("%s: validated as step %d, want %d", test.name, step, want)
			}
			i++
			return train.Validation{Score: test.scores[i-1], HigherBetter: test.higher}, nil
		}
		states := map[int]program.Values{}
		selected := 10
		var loop *train.Loop
		c.Progress = func(p train.Progress) {
			states[p.Step] = loop.State()
			if p.Selected {
				selected = p.Step
			}
		}
		loop = newLoop(t, c)
		if err := loop.Run(t.Context()); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		state, step := loop.Best()
		if step != test.want || selected != test.want {
			t.Errorf("%s: step %d is selected, %d was announced, want %d", test.name, step, selected,
				test.want)
		}
		for name, v := range state {
			if !v.Eq(states[test.want][name]) {
				t.Errorf("%s: %s is not that of step %d", test.name, name, test.want)
			}
		}
		found, err := checkpoint.Latest(c.Run.Checkpoints())
		if err != nil {
			t.Fatal(err)
		}
		again := newLoop(t, c)
		if err := again.Restore(found.Checkpoint); err != nil {
			t.Fatal(err)
		}
		if _, step := again.Best(); step != test.want {
			t.Errorf("%s: step %d is selected after restoring, want %d", test.name, step, test.want)
		}
		if !bytes.Equal(file(t, again), file(t, loop)) {
			t.Errorf("%s: restored otherwise than saved", test.name)
		}
	}
}

// TestSpareWorkers: who asks for more than can have something to do is told, once.
func TestSpareWorkers(t *testing.T) {
	for workers, want := range map[int]int{0: 0, 3: 0, 50: 1} {
		var logged strings.Builder
		c := everything(t)
		c.Workers, c.Steps, c.Logger = workers, 2, zerolog.New(&logged)
		through(t, c)
		const told = `"elements":`
		if got := strings.Count(logged.String(), told); got != want {
			t.Errorf("%d workers: told %d times, want %d: %s", workers, got, want, logged.String())
		}
	}
}
