package evaluation

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/train/metric"
)

// sameBits compares scores exactly, NaN equal to NaN.
var sameBits = cmp.Options{cmpopts.EquateNaNs(), cmpopts.IgnoreUnexported(Score{})}

// fewShot is a request on few-shot episodes with an inner loop.
func fewShot(t testing.TB, steps int, rate float64) Request {
	data := newTask(t, texts(9, grid(9, 6)), letters(t))
	model := newModel(t, descent(steps, rate), programTask("letters", data,
		objectiveOf("letter", 3, bare)))
	return Request{Model: model, State: initial(t, model), Set: freeze(t, data, sampling.Test, 6),
		Steps: []int{0, 1, 3}}
}

// Step 0 is the model as it is, whatever the learner; further steps are not.
func TestCurve(t *testing.T) {
	adapted := run(t, fewShot(t, 2, 0.05))
	still := fewShot(t, 0, 0)
	still.Steps = []int{0, 3}
	plain := run(t, still)
	if !slices.Equal(plain.Steps, []int{0}) {
		t.Errorf("a learner without adaptation is scored after %v steps, want 0 alone", plain.Steps)
	}
	for _, name := range []string{"accuracy", "macro_f1", "loss"} {
		diff := cmp.Diff(plain.Find("letter", name, 0), adapted.Find("letter", name, 0), sameBits)
		if diff != "" {
			t.Errorf("step 0: -not adapted +curve:\n%s", diff)
		}
	}
	before, after := adapted.Find("letter", "loss", 0).Total, adapted.Find("letter", "loss", 3).Total
	if !(after < before) {
		t.Errorf("loss %v before and %v after 3 steps, want it lower", before, after)
	}
	if main := adapted.Main("letter", 1); main.Metric != "accuracy" || main.Step != 1 ||
		len(main.Draws) != 6 {
		t.Errorf("main score %+v, want the accuracy of 6 episodes", main)
	}
}

// The loss of an episode is what the program says, and the total is over examples.
func TestLossOfEpisodes(t *testing.T) {
	scores := run(t, fewShot(t, 1, 0.1))
	loss := scores.Find("letter", "loss", 1)
	want := 0.0
	for _, x := range loss.Draws { // of as many examples each
		want += x / 6
	}
	if math.Abs(loss.Total-want) > 1e-6 {
		t.Errorf("total %v, want the mean %v", loss.Total, want)
	}
	if loss.HigherBetter || loss.Records != nil {
		t.Errorf("got %+v, want less to be better, and no records of episodes", loss)
	}
}

func TestWorkersChangeNothing(t *testing.T) {
	r := fewShot(t, 2, 0.5)
	want := run(t, r)
	for _, workers := range []int{2, 3, 50} {
		r.Workers = workers
		var told []int
		r.Progress = func(done, total int) {
			if total != 6 {
				t.Errorf("%d draws in all, want 6", total)
			}
			told = append(told, done)
		}
		if diff := cmp.Diff(want, run(t, r), sameBits); diff != "" {
			t.Errorf("%d workers: -1 worker +them:\n%s", workers, diff)
		}
		if !slices.Equal(told, []int{1, 2, 3, 4, 5, 6}) {
			t.Errorf("%d workers: told %v", workers, told)
		}
	}
}

// Metrics that the head counts and those that follow from its predictions agree.
func TestHeadCounts(t *testing.T) {
	data := newTask(t, texts(9, grid(9, 6)), letters(t))
	set := freeze(t, data, sampling.Validation, 4)
	var all [2]*Scores
	for i, trace := range []headTrace{bare, counting} {
		model := newModel(t, descent(1, 0.5), programTask("letters", data,
			objectiveOf("letter", 3, trace)))
		all[i] = run(t, Request{Model: model, State: initial(t, model), Set: set,
			Steps: []int{0, 1}})
	}
	if diff := cmp.Diff(all[0], all[1], sameBits); diff != "" {
		t.Errorf("-from predictions +counted by the head:\n%s", diff)
	}
}

