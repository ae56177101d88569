package train_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train"
	"quickstudy/framework/train/program"
)

// rated is a training of two tasks with heads of their own and a common encoder, of steps
// that have a batch of each.
func rated(t *testing.T, o *optim.Config, steps int, rates ...train.TaskRates) train.Config {
	t.Helper()
	tasks := []program.Task{renamed(labelled(t, "labels", 6, 0, topic), "labels_"),
		renamed(labelled(t, "sizes", 6, 0, length), "sizes_")}
	return train.Config{Model: newModel(t, program.Config{Transformer: tiny(0).transformer(t),
		Tasks: tasks, Learner: joint(), Optimizer: o, Episodes: 2}), Seed: 1, Steps: steps,
		Plan: sampling.Plan{Seed: 1, Mix: sampling.Every, PerStep: 1, Sizes: []int{1, 1}},
		Rate: schema.Constant(0.1), TaskRates: rates}
}

// constant are rates that do not change.
func constant(loss, own float64) train.TaskRates {
	return train.TaskRates{Loss: schema.Constant(loss), Own: schema.Constant(own)}
}

// changes are what a training has changed of every leaf.
func changes(t *testing.T, c train.Config) map[string][]float64 {
	t.Helper()
	loop := newLoop(t, c)
	before := loop.State()
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := loop.State()
	out := map[string][]float64{}
	for _, l := range c.Model.Leaves() {
		path := c.Model.LeafState(l.Address)
		old, err := program.Floats(before[path])
		if err != nil {
			t.Fatal(err)
		}
		now, err := program.Floats(after[path])
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range now {
			out[l.Address] = append(out[l.Address], x-old[i])
		}
	}
	return out
}

// TestRatesOfLosses: under SGD each task's gradient counts so many times, in its head as in
// what is shared.
func TestRatesOfLosses(t *testing.T) {
	sgd := &optim.Config{Kind: "sgd"}
	first := changes(t, rated(t, sgd, 1, constant(1, 1), constant(0, 1)))
	second := changes(t, rated(t, sgd, 1, constant(0, 1), constant(1, 1)))
	both := changes(t, rated(t, sgd, 1, constant(3, 1), constant(0.5, 1)))
	for address, got := range both {
		for i, x := range got {
			want := 3*first[address][i] + 0.5*second[address][i]
			if math.Abs(x-want) > 1e-6+1e-4*math.Abs(want) {
				t.Fatalf("%s changes by %v, want %v", address, x, want)
			}
		}
	}
}

// TestOwnRates: what is a task's own moves so much further, whatever the optimizer, and all
// else moves as before.
func TestOwnRates(t *testing.T) {
	for _, o := range []*optim.Config{{Kind: "sgd"}, {Kind: "momentum", Momentum: 0.9},
		{Kind: "adamw", Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8, WeightDecay: 0.1}} {
		t.Run(o.Kind, func(t *testing.T) {
			plain := changes(t, rated(t, o, 1))
			got := changes(t, rated(t, o, 1, constant(1, 0.25), constant(1, 3)))
			for address, change := range got {
				factor := 1.0
				switch {
				case strings.HasPrefix(address, "heads/labels_"):
					factor = 0.25
				case strings.HasPrefix(address, "heads/sizes_"):
					factor = 3
				}
				for i, x := range change {
					if want := factor * plain[address][i]; factor == 1 && x != want ||
						math.Abs(x-want) > 1e-6+1e-5*math.Abs(want) {
						t.Fatalf("%s changes by %v, want %v times %v", address, x, factor, plain[address][i])
					}
				}
			}
		})
	}
}

// TestRatesOfOne change no bit, and one of 0 keeps a head as it is.
func TestRatesOfOne(t *testing.T) {
	adam := &optim.Config{Kind: "adam", Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8}
	if !bytes.Equal(file(t, through(t, rated(t, adam, 3))),
		file(t, through(t, rated(t, adam, 3, constant(1, 1), constant(1, 1))))) {
		t.Error("rates of 1 change what is trained")
	}
	for address, change := range changes(t, rated(t, adam, 3, constant(1, 0), constant(1, 1))) {
		moved := false
		for _, x := range change {
			moved = moved || x != 0
		}
		if want := !strings.HasPrefix(address, "heads/labels_"); moved != want &&
			address != "backbone/embed/positions" {
			t.Errorf("%s moved: %v, want %v", address, moved, want)
		}
	}
}

// TestScheduledRates are those of the step, which the metrics have.
func TestScheduledRates(t *testing.T) {
	c := rated(t, &optim.Config{Kind: "sgd"}, 4,
		train.TaskRates{Loss: schema.Linear(1, 0), Own: schema.Constant(1)}, constant(1, 2))
	want := []float64{1, 0.75, 0.5, 0.25}
	c.Progress = func(p train.Progress) {
		if got := p.Values["rate/loss/labels"]; got != want[p.Step-1] || p.Values["rate/own/sizes"] != 2 {
			t.Errorf("step %d has the rates %v", p.Step, p.Values)
		}
		if _, told := p.Values["rate/own/labels"]; told {
			t.Errorf("step %d tells a rate that nobody has set", p.Step)
		}
	}
	through(t, c)
	c.TaskRates = c.TaskRates[:1]
	if _, err := train.New(c); err == nil || !strings.Contains(err.Error(), "rates of 1 tasks") {
		t.Errorf("got %v, want an error about the number of rates", err)
	}
}
