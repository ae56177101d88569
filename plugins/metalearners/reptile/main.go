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
// as in every other method. There is no optimizer block. Leaves that
// adapt does not match are never trained, and with inner_steps = 0 none is. Among several tasks the
// mean is weighted by w, the sum of the weights of a task's objectives: with w̄
// its mean over tasks an episode moves φ by ε/n · w/w̄ (W_i − φ). A leaf that only
// some episodes of a step have, such as one task's head, moves by the mean over
// all episodes too, in which the others count as zero.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
	"quickstudy/framework/schema"
)

func main() { plugin.Serve(reptile) }

// config is the attributes of the plugin's block.
type config struct {
	meta.Descent
	Epsilon schema.Schedule `config:"epsilon" doc:"share of the way to the adapted parameters, ε" min:"0"`
}

var reptile = meta.Define("reptile",
	"Reptile (Nichol et al. 2018): towards the parameters that episodes adapt to",
	config{defaults(), schema.Linear(1, 0)}, config.learner)

// defaults have β₁ = 0, as the paper's few-shot experiments.
func defaults() meta.Descent {
	d := meta.NewDescent(5, 0.01)
	d.InnerBeta1 = 0
	return d
}

// move is what an episode contributes.
type move struct {
	Delta meta.Params `reduce:"mean"` // W − φ
	Loss  *graph.Node `reduce:"sum"`
}

func (c config) learner() meta.Learner[meta.Params, move] {
	adapt := c.Adaptation(true)
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
