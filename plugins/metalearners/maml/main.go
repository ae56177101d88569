// Plugin maml is model-agnostic meta-learning, Algorithm 2 of Finn, Abbeel &
// Levine 2017, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep
// Networks", https://arxiv.org/abs/1703.03400: it learns parameters from which a
// few gradient steps on a task's support lead to a low loss on its query.
//
//	metalearner "maml" {
//	  inner_steps = 5
//	  inner_lr    = 0.1                 # α
//	  optimizer "adam" { learning_rate = cosine(1e-3) }  # the outer update, rate β
//	}
//
// Lines of the algorithm, for every episode Tᵢ of a step:
//
//	5, 6   θᵢ′ = θ − α ∇θ L(fθ) on the support, inner_steps times: step below
//	8, 10  θ ← θ − β ∇θ Σᵢ L(fθᵢ′) on the queries: the framework's defaults, an
//	       optimizer step along the gradient of the weighted query losses
//
// With several tasks the outer loss is the weighted sum of their losses after
// adaptation. Evaluation takes the same steps.
//
// first_order = true holds ∇L constant in the outer gradient (section 5.2), which
// saves the second derivatives. adapt restricts the steps to some leaves:
// ["heads/**"] is ANIL (Raghu et al. 2020, https://arxiv.org/abs/1909.09157). A
// task of ordinary batches, which have no support, trains on its loss as it is.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
	"quickstudy/framework/schema"
)

func main() { plugin.Serve(maml) }

// config is the attributes of the plugin's block.
type config struct {
	InnerSteps int             `config:"inner_steps" doc:"gradient steps on the support" unit:"steps" min:"0" max:"65536"`
	InnerLR    schema.Schedule `config:"inner_lr" doc:"rate of a gradient step, α" min:">0"`
	FirstOrder bool            `config:"first_order" doc:"hold the inner gradients constant in the outer one"`
	Adapt      []string        `config:"adapt" doc:"patterns of the leaves that adapt" example:"[\"heads/**\"]"`
}

var maml = meta.Define("maml",
	"model-agnostic meta-learning (Finn et al. 2017): parameters that adapt in a few gradient steps",
	config{InnerSteps: 1, InnerLR: schema.Constant(0.01), Adapt: []string{"**"}},
	config.learner)

func (c config) learner() meta.Learner[meta.Params, meta.GradLoss] {
	return meta.Learner[meta.Params, meta.GradLoss]{
		Adapt: meta.StepsFrom(c.InnerSteps, c.start, c.step),
	}
}

// start chooses the leaves that adapt; the others keep θ's values.
func (c config) start(m *meta.Model, theta meta.Params) meta.Params {
	adapted := m.Fast(theta).Match(c.Adapt...)
	if adapted.Len() == 0 {
		graph.Failf("maml", "no leaf of the model matches adapt = %q", c.Adapt)
	}
	return adapted
}

// step is θ′ = θ − α ∇θ L(fθ).
func (c config) step(m *meta.Model, theta meta.Params, support meta.Batch,
	_ *graph.Node) meta.Params {
	g := m.Grad(m.Loss(theta, support), theta)
	if c.FirstOrder {
		g = g.Stop()
	}
	return theta.Sub(g.ScaleBy(m.Rate(c.InnerLR)))
}
