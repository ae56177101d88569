package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
)

// fixed is the sum of all losses, weighted as the experiment gives them; normalize divides
// by Σ of the weights of all tasks' objectives, so that weights are shares and the rate
// means the same whatever their sum. A weight of zero leaves that objective's head as it is.
//
//	θ ← θ − β ∇ Σ_i L_i(θ)
func (c config) fixed() learner {
	return learner{
		Init: begin,
		Episode: func(m *meta.Model, s state, ep meta.Episode) contribution {
			losses := m.Loss(s.Theta, ep.Query)
			loss := graph.Mul(ep.Weight, losses)
			if c.Normalize {
				total := m.TotalWeight()
				if total == 0 {
					graph.Failf("mtl", "normalize divides by the sum of the weights, which is 0")
				}
				loss = graph.Div(loss, graph.Scalar(loss.DType(), total))
			}
			return contribution{Grad: m.Grad(loss, s.Theta), Loss: loss, Losses: losses}
		},
		Update: func(m *meta.Model, s state, sum contribution) state {
			return state{Theta: m.Optimize(s.Theta, sum.Grad)}
		},
	}
}
