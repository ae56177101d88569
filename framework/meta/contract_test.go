package meta_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
)

// wide is a state with everything that a learner may ask for.
type wide struct {
	Theta meta.Params
	Rates *graph.Node
}

type wideFast struct {
	Theta meta.Params
	Seen  *graph.Node
}

func wideLearner() meta.Learner[wide, byTask] {
	return meta.Learner[wide, byTask]{
		Name: "wide",
		Init: func(_ *meta.Model, initial meta.Params) wide {
			return wide{initial, graph.Const(graph.Float32, graph.Shape{2}, []float64{0.1})}
		},
		Adapt: meta.StepsFrom(2,
			func(m *meta.Model, s wide) wideFast {
				return wideFast{m.Fast(s.Theta), graph.Mul(m.Progress(), graph.Sum(s.Rates))}
			},
			func(m *meta.Model, a wideFast, support meta.Batch, k *graph.Node) wideFast {
				loss := graph.Mul(m.Progress(), m.Loss(a.Theta, support))
				return wideFast{a.Theta.Sub(m.Grad(loss, a.Theta)),
					graph.Add(a.Seen, graph.Convert(k, graph.Float32))}
			}),
		Episode: func(m *meta.Model, s wide, ep meta.Episode) byTask {
			return perTask(m, s.Theta, ep)
		},
		Weigh: func(w meta.Weighing) (meta.Weighed, error) {
			return meta.Weighed{Weights: w.Losses}, nil
		},
		Update: func(m *meta.Model, s wide, c byTask) wide {
			theta := m.Optimize(s.Theta, c.Grad.Contract(m.Weights()))
			rates := meta.NewParams(meta.Leaf{Address: "learner/rates", Node: s.Rates})
			moved := m.OptimizeAs("rates", rates, rates.ScaleBy(m.Progress()))
			kept := graph.Select(m.Present(), moved.Get("learner/rates"), s.Rates)
			return wide{theta, kept}
		},
		Settle: meta.Settle(
			func(m *meta.Model, before, after wide, ep meta.Episode) twoLosses {
				return twoLosses{m.Loss(before.Theta, ep.Query), m.Loss(after.Theta, ep.Support)}
			},
			func(m *meta.Model, s wide, d twoLosses) wide {
				return wide{s.Theta, graph.Mul(m.Progress(), graph.Select(m.Present(), d.After,
					d.Before))}
			}),
	}
}

