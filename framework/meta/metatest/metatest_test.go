package metatest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/meta/metatest"
)

type none struct{}

// weighted is a contribution that Weigh can be asked about.
type weighted struct {
	Grad meta.Params `reduce:"task"`
	Loss *graph.Node `reduce:"task"`
}

func define[S, C any](l meta.Learner[S, C]) meta.Plugin {
	return meta.Define("wrong", "", none{}, func(none) meta.Learner[S, C] { return l })
}

// episode is a learner that contributes what f makes of gradient and loss.
func episode(f func(m *meta.Model, theta meta.Params, c meta.GradLoss) meta.GradLoss) meta.Plugin {
	return define(meta.Learner[meta.Params, meta.GradLoss]{
		Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) meta.GradLoss {
			loss := graph.Mul(ep.Weight, m.Loss(theta, ep.Query))
			return f(m, theta, meta.GradLoss{Grad: m.Grad(loss, theta), Loss: loss})
		},
	})
}

func same(_ *meta.Model, _ meta.Params, c meta.GradLoss) meta.GradLoss { return c }

func step(rate float64) func(*meta.Model, meta.Params, meta.Batch, *graph.Node) meta.Params {
	return func(m *meta.Model, a meta.Params, support meta.Batch, _ *graph.Node) meta.Params {
		return a.Sub(m.Grad(m.Loss(a, support), a).Scale(rate))
	}
}

func weigh(f func(meta.Weighing) []float64) meta.Plugin {
	return define(meta.Learner[meta.Params, weighted]{
		Weigh: func(w meta.Weighing) (meta.Weighed, error) {
			return meta.Weighed{Weights: f(w)}, nil
		},
		Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) weighted {
			loss := graph.Mul(ep.Weight, m.Loss(theta, ep.Query))
			return weighted{Grad: m.Grad(loss, theta), Loss: loss}
		},
		Update: func(m *meta.Model, theta meta.Params, c weighted) meta.Params {
			return m.Optimize(theta, c.Grad.Contract(m.Weights()))
		},
	})
}

