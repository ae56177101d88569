// Plugin reptile is the batched version of Reptile, Nichol, Achiam & Schulman
// 2018, "On First-Order Meta-Learning Algorithms",
// https://arxiv.org/abs/1803.02999, section 3 (Algorithm 1 is its case of one
// episode a step): it moves the parameters towards those that each episode adapts
// to, and needs no second derivatives.
//
//	metalearner "reptile" {
//	  inner_steps = 8
//	  inner_lr    = 0.1
//	  epsilon     = linear(1, 0)
//	}
//
// For the n episodes of a step:
//
//	W_i ← U_k(φ)                  k steps of the inner optimizer on the support
//	φ   ← φ + ε · 1/n Σ (W_i − φ)
//
// inner_optimizer = "adam" starts every episode with fresh moments and has β₁ = 0,
// as the paper's few-shot experiments have, unless inner_beta1 says otherwise. The
// query is only looked at: its loss after adaptation is what is reported, weighted
// as in every other method. There is no optimizer block. Among several tasks the
// mean is weighted by w, the sum of the weights of a task's objectives: with w̄
// its mean over tasks an episode moves φ by ε/n · w/w̄ (W_i − φ). A leaf that only
// some episodes of a step have, such as one task's head, moves by the mean over
// all episodes too, in which the others count as zero.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
	"quickstudy/framework/plugin"
	"quickstudy/framework/schema"
)

func main() { plugin.Serve(reptile) }

// config is the attributes of the plugin's block.
type config struct {
	InnerSteps     int             `config:"inner_steps" doc:"steps on the support, k" unit:"steps" min:"1" max:"65536"`
	InnerLR        schema.Schedule `config:"inner_lr" doc:"rate of an inner step" min:">0"`
	InnerOptimizer string          `config:"inner_optimizer" doc:"takes the inner steps" oneof:"sgd,adam"`
	InnerBeta1     float64         `config:"inner_beta1" doc:"adam: decay of the first moment" min:"0" max:"<1"`
	Epsilon        schema.Schedule `config:"epsilon" doc:"share of the way to the adapted parameters, ε" min:"0"`
	Adapt          []string        `config:"adapt" doc:"patterns of the leaves that adapt; the others are never trained" example:"[\"heads/**\"]"`
}

var reptile = meta.Define("reptile",
	"Reptile (Nichol et al. 2018): towards the parameters that episodes adapt to",
	config{InnerSteps: 5, InnerLR: schema.Constant(0.01), InnerOptimizer: "sgd",
		Epsilon: schema.Linear(1, 0), Adapt: []string{"**"}},
	config.learner)

// fast is what an episode changes: W, and the moments of Adam (none for SGD).
type fast struct{ W, Mean, Variance meta.Params }

// move is what an episode contributes.
type move struct {
	Delta meta.Params `reduce:"mean"` // W − φ
	Loss  *graph.Node `reduce:"sum"`
}

func (c config) learner() meta.Learner[meta.Params, move] {
	adapt := meta.StepsFrom(c.InnerSteps, c.start, c.step)
	return meta.Learner[meta.Params, move]{
		Adapt: adapt,
		Episode: func(m *meta.Model, phi meta.Params, ep meta.Episode) move {
			if ep.Support.Absent() {
				graph.Failf("reptile", "it moves towards what an episode's support leads to, and "+
					"this task has ordinary batches without support; give it an episodes block, or "+
					"use another metalearner")
			}
			w := adapt.Run(m, phi, ep.Support)
			delta := w.Only(phi).Sub(phi)
			if m.Tasks() > 1 && m.TotalWeight() > 0 {
				delta = delta.Scale(m.TaskWeight() * float64(m.Tasks()) / m.TotalWeight())
			}
			return move{Delta: delta, Loss: graph.Mul(ep.Weight, m.Loss(w, ep.Query))}
		},
		Update: func(m *meta.Model, phi meta.Params, reduced move) meta.Params {
			return phi.Add(reduced.Delta.ScaleBy(m.Rate(c.Epsilon)))
		},
	}
}

func (c config) optimizer() optim.Config {
	return optim.Config{Kind: c.InnerOptimizer, Beta1: c.InnerBeta1, Beta2: 0.999, Epsilon: 1e-8}
}

func (c config) start(m *meta.Model, phi meta.Params) fast {
	a := fast{W: m.Fast(phi).Match(c.Adapt...)}
	if a.W.Len() == 0 {
		graph.Failf("reptile", "no leaf of the model matches adapt = %q", c.Adapt)
	}
	if len(c.optimizer().Slots()) > 0 {
		a.Mean, a.Variance = a.W.Zeros(), a.W.Zeros()
	}
	return a
}

func (c config) step(m *meta.Model, a fast, support meta.Batch, k *graph.Node) fast {
	g := m.Grad(m.Loss(a.W, support), a.W)
	rate := m.Rate(c.InnerLR)
	steps := graph.Convert(graph.Add(k, graph.Scalar(graph.Int32, 1)), rate.DType())
	if c.InnerOptimizer == "sgd" {
		a.W, _ = a.W.Descend(c.optimizer(), g, nil, rate, steps)
		return a
	}
	w, moments := a.W.Descend(c.optimizer(), g, []meta.Params{a.Mean, a.Variance}, rate, steps)
	return fast{W: w, Mean: moments[0], Variance: moments[1]}
}
