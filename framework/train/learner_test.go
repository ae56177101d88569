package train_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train"
	"quickstudy/framework/train/program"
)

// tended is a state that is more than parameters.
type tended struct {
	Theta    meta.Params
	Logits   *graph.Node // [T], moved by the second round
	Velocity meta.Params
}

// byTask are the tasks' gradients and losses.
type byTask struct {
	Grad meta.Params `reduce:"task"`
	Loss *graph.Node `reduce:"task"`
}

// fall is by how much the loss of each task fell in a step.
type fall struct {
	Tasks *graph.Node `reduce:"task"`
	Each  *graph.Node `reduce:"stack"`
}

// tend is a learner that uses all that a loop has for one: an inner loop that depends
// on progress, weights from a solver that remembers and draws, an optimizer under a
// name, a state of several parts, a second round.
func tend(record func(meta.Weighing)) program.Learner {
	adapt := meta.StepsFrom(1, func(m *meta.Model, s tended) meta.Params { return m.Fast(s.Theta) },
		func(m *meta.Model, a meta.Params, support meta.Batch, _ *graph.Node) meta.Params {
			rate := m.Rate(schema.Linear(0.2, 0.1))
			return a.Sub(m.Grad(m.Loss(a, support), a).ScaleBy(rate))
		})
	loss := func(m *meta.Model, s tended, ep meta.Episode) *graph.Node {
		theta := m.Fast(s.Theta)
		if !ep.Support.Absent() {
			theta = adapt.Run(m, s, ep.Support)
		}
		return m.Loss(theta, ep.Query)
	}
	return learner(meta.Learner[tended, byTask]{
		Name: "tend", Adapt: adapt,
		Init: func(m *meta.Model, theta meta.Params) tended {
			return tended{Theta: theta, Logits: graph.Const(graph.Float32, graph.Shape{m.Tasks()},
				make([]float64, m.Tasks())), Velocity: theta.Zeros()}
		},
		Episode: func(m *meta.Model, s tended, ep meta.Episode) byTask {
			l := loss(m, s, ep)
			return byTask{Grad: m.Grad(l, s.Theta), Loss: l}
		},
		Weigh: func(w meta.Weighing) (meta.Weighed, error) {
			if record != nil {
				record(w)
			}
			weights := make([]float64, len(w.Losses))
			for i := range weights {
				last := 1.0
				if w.Last != nil {
					last = w.Last[i]
				}
				weights[i] = last/2 + 0.3/(1+math.Sqrt(w.Gram[i][i])) + float64(w.Seed>>40)/(1<<26)
			}
			kept := append(slices.Clone(w.Memory), w.Losses[0])
			return meta.Weighed{Weights: weights, Memory: kept}, nil
		},
		Update: func(m *meta.Model, s tended, c byTask) tended {
			g := c.Grad.Contract(m.Weights())
			s.Theta = m.OptimizeAs("theta", s.Theta, g)
			s.Velocity = s.Velocity.Scale(0.5).Add(g)
			return s
		},
		Settle: meta.Settle(func(m *meta.Model, before, after tended, ep meta.Episode) fall {
			f := graph.Sub(loss(m, before, ep), loss(m, after, ep))
			return fall{Tasks: f, Each: f}
		}, func(m *meta.Model, s tended, d fall) tended {
			s.Logits = graph.Add(s.Logits, graph.Select(m.Present(), d.Tasks, graph.ConstLike(d.Tasks, 0)))
			s.Logits = graph.Add(s.Logits, graph.Broadcast(
				graph.Mul(m.Progress(), graph.Sum(d.Each)), m.Tasks()))
			return s
		}),
	})
}

// anyWay classifies with a layer that is made anew for every episode, for whatever
// number of classes it has.
func anyWay(t *head.Tracer) head.Outputs {
	labels := t.Labels()
	w := t.EpisodicParam("w", graph.Shape{t.Width(), labels.Classes},
		nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	logits := nn.Linear(t.Encode(head.Input).Pooled, w, nil)
	scale := t.Param("scale", graph.Shape{}, nn.Init{Kind: nn.Ones})
	logits = graph.Mul(logits, graph.Broadcast(scale, logits.Shape()...))
	return head.Outputs{
		Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask),
		Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(logits)}},
	}
}