// Where the number of classes varies, episodes share a program and their heads are
// made anew: differently for each, and the same for each again.
func TestVariableWay(t *testing.T) {
	c := letters(t)
	c.Episodes = &sampling.Episodes{MinWay: 2, MaxWay: 3, Shot: 2, Query: 3}
	data := newTask(t, texts(9, grid(9, 6)), c)
	objective := objectiveOf("letter", 3, fresh)
	objective.Target.VariableWay = true
	model := newModel(t, descent(2, 0.1), programTask("letters", data, objective))
	r := Request{Model: model, State: initial(t, model), Set: freeze(t, data, sampling.Test, 8),
		Steps: []int{0, 2}}
	want := run(t, r)
	ways := map[int]bool{}
	for _, d := range r.Set.Frozen.Draws {
		ways[len(d.Classes)] = true
	}
	if n := model.Compiled(); n != 1 || !ways[2] || !ways[3] {
		t.Errorf("%d shapes of episodes of %v ways, want one of 2 and 3", n, ways)
	}
	r.Workers = 3
	if diff := cmp.Diff(want, run(t, r), sameBits); diff != "" {
		t.Errorf("again: -before +now:\n%s", diff)
	}
	r.Seed = 1
	if other := run(t, r).Find("letter", "loss", 0); slices.Equal(other.Draws,
		want.Find("letter", "loss", 0).Draws) {
		t.Error("another seed makes the same heads")
	}
	accuracy, right, total := want.Find("letter", "accuracy", 2), 0.0, 0.0
	for i, d := range r.Set.Frozen.Draws {
		right += accuracy.Draws[i] * float64(len(d.Query))
		total += float64(len(d.Query))
	}
	if math.Abs(accuracy.Total-right/total) > 1e-12 {
		t.Errorf("accuracy over all examples %v, want %v", accuracy.Total, right/total)
	}
}

func TestRegression(t *testing.T) {
	data := newLines(t, 0)
	model := newModel(t, descent(1, 0.02), programTask("lines", data, objectiveOf("y", 0, regress)))
	scores := run(t, Request{Model: model, State: initial(t, model), Steps: []int{0, 1, 5},
		Set: freeze(t, data, sampling.Test, 5), Workers: 2})
	main := scores.Main("y", 5)
	if main.Metric != "mse" || main.HigherBetter || len(main.Draws) != 5 {
		t.Errorf("got %+v, want the mean squared error of 5 episodes, lower better", main)
	}
	for i, x := range scores.Find("y", "loss", 5).Draws {
		if math.Abs(x-main.Draws[i]) > 1e-5 {
			t.Errorf("episode %d: error %v, and the loss that is the same %v", i, main.Draws[i], x)
		}
	}
	if !(main.Total < scores.Main("y", 0).Total) {
		t.Errorf("error %v after 5 steps, want less than %v", main.Total, scores.Main("y", 0).Total)
	}
}

// pass is a request on ordinary batches of 4, in elements of 2: 10 of the 40 records
// are the test's, the last batch is half padding, and some records have no class.
func pass(t testing.TB, size int) Request {
	examples := grid(4, 10)
	examples[7].class, examples[23].class = -1, -1
	c := batches(t, size, 2)
	c.Predicts = append(c.Predicts, sampling.Predict{Name: "length", Target: "length",
		Kind: task.Value})
	data := newTask(t, texts(4, examples), c)
	model := newModel(t, descent(2, 0.1), programTask("letters", data,
		objectiveOf("letter", 4, bare), objectiveOf("length", 0, regress)))
	return Request{Model: model, State: initial(t, model), Steps: []int{0, 1},
		Set: freeze(t, data, sampling.Test, 0)}
}

