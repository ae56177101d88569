// Plugin maml-plus-plus is MAML++, Antoniou, Edwards & Storkey 2019, "How to train your
// MAML", https://arxiv.org/abs/1810.09502: what section 4 adds to MAML to make it train
// stably.
//
//		metalearner "maml-plus-plus" {
//		  inner_steps      = 5
//		  inner_lr         = 0.1      # every rate at first
//		  multi_step_share = 0.15     # of training, over which the loss comes to the last step
//		  first_order_share = 0.3     # of training, before second derivatives
//		  optimizer "adam" { learning_rate = cosine(1e-3) }   # the cosine of section 4
//		}
//
//	  - Per-layer per-step rates: θ_{k+1} = θ_k − α_{layer,k} ∇L(θ_k), a learned rate for every
//	    leaf and step.
//	  - Multi-step loss (equation 4): the outer loss is Σ_k v_k L(θ_k) over the query losses
//	    after every step. The v_k begin equal; all but the last fall linearly to zero over
//	    multi_step_share of training, the last rises to one.
//	  - Derivative-order annealing: the inner gradients are held constant in the outer one
//	    through the first first_order_share of training. It costs no less then.
//
// Per-step batch statistics have no counterpart, for there is no batch norm here.
//
// Evaluation may take other numbers of steps; those beyond inner_steps take the rates of
// the last one that was trained. Leaves that an episode makes anew have inner_lr. Leaves
// that do not match adapt keep θ's values. An optimizer with weight decay decays the rates
// too. A task of ordinary batches trains θ on its loss as it is.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(mamlPlusPlus) }

// config is the attributes of the plugin's block.
type config struct {
	InnerSteps      int      `config:"inner_steps" doc:"gradient steps on the support" unit:"steps" min:"1" max:"65536"`
	InnerLR         float64  `config:"inner_lr" doc:"rate of every leaf and step at first" min:">0"`
	Adapt           []string `config:"adapt" doc:"patterns of the leaves that adapt" example:"[\"heads/**\"]"`
	MultiStepShare  float64  `config:"multi_step_share" doc:"share of training over which the loss after each step gives way to that after the last" min:"0" max:"1"`
	FirstOrderShare float64  `config:"first_order_share" doc:"share of training before second derivatives" min:"0" max:"1"`
}

var mamlPlusPlus = meta.Define("maml-plus-plus",
	"MAML++ (Antoniou et al. 2019): learned rates of every leaf and step, a loss after every step",
	config{InnerSteps: 5, InnerLR: 0.1, Adapt: []string{"**"}, MultiStepShare: 0.15,
		FirstOrderShare: 0.3}, config.learner)

// state is the parameters and the rates [inner_steps] of those that adapt.
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
				graph.Failf("maml-plus-plus", "no leaf of the model matches adapt = %q", c.Adapt)
			}
			return state{initial, adapted.Map(func(x *graph.Node) *graph.Node {
				return graph.Const(x.DType(), graph.Shape{c.InnerSteps}, []float64{c.InnerLR})
			})}
		},
		Episode: func(m *meta.Model, s state, ep meta.Episode) contribution {
			loss := graph.Mul(ep.Weight, c.loss(m, s, ep, adapt))
			return contribution{state{m.Grad(loss, s.Theta), m.Grad(loss, s.Rates)}, loss}
		},
		Update: func(m *meta.Model, s state, c contribution) state {
			return state{m.Optimize(s.Theta, c.Grad.Theta),
				m.OptimizeAs("rates", s.Rates, c.Grad.Rates)}
		},
	}
}

// loss is Σ_k v_k L(θ_k) on the query.
func (c config) loss(m *meta.Model, s state, ep meta.Episode,
	adapt meta.Adaptation[state]) *graph.Node {
	if ep.Support.Absent() {
		return m.Loss(s.Theta, ep.Query)
	}
	path := adapt.Trajectory(m, s, ep.Support)[1:]
	last := m.Loss(path[len(path)-1], ep.Query)
	if c.MultiStepShare == 0 {
		return last
	}
	number := func(x float64) *graph.Node { return graph.ConstLike(last, x) }
	steps := float64(len(path))
	through := graph.Min(number(1), graph.Div(m.Progress(), number(c.MultiStepShare)))
	each := graph.Div(graph.Sub(number(1), through), number(steps)) // (1 − x) / n
	total := graph.Mul(last, graph.Sub(number(1), graph.Mul(each, number(steps-1))))
	for _, theta := range path[:len(path)-1] {
		total = graph.Add(total, graph.Mul(each, m.Loss(theta, ep.Query)))
	}
	return total
}

// step is θ_{k+1} = θ_k − α_k ∇L(θ_k).
func (c config) step(m *meta.Model, a state, support meta.Batch, k *graph.Node) state {
	g := m.Grad(m.Loss(a.Theta, support), a.Theta)
	if c.FirstOrderShare > 0 {
		share := graph.ConstLike(m.Progress(), c.FirstOrderShare)
		early := graph.Lt(m.Progress(), share)
		g = g.Map(func(x *graph.Node) *graph.Node {
			return graph.Select(early, graph.StopGradient(x), x)
		})
	}
	k = graph.Min(k, graph.Scalar(graph.Int32, float64(c.InnerSteps-1)))
	next := a.Theta.Leaves()
	for i, l := range g.Leaves() {
		rate := graph.Scalar(l.Node.DType(), c.InnerLR) // of what is made for the episode
		if rates := a.Rates.Get(l.Address); rates != nil {
			rate = graph.Gather(rates, k)
		}
		next[i].Node = graph.Sub(next[i].Node, graph.Mul(rate, l.Node))
	}
	return state{meta.NewParams(next...), a.Rates}
}
