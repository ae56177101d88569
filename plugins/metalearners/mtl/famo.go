package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
)

// famo is fast adaptive multitask optimization, Liu, Feng, Stone & Liu 2023,
// https://arxiv.org/abs/2306.03792, Algorithm 1: weights that make all log losses fall
// alike. With z = softmax(ξ) over the tasks of the step, and J its derivative,
//
//	θ′ ← θ − α c Σ_i z_i ∇ log L_i(θ),  c = 1 / Σ_i z_i / L_i
//	ξ ← ξ − β (Jᵀ (log L(θ) − log L(θ′)) + γ ξ)
//
// so w_i = z_i / L_i over their sum, and every episode is looked at again after the update.
// L_i is the loss over minimum, which counts as 1e-8 below that. The paper needs one
// gradient; here, where batches are cut and the weights depend on whole losses, there is
// one for every task.
type famo struct {
	Rate    float64 `config:"rate" doc:"β: of the steps of the logits" min:">0"`
	Decay   float64 `config:"decay" doc:"γ: of the logits" min:"0"`
	Minimum float64 `config:"minimum" doc:"the least that any loss can be"`
}

// twice is a task's loss before and after the update.
type twice struct {
	Before *graph.Node `reduce:"task"`
	After  *graph.Node `reduce:"task"`
}

const logits = "logits"

func (c famo) learner(all config) learner {
	return learner{
		Init: func(m *meta.Model, initial meta.Params) state {
			return state{initial, perTask(m, initial, logits, 0)}
		},
		Episode: func(m *meta.Model, s state, ep meta.Episode) contribution {
			return all.gradients(m, s, ep, m.Loss(s.Theta, ep.Query))
		},
		Update: func(m *meta.Model, s state, sum contribution) state {
			shares := graph.Div(shares(m, s.Tasks.Get(logits)), c.above(sum.Losses))
			total := graph.Broadcast(graph.Sum(shares), m.Tasks())
			return sum.descend(m, s, nn.SafeDiv(shares, total), true)
		},
		Settle: meta.Settle(func(m *meta.Model, before, after state, ep meta.Episode) twice {
			return twice{m.Loss(before.Theta, ep.Query), m.Loss(after.Theta, ep.Query)}
		}, c.settle),
	}
}

// settle takes the step of the logits; those of absent tasks stay as they are.
func (c famo) settle(m *meta.Model, s state, d twice) state {
	number := func(v float64) *graph.Node { return graph.ConstLike(d.Before, v) }
	fall := graph.Sub(graph.Log(c.above(d.Before)), graph.Log(c.above(d.After)))
	fall = graph.StopGradient(where(m, fall))
	step := func(xi *graph.Node) *graph.Node {
		slope := graph.Grad(graph.Sum(graph.Mul(shares(m, xi), fall)), xi)[0]
		slope = graph.Add(slope, graph.Mul(number(c.Decay), xi))
		return graph.Select(m.Present(), graph.Sub(xi, graph.Mul(number(c.Rate), slope)), xi)
	}
	return state{s.Theta, s.Tasks.Map(step)}
}

// above returns losses over the minimum, at least 1e-8.
func (c famo) above(losses *graph.Node) *graph.Node {
	return graph.Max(graph.Sub(losses, graph.ConstLike(losses, c.Minimum)),
		graph.ConstLike(losses, 1e-8))
}

// shares is the softmax of x over the tasks that are present, [T].
func shares(m *meta.Model, x *graph.Node) *graph.Node {
	return nn.MaskedSoftmax(x, graph.Convert(m.Present(), x.DType()))
}