// A mistake of each kind is found, and named.
func TestWrongLearners(t *testing.T) {
	gradient := metatest.Claims{Gradient: "grad", Loss: "loss"}
	type wide struct {
		Theta meta.Params
		Count *graph.Node
	}
	for _, tt := range []struct {
		name   string
		plugin meta.Plugin
		claims metatest.Claims
		want   string // "": nothing is wrong
	}{
		{"descent", episode(same), gradient, ""},
		{"weights", weigh(func(w meta.Weighing) []float64 { return []float64{1, 0.5} }), gradient,
			""},
		{"half the gradient", episode(func(_ *meta.Model, _ meta.Params,
			c meta.GradLoss) meta.GradLoss {
			c.Grad = c.Grad.Scale(0.5)
			return c
		}), gradient, "by central differences"},
		{"first order", define(meta.Learner[meta.Params, meta.GradLoss]{
			Adapt: meta.Steps(2, func(m *meta.Model, a meta.Params, b meta.Batch,
				_ *graph.Node) meta.Params {
				return a.Sub(m.Grad(m.Loss(a, b), a).Stop().Scale(0.1))
			}),
		}), gradient, "by central differences"},
		{"no such field", episode(same), metatest.Claims{Gradient: "slope", Loss: "loss"},
			`no field "slope"`},
		{"chance", episode(func(_ *meta.Model, _ meta.Params, c meta.GradLoss) meta.GradLoss {
			c.Loss = graph.Add(c.Loss, graph.Scalar(graph.Float32, rand.Float64()))
			return c
		}), metatest.Claims{}, "two traces differ"},
		{"state by leaves", define(meta.Learner[wide, meta.GradLoss]{
			Init: func(_ *meta.Model, initial meta.Params) wide {
				return wide{initial, graph.Const(graph.Float32, graph.Shape{initial.Len()},
					[]float64{0})}
			},
			Episode: func(m *meta.Model, s wide, ep meta.Episode) meta.GradLoss {
				loss := graph.Mul(ep.Weight, m.Loss(s.Theta, ep.Query))
				return meta.GradLoss{Grad: m.Grad(loss, s.Theta), Loss: loss}
			},
			Update: func(m *meta.Model, s wide, c meta.GradLoss) wide {
				return wide{m.Optimize(s.Theta, c.Grad), s.Count}
			},
		}), gradient, "must not depend on which leaves there are"},
		{"decay of all", define(meta.Learner[meta.Params, meta.GradLoss]{
			Update: func(_ *meta.Model, theta meta.Params,
				_ meta.GradLoss) meta.Params {
				return theta.Scale(0.9)
			},
		}), gradient, "had no episode, and has changed"},
		{"no update", define(meta.Learner[meta.Params, meta.GradLoss]{
			Update: func(_ *meta.Model, theta meta.Params,
				_ meta.GradLoss) meta.Params {
				return theta
			},
		}), gradient, "a step changes nothing"},
		{"not a sum over examples", episode(func(_ *meta.Model, _ meta.Params,
			c meta.GradLoss) meta.GradLoss {
			c.Loss = graph.Mul(c.Loss, c.Loss)
			return c
		}), metatest.Claims{}, "must be a sum over examples"},
		{"division by the loss", episode(func(m *meta.Model, _ meta.Params,
			c meta.GradLoss) meta.GradLoss {
			c.Grad = c.Grad.Map(func(x *graph.Node) *graph.Node { return graph.Div(x, c.Loss) })
			return c
		}), metatest.Claims{}, "an episode of padding: contribution/grad/backbone/b has a value of NaN"},
		{"rates for its own steps", define(meta.Learner[meta.Params, meta.GradLoss]{
			Adapt: meta.Steps(2, func(m *meta.Model, a meta.Params, b meta.Batch,
				k *graph.Node) meta.Params {
				rates := graph.Const(graph.Float32, graph.Shape{2}, []float64{0.1, 0.05})
				return a.Sub(m.Grad(m.Loss(a, b), a).ScaleBy(graph.Gather(rates, k)))
			}),
		}), gradient, "two inner steps more than the learner takes"},
		{"one weight", weigh(func(meta.Weighing) []float64 { return []float64{1} }), gradient,
			"1 weights, want 2"},
		{"weights of chance", weigh(func(meta.Weighing) []float64 {
			return []float64{rand.Float64(), 1}
		}),
			gradient, "for the same step"},
		{"support needed, says nobody", define(meta.Learner[meta.Params, meta.GradLoss]{
			Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) meta.GradLoss {
				loss := graph.Mul(ep.Weight, m.Loss(theta, ep.Support))
				return meta.GradLoss{Grad: m.Grad(loss, theta), Loss: loss}
			},
		}), gradient, "ordinary batches: "},
		{"support not needed", episode(same), metatest.Claims{NeedsSupport: true},
			"traced, though it is said to need a support"},
		{"adaptation to nothing", define(meta.Learner[meta.Params, meta.GradLoss]{
			Adapt: meta.Steps(1, step(1e200)),
		}), metatest.Claims{}, "has a value of"},
	} {
		err := errors.Join(metatest.Check(tt.plugin, tt.plugin.New(), tt.claims)...)
		if got := fmt.Sprint(err); tt.want == "" && err != nil || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// A default outside its own range is found.
func TestWrongDefault(t *testing.T) {
	type config struct {
		Rate float64 `config:"rate" doc:"a rate" min:"0"`
	}
	plugin := meta.Define("wrong", "", config{Rate: -1}, func(config) meta.Learner[meta.Params,
		meta.GradLoss] {
		return meta.Learner[meta.Params, meta.GradLoss]{}
	})
	if problems := metatest.Check(plugin, plugin.New(), metatest.Claims{}); len(problems) != 1 {
		t.Errorf("problems %v, want one about the default", problems)
	}
}