// variable is a task of episodes of 2 to 4 ways.
func variable(t testing.TB, name string) program.Task {
	out := newTask(t, name, sampling.Config{ClassField: "topic",
		Episodes: &sampling.Episodes{MinWay: 2, MaxWay: 4, Shot: 1, Query: 2}}, topic)
	out.Objectives[0].Head, out.Objectives[0].Target.VariableWay = "any", true
	out.Objectives[0].Trace = func(spec head.Spec) (*head.Traced, error) {
		return head.Trace("any", anyWay, spec)
	}
	return out
}

// tending is a run of that learner over episodes whose head is made anew, episodes
// with a head of their own, and cut batches.
func tending(t testing.TB, record func(meta.Weighing)) train.Config {
	t.Helper()
	model := newModel(t, program.Config{
		Transformer: tiny(0.2).transformer(t),
		Tasks: []program.Task{variable(t, "any"), labelled(t, "labels", 10, 4, topic, tone),
			fewShot(t, "few")},
		Learner: tend(record), Optimizer: &optim.Config{Kind: "momentum", Momentum: 0.9},
		Episodes: 4, Steps: 9,
	})
	return train.Config{
		Model: model, Seed: 21, Steps: 9, Workers: 2,
		Plan:            sampling.Plan{Seed: 4, Mix: sampling.Uniform, PerStep: 4, Sizes: []int{1, 1, 1}},
		Rate:            schema.Linear(0.02, 0.001),
		CheckpointEvery: 2, Keep: 2, Every: 4, Validate: validationLoss(t, model),
	}
}

// What the solver is told follows from the step, and its answer from the step before.
func TestWeighing(t *testing.T) {
	var told []meta.Weighing
	c := tending(t, func(w meta.Weighing) { told = append(told, w) })
	values := map[int]map[string]float64{}
	c.Progress = func(p train.Progress) {
		if p.Event == "train" {
			values[p.Step] = p.Values
		}
	}
	through(t, c)
	if len(told) != 9 {
		t.Fatalf("asked %d times in 9 steps", len(told))
	}
	seeds := map[uint64]bool{}
	for step, w := range told {
		picks, err := c.Plan.Step(int64(step))
		if err != nil {
			t.Fatal(err)
		}
		present := make([]bool, 3)
		for _, p := range picks {
			present[p.Task] = true
		}
		seeds[w.Seed] = true
		if w.Step != int64(step) || fmt.Sprint(w.Present) != fmt.Sprint(present) {
			t.Errorf("step %d: told step %d, present %v, want %v", step, w.Step, w.Present, present)
		}
		for i := range present {
			if w.Gram[i][i] > 0 != present[i] || w.Losses[i] > 0 != present[i] {
				t.Errorf("step %d: task %d, present: %v, has loss %v and squared gradient %v", step, i,
					present[i], w.Losses[i], w.Gram[i][i])
			}
			name := c.Model.Tasks()[i].Name
			if _, ok := values[step+1]["loss/"+name]; ok != present[i] {
				t.Errorf("step %d: a loss of %s in the metrics: %v", step, name, ok)
			}
			if _, ok := values[step+1]["after/tasks/"+name]; ok != present[i] {
				t.Errorf("step %d: a second round of %s in the metrics: %v", step, name, ok)
			}
			if step > 0 && w.Last[i] != values[step]["weight/"+name] {
				t.Errorf("step %d: last weight of %s is %v, want %v", step, name, w.Last[i],
					values[step]["weight/"+name])
			}
		}
		if len(w.Memory) != step || step > 0 && w.Memory[step-1] != told[step-1].Losses[0] {
			t.Errorf("step %d: memory %v", step, w.Memory)
		}
		if (w.Last == nil) != (step == 0) {
			t.Errorf("step %d: last weights %v", step, w.Last)
		}
	}
	if len(seeds) != 9 {
		t.Errorf("%d seeds in 9 steps", len(seeds))
	}
}

