// Plugin cavia is fast context adaptation, Zintgraf, Shiarlis, Kurin, Hofmann & Whiteson
// 2019, "Fast Context Adaptation via Meta-Learning", https://arxiv.org/abs/1810.03642,
// Algorithm 1: some parameters are context, which begins at zero in every episode and
// alone adapts; the others are learned across episodes.
//
//	backbone "transformer" {
//	  adapter "norm" { on = "layers/*/norm*" }     # the context: added to scale and bias
//	}
//	metalearner "cavia" {
//	  inner_steps = 2
//	  inner_lr    = 1.0
//	  optimizer "adam" { learning_rate = cosine(1e-3) }
//	}
//
// Lines of the algorithm, for every episode of a step:
//
//	6, 7   φ = φ₀ − α ∇φ L(φ₀, θ) on the support, φ₀ = 0; here inner_steps times
//	9      θ ← θ − β ∇θ Σ L(φ, θ) on the queries, through the inner steps
//
// Context are the leaves that match adapt, by default those of adapters: those of norms are
// as the paper's feature-wise modulation with φ itself as scale and shift. Of an adapter
// "context", φ beside the inputs of a linear map as in the paper's regression (section 5.1),
// it is adapt = ["adapters/**/value"], and of a low-rank update ["adapters/**/up"]: what is
// context is not learned across episodes, and were all of these zero, so was the gradient.
// The values of context in the state are zero and stay so. Heads are learned across episodes
// like the rest, so the classes that an episode draws must be told apart by context. A task
// of ordinary batches trains θ at context zero.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(cavia) }

// config is the attributes of the plugin's block.
type config struct {
	meta.Descent
	FirstOrder bool `config:"first_order" doc:"hold the inner gradients constant in the outer one"`
}

var cavia = meta.Define("cavia",
	"CAVIA (Zintgraf et al. 2019): context that begins at zero in every episode, and alone adapts",
	config{Descent: defaults()}, config.learner)

func defaults() meta.Descent {
	d := meta.NewDescent(1, 1)
	d.Adapt = []string{"adapters/**", "private/**"}
	return d
}

func (c config) learner() meta.Learner[meta.Params, meta.GradLoss] {
	adapt := meta.StepsFrom(c.InnerSteps, func(m *meta.Model, theta meta.Params) meta.Descending {
		return c.From(c.Adapted(m, theta).Zeros())
	}, func(m *meta.Model, a meta.Descending, support meta.Batch, k *graph.Node) meta.Descending {
		g := m.Grad(m.Loss(a.Theta, support), a.Theta)
		if c.FirstOrder {
			g = g.Stop()
		}
		return c.Step(m, a, g, k)
	})
	return meta.Learner[meta.Params, meta.GradLoss]{
		Adapt: adapt,
		Init: func(m *meta.Model, initial meta.Params) meta.Params {
			return initial.With(c.Adapted(m, initial).Zeros())
		},
		Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) meta.GradLoss {
			context := c.Adapted(m, theta).Zeros()
			if !ep.Support.Absent() {
				context = adapt.Run(m, theta, ep.Support).Only(context)
			}
			loss := graph.Mul(ep.Weight, m.Loss(m.Fast(theta).With(context), ep.Query))
			return meta.GradLoss{Grad: m.Grad(loss, theta), Loss: loss}
		},
	}
}
