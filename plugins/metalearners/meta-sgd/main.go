// Plugin meta-sgd is Meta-SGD, Li, Zhou, Chen & Li 2017, "Meta-SGD: Learning to Learn
// Quickly for Few-Shot Learning", https://arxiv.org/abs/1707.09835, Algorithm 1: it learns,
// beside the parameters, a rate for every element of them, and so the direction and length
// of an inner step.
//
//	metalearner "meta-sgd" {
//	  inner_steps = 1
//	  inner_lr    = 0.01    # every rate at first
//	  optimizer "adam" { learning_rate = cosine(1e-3) }
//	}
//
// Lines of the algorithm, for every episode of a step:
//
//	5  θ′ = θ − α ∘ ∇θ L(θ) on the support; here inner_steps times, with the same rates
//	8  (θ, α) ← (θ, α) − β ∇(θ, α) Σ L(θ′) on the queries, by the experiment's optimizer
//
// Rates may become negative. An optimizer with weight decay decays them too. Leaves that do
// not match adapt have none and keep θ's values; those that an episode makes anew have
// inner_lr. A head that no episode of a step has keeps its rates, bit by bit. Evaluation may
// take any number of steps. A task of ordinary batches trains θ on its loss as it is.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(metaSGD) }

// config is the attributes of the plugin's block.
type config struct {
	InnerSteps int      `config:"inner_steps" doc:"gradient steps on the support" unit:"steps" min:"0" max:"65536"`
	InnerLR    float64  `config:"inner_lr" doc:"rate of every element at first, α" min:">0"`
	Adapt      []string `config:"adapt" doc:"patterns of the leaves that adapt" example:"[\"heads/**\"]"`
	FirstOrder bool     `config:"first_order" doc:"hold the inner gradients constant in the outer one"`
}

var metaSGD = meta.Define("meta-sgd",
	"Meta-SGD (Li et al. 2017): parameters, and a rate for every element of them",
	config{InnerSteps: 1, InnerLR: 0.01, Adapt: []string{"**"}}, config.learner)

// state is the parameters θ and the rates α of those that adapt.
type state struct{ Theta, Rates meta.Params }

type contribution struct {
	Grad state       `reduce:"sum"`
	Loss *graph.Node `reduce:"sum"`
}

func (c config) learner() meta.Learner[state, contribution] {
	adapt := meta.StepsFrom(c.InnerSteps, func(m *meta.Model, s state) state {
		return state{m.Fast(s.Theta).Match(c.Adapt...), s.Rates}
	}, c.step)
	return meta.Learner[state, contribution]{
		Adapt: adapt,
		Init: func(_ *meta.Model, initial meta.Params) state {
			adapted := initial.Match(c.Adapt...)
			if adapted.Len() == 0 {
				graph.Failf("meta-sgd", "no leaf of the model matches adapt = %q", c.Adapt)
			}
			return state{initial, adapted.Map(func(x *graph.Node) *graph.Node {
				return graph.ConstLike(x, c.InnerLR)
			})}
		},
		Episode: func(m *meta.Model, s state, ep meta.Episode) contribution {
			theta := m.Fast(s.Theta)
			if !ep.Support.Absent() {
				theta = adapt.Run(m, s, ep.Support)
			}
			loss := graph.Mul(ep.Weight, m.Loss(theta, ep.Query))
			return contribution{state{m.Grad(loss, s.Theta), m.Grad(loss, s.Rates)}, loss}
		},
		Update: func(m *meta.Model, s state, c contribution) state {
			return state{m.Optimize(s.Theta, c.Grad.Theta),
				m.OptimizeAs("rates", s.Rates, c.Grad.Rates)}
		},
	}
}

// step is θ′ = θ − α ∘ ∇θ L(θ).
func (c config) step(m *meta.Model, a state, support meta.Batch, _ *graph.Node) state {
	g := m.Grad(m.Loss(a.Theta, support), a.Theta)
	if c.FirstOrder {
		g = g.Stop()
	}
	next := a.Theta.Leaves()
	for i, l := range g.Leaves() {
		rate := a.Rates.Get(l.Address)
		if rate == nil { // made anew for the episode
			rate = graph.ConstLike(l.Node, c.InnerLR)
		}
		next[i].Node = graph.Sub(next[i].Node, graph.Mul(rate, l.Node))
	}
	return state{meta.NewParams(next...), a.Rates}
}