// A pass counts every record that has a target once, wherever the batches end.
func TestPass(t *testing.T) {
	r := pass(t, 4)
	scores := run(t, r)
	if !slices.Equal(scores.Steps, []int{0}) {
		t.Errorf("batches are scored after %v steps, want 0 alone", scores.Steps)
	}
	labelled := 0
	for _, d := range r.Set.Frozen.Draws {
		_, query, err := r.Set.Data.Raw(d, "letter")
		if err != nil {
			t.Fatal(err)
		}
		for _, label := range query.Labels {
			if label >= 0 {
				labelled++
			}
		}
	}
	accuracy, mse := scores.Main("letter", 0), scores.Main("length", 0)
	if len(accuracy.Records) != labelled || len(mse.Records) != 10 || len(accuracy.Draws) != 3 {
		t.Errorf("%d records with a class and %d with a length in %d batches, want %d and 10 in 3",
			len(accuracy.Records), len(mse.Records), len(accuracy.Draws), labelled)
	}
	if got := metric.Mean(accuracy.Records).Mean; math.Abs(got-accuracy.Total) > 1e-12 {
		t.Errorf("accuracy %v, and %v over records", accuracy.Total, got)
	}
	if i := accuracy.Interval(); i.N != labelled || math.IsNaN(i.HalfWidth) {
		t.Errorf("interval %+v, want that over %d records", i, labelled)
	}
	whole := run(t, pass(t, 10))
	for _, name := range []string{"accuracy", "macro_f1", "loss"} {
		got, want := scores.Find("letter", name, 0).Total, whole.Find("letter", name, 0).Total
		if math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: %v in three batches, %v in one", name, got, want)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Request)
		want   string
	}{
		{"hash", func(r *Request) { r.Set.Frozen.Hash = "abc" }, "were frozen with abc"},
		{"other draws", func(r *Request) {
			r.Set.Frozen.Draws = slices.Clone(r.Set.Frozen.Draws)
			r.Set.Frozen.Draws[0].Query = slices.Clone(r.Set.Frozen.Draws[0].Query)
			r.Set.Frozen.Draws[0].Query[0]++
		}, "the data or the draws have changed"},
		{"two splits", func(r *Request) {
			r.Set.Frozen.Draws = slices.Clone(r.Set.Frozen.Draws)
			r.Set.Frozen.Draws[1].Split = sampling.Train
		}, `splits "test" and "train" in one set`},
		{"no draws", func(r *Request) { r.Set.Frozen.Draws = nil }, "no episodes"},
		{"no data", func(r *Request) { r.Set.Data = nil }, "no episodes"},
		{"no steps", func(r *Request) { r.Steps = nil }, "ascending"},
		{"steps twice", func(r *Request) { r.Steps = []int{0, 1, 1} }, "ascending"},
		{"steps descend", func(r *Request) { r.Steps = []int{1, 0} }, "ascending"},
		{"negative steps", func(r *Request) { r.Steps = []int{-1, 0} }, "ascending"},
		{"task", func(r *Request) { r.Task = 1 }, "task 1, want one of the model's 1"},
		{"state", func(r *Request) { r.State = nil }, "no argument for parameter"},
	} {
		r := fewShot(t, 1, 0.1)
		test.change(&r)
		_, err := Run(t.Context(), r)
		wantError(t, test.name, err, test.want)
	}
}

// Generated episodes are known by their records: other data of the same indices is
// refused.
func TestGeneratedHash(t *testing.T) {
	data, other := newLines(t, 0), newLines(t, 1)
	model := newModel(t, descent(1, 0.1), programTask("lines", data, objectiveOf("y", 0, regress)))
	set := freeze(t, data, sampling.Test, 3)
	set.Data = other
	_, err := Run(t.Context(), Request{Model: model, State: initial(t, model), Steps: []int{0},
		Set: set})
	wantError(t, "other data", err, "the data or the draws have changed")
}

func TestCancel(t *testing.T) {
	r := fewShot(t, 1, 0.1)
	ctx, cancel := context.WithCancel(t.Context())
	r.Workers = 2
	r.Progress = func(done, _ int) {
		if done == 2 {
			cancel()
		}
		if done > 4 { // two workers may each have had one under way
			t.Errorf("%d draws were scored", done)
		}
	}
	if _, err := Run(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

// The error told is that of the earliest draw, for any number of workers.
func TestErrorOfADraw(t *testing.T) {
	data := newTask(t, texts(9, grid(9, 6)), letters(t))
	set := freeze(t, data, sampling.Test, 6)
	one := programTask("letters", data, objectiveOf("letter", 3, bare))
	encode := one.Encode
	one.Encode = func(d sampling.Draw) (*sampling.Episode, error) {
		if d.Split == sampling.Test && d.Index >= 1 {
			d.Query = nil
		}
		return encode(d)
	}
	model := newModel(t, descent(1, 0.1), one)
	_, err := Run(t.Context(), Request{Model: model, State: initial(t, model), Steps: []int{0},
		Set: set})
	wantError(t, "no such record", err, `evaluation: task "letters": draw 1 of test: `)
	if n := strings.Count(fmt.Sprint(err), "letters"); n != 1 {
		t.Errorf("the task is named %d times: %v", n, err)
	}
}