// A solver's answer that cannot be used stops the run.
func TestWeighingRefuses(t *testing.T) {
	for _, test := range []struct {
		answer []float64
		want   string
	}{
		{[]float64{1}, "step 1: weights of the tasks: "},
		{[]float64{1, 2, math.NaN()}, "the weight of task 2 is NaN"},
	} {
		c := tending(t, nil)
		l := learner(meta.Learner[meta.Params, byTask]{Name: "odd",
			Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) byTask {
				loss := m.Loss(m.Fast(theta), ep.Query)
				return byTask{Grad: m.Grad(loss, theta), Loss: loss}
			},
			Weigh: func(meta.Weighing) (meta.Weighed, error) {
				return meta.Weighed{Weights: test.answer}, nil
			},
			Update: func(_ *meta.Model, theta meta.Params, _ byTask) meta.Params { return theta },
		})
		c.Model = newModel(t, program.Config{Transformer: tiny(0).transformer(t), Tasks: c.Model.Tasks(),
			Learner: l, Episodes: 4})
		wantError(t, test.want, newLoop(t, c).Run(t.Context()), test.want)
	}
}

// The second round sees the states before and after the update, on the same episodes
// with the same keys and parameters of the episode: what it measures before the update
// is what the first round measured.
func TestSecondRoundSeesTheSameEpisodes(t *testing.T) {
	type pair struct {
		Before *graph.Node `reduce:"stack"`
		After  *graph.Node `reduce:"stack"`
	}
	type state struct {
		Theta                meta.Params
		First, Before, After *graph.Node
	}
	type first struct {
		Loss *graph.Node `reduce:"stack"`
	}
	const picks = 4
	blank := graph.Const(graph.Float32, graph.Shape{picks}, make([]float64, picks))
	l := learner(meta.Learner[state, first]{
		Name: "pairs",
		Init: func(_ *meta.Model, theta meta.Params) state { return state{theta, blank, blank, blank} },
		Episode: func(m *meta.Model, s state, ep meta.Episode) first {
			return first{m.Loss(m.Fast(s.Theta), ep.Query)}
		},
		Update: func(_ *meta.Model, s state, c first) state {
			return state{s.Theta.Scale(0.5), c.Loss, s.Before, s.After}
		},
		Settle: meta.Settle(func(m *meta.Model, before, after state, ep meta.Episode) pair {
			return pair{m.Loss(m.Fast(before.Theta), ep.Query), m.Loss(m.Fast(after.Theta), ep.Query)}
		}, func(_ *meta.Model, s state, d pair) state {
			s.Before, s.After = d.Before, d.After
			return s
		}),
	})
	c := tending(t, nil)
	c.Model = newModel(t, program.Config{Transformer: tiny(0.3).transformer(t), Learner: l,
		Tasks: c.Model.Tasks(), Episodes: picks, Precision: reference.Double})
	c.Steps, c.Every = 2, 0
	var loop *train.Loop
	c.Progress = func(p train.Progress) {
		s := loop.State()
		near(t, fmt.Sprint("step ", p.Step), floats(t, s["state/first"]), floats(t, s["state/before"]))
		if distance(floats(t, s["state/before"]), floats(t, s["state/after"])) < 1e-3 {
			t.Error("the states before and after the update are the same")
		}
	}
	loop = newLoop(t, c)
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Parameters of an episode are made for each, by the seed: they are no part of the
// state, and no two picks have the same.
func TestFreshParameters(t *testing.T) {
	c := tending(t, nil)
	for name := range newLoop(t, c).State() {
		if strings.Contains(name, "heads/any/w") {
			t.Errorf("%s is in the state", name)
		}
	}
	e := elementsOf(t, c.Model, 0, 0)[0]
	seen := map[string]uint64{}
	for seed := range uint64(5) {
		values, err := c.Model.Episodic(t.Context(), e, seed)
		if err != nil {
			t.Fatal(err)
		}
		if len(values) != 1 || values["episodic/heads/any/w"] == nil {
			t.Fatalf("parameters of an episode: %v, want heads/any/w", values)
		}
		text := fmt.Sprint(values["episodic/heads/any/w"].Data())
		if other, twice := seen[text]; twice {
			t.Errorf("seeds %d and %d give the same", seed, other)
		}
		seen[text] = seed
	}
}
