package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
)

// uncertainty is Kendall, Gal & Cipolla 2018, "Multi-Task Learning Using Uncertainty to
// Weigh Losses", https://arxiv.org/abs/1705.07115, equation 7, with s_i = log σ_i², which
// the experiment's optimizer learns along with θ:
//
//	min over θ, s of Σ_i ½ e^(−s_i) L_i(θ) + ½ s_i
//
// so w_i = ½ e^(−s_i), and ∂/∂s_i = ½ (1 − e^(−s_i) L_i). The paper's form for classes,
// e^(−s) L + ½ s, is the same but for where s begins. A loss of zero drives s_i down
// without end, by at most the optimizer's rate a step.
type uncertainty struct {
	Initial float64 `config:"initial" doc:"logarithm of every task's variance at first"`
}

func (c uncertainty) learner() learner {
	const name = "log_variance"
	half := func(x *graph.Node) *graph.Node { return graph.Mul(x, graph.Scalar(x.DType(), 0.5)) }
	return learner{
		Init: func(m *meta.Model, initial meta.Params) state {
			return state{initial, perTask(m, initial, name, c.Initial)}
		},
		Episode: func(m *meta.Model, s state, ep meta.Episode) contribution {
			losses := m.Loss(s.Theta, ep.Query)
			w := half(graph.Exp(graph.Neg(of(m, s.Tasks.Get(name)))))
			loss := graph.Mul(ep.Weight, graph.Mul(w, losses))
			return contribution{Grad: m.Grad(loss, s.Theta), Loss: loss, Losses: losses}
		},
		Update: func(m *meta.Model, s state, sum contribution) state {
			slope := func(s *graph.Node) *graph.Node {
				fit := graph.Mul(graph.Exp(graph.Neg(s)), sum.Losses)
				return where(m, half(graph.Sub(graph.ConstLike(fit, 1), fit)))
			}
			return state{m.Optimize(s.Theta, sum.Grad),
				m.OptimizeTasks("tasks", s.Tasks, s.Tasks.Map(slope))}
		},
	}
}