// The names of parameters and results are the contract with hosts and with plugins
// in other languages: within version 1 they may become more, not others.
func TestNames(t *testing.T) {
	s := spec
	s.Episodic = []graph.Value{{Name: "heads/h/w", DType: graph.Float32}}
	s.Episodes, s.Tasks, s.Optimizer = 3, 2, &optim.Config{Kind: "momentum", Momentum: 0.9}
	p, err := meta.Trace(wideLearner(), s)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range []*graph.Func{p.Init, p.Parameters, p.Adapt.Start, p.Adapt.Step,
		p.Adapt.Finish,
		p.Episode, p.Weighing, p.Update, p.After, p.Settle} {
		fmt.Fprintf(&b, "%s\n", f.Name)
		for _, v := range f.Signature().Params {
			fmt.Fprintf(&b, "  %v\n", v)
		}
		for _, v := range f.Signature().Results {
			fmt.Fprintf(&b, "  → %v\n", v)
		}
	}
	want := `wide.init
  initial/backbone/w: f32[3]
  initial/heads/h/b: f32[2]
  → state/theta/backbone/w: f32[3]
  → state/theta/heads/h/b: f32[2]
  → state/rates: f32[2]
wide.parameters
  state/theta/backbone/w: f32[3]
  state/theta/heads/h/b: f32[2]
  episodic/heads/h/w: f32[]
  → leaf/backbone/w: f32[3]
  → leaf/heads/h/b: f32[2]
  → leaf/heads/h/w: f32[]
wide.start
  state/theta/backbone/w: f32[3]
  state/theta/heads/h/b: f32[2]
  state/rates: f32[2]
  episodic/heads/h/w: f32[]
  progress: f32[]
  → fast/theta/backbone/w: f32[3]
  → fast/theta/heads/h/b: f32[2]
  → fast/theta/heads/h/w: f32[]
  → fast/seen: f32[]
wide.step
  fast/theta/backbone/w: f32[3]
  fast/theta/heads/h/b: f32[2]
  fast/theta/heads/h/w: f32[]
  fast/seen: f32[]
  support/x: f32[3]
  key: i32[2]
  k: i32[]
  progress: f32[]
  → fast/theta/backbone/w: f32[3]
  → fast/theta/heads/h/b: f32[2]
  → fast/theta/heads/h/w: f32[]
  → fast/seen: f32[]
wide.finish
  fast/theta/backbone/w: f32[3]
  fast/theta/heads/h/b: f32[2]
  fast/theta/heads/h/w: f32[]
  fast/seen: f32[]
  → leaf/backbone/w: f32[3]
  → leaf/heads/h/b: f32[2]
  → leaf/heads/h/w: f32[]
wide.episode
  state/theta/backbone/w: f32[3]
  state/theta/heads/h/b: f32[2]
  state/rates: f32[2]
  episodic/heads/h/w: f32[]
  support/x: f32[3]
  query/x: f32[3]
  weight: f32[]
  key: i32[2]
  → contribution/grad/backbone/w: f32[3]
  → contribution/grad/heads/h/b: f32[2]
  → contribution/loss: f32[]
wide.weighing
  contribution/grad/backbone/w: f32[2,3]
  contribution/grad/heads/h/b: f32[2,2]
  contribution/loss: f32[2]
  → gram: f32[2,2]
  → losses: f32[2]
wide.update
  state/theta/backbone/w: f32[3]
  state/theta/heads/h/b: f32[2]
  state/rates: f32[2]
  contribution/grad/backbone/w: f32[2,3]
  contribution/grad/heads/h/b: f32[2,2]
  contribution/loss: f32[2]
  weights: f32[2]
  rate: f32[]
  step: f32[]
  present/backbone/w: bool[]
  slot/velocity/backbone/w: f32[3]
  present/heads/h/b: bool[]
  slot/velocity/heads/h/b: f32[2]
  progress: f32[]
  slot/velocity/rates/learner/rates: f32[2]
  present: bool[2]
  → state/theta/backbone/w: f32[3]
  → state/theta/heads/h/b: f32[2]
  → state/rates: f32[2]
  → slot/velocity/backbone/w: f32[3]
  → slot/velocity/heads/h/b: f32[2]
  → slot/velocity/rates/learner/rates: f32[2]
wide.after
  before/theta/backbone/w: f32[3]
  before/theta/heads/h/b: f32[2]
  before/rates: f32[2]
  after/theta/backbone/w: f32[3]
  after/theta/heads/h/b: f32[2]
  after/rates: f32[2]
  episodic/heads/h/w: f32[]
  support/x: f32[3]
  query/x: f32[3]
  weight: f32[]
  key: i32[2]
  → contribution/before: f32[]
  → contribution/after: f32[]
wide.settle
  state/theta/backbone/w: f32[3]
  state/theta/heads/h/b: f32[2]
  state/rates: f32[2]
  contribution/before: f32[2]
  contribution/after: f32[2]
  progress: f32[]
  present: bool[2]
  → state/theta/backbone/w: f32[3]
  → state/theta/heads/h/b: f32[2]
  → state/rates: f32[2]
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("programs (-want +got):\n%s", diff)
	}
}

// What a hook must not ask for is refused with the author's line.
func TestMisuseOfHooks(t *testing.T) {
	s := spec
	s.Episodes, s.Tasks, s.Optimizer = 1, 1, &optim.Config{Kind: "sgd"}
	update := func(f func(m *meta.Model, theta meta.Params, c meta.GradLoss)) gradient {
		return gradient{Update: func(m *meta.Model, theta meta.Params,
			c meta.GradLoss) meta.Params {
			f(m, theta, c)
			return theta
		}}
	}
	for _, tt := range []struct {
		name    string
		learner gradient
		want    string
	}{
		{"loss in Update", update(func(m *meta.Model, theta meta.Params, _ meta.GradLoss) {
			m.Loss(theta, meta.Batch{})
		}), "meta.Loss: the batch is absent"},
		{"progress in Init", gradient{Init: func(m *meta.Model, initial meta.Params) meta.Params {
			return initial.ScaleBy(m.Progress())
		}}, "meta.Progress: is not for Init"},
		{"weights without Weigh", update(func(m *meta.Model, theta meta.Params, _ meta.GradLoss) {
			m.Weights()
		}), "is for Update of a learner with Weigh"},
		{"optimizer twice", update(func(m *meta.Model, theta meta.Params, c meta.GradLoss) {
			m.Optimize(m.Optimize(theta, c.Grad), c.Grad)
		}), `is called twice for ""`},
		{"optimizer in Episode", gradient{Episode: func(m *meta.Model, theta meta.Params,
			ep meta.Episode) meta.GradLoss {
			return meta.GradLoss{Grad: m.Optimize(theta, theta), Loss: ep.Weight}
		}}, "is for Update only, not for Episode"},
		{"present in Episode", gradient{Episode: func(m *meta.Model, theta meta.Params,
			ep meta.Episode) meta.GradLoss {
			m.Present()
			return meta.GradLoss{Grad: theta, Loss: ep.Weight}
		}}, "is for Update and settle only, not for Episode"},
		{"another state", gradient{Update: func(_ *meta.Model, theta meta.Params,
			_ meta.GradLoss) meta.Params {
			return theta.Match("heads/**")
		}}, "Update gives heads/h/b: f32[2], want backbone/w: f32[3] as it was given"},
		{"weigh without tasks", gradient{Weigh: func(meta.Weighing) (meta.Weighed, error) {
			return meta.Weighed{}, nil
		}},
			"Weigh needs a contribution with parameters and a scalar"},
	} {
		_, err := meta.Trace(tt.learner, s)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestWeighChecksTheAnswer(t *testing.T) {
	s := spec
	s.Episodes, s.Tasks, s.Optimizer = 1, 2, &optim.Config{Kind: "sgd"}
	p, err := meta.Trace(wideLearner(), s)
	if err != nil {
		t.Fatal(err)
	}
	w := meta.Weighing{Losses: []float64{1, 2}}
	if got, err := p.Weigh(context.Background(), w); err != nil || len(got.Weights) != 2 {
		t.Errorf("weights %v, error %v", got.Weights, err)
	}
	for name, answer := range map[string]meta.Weighed{
		"one weight":    {Weights: []float64{1}},
		"no number":     {Weights: []float64{1, math.NaN()}},
		"kept infinity": {Weights: []float64{1, 2}, Memory: []float64{math.Inf(1)}},
		"much to keep":  {Weights: []float64{1, 2}, Memory: make([]float64, meta.MaxMemory+1)},
	} {
		if err := w.Check(answer); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
