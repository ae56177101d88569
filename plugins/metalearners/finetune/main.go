// Plugin finetune is the baseline that few-shot methods must beat: joint training
// on the data of all tasks, then fine-tuning at meta-test ("transfer learning" in
// Finn, Abbeel & Levine 2017, https://arxiv.org/abs/1703.03400, section 5; Chen et
// al. 2019, "A Closer Look at Few-shot Classification",
// https://arxiv.org/abs/1904.04232, show how strong it is).
//
//	metalearner "finetune" {
//	  inner_steps = 5
//	  inner_lr    = 0.1     # of fine-tuning
//	  optimizer "adam" { learning_rate = cosine(1e-3) }
//	}
//
// In training support and query of an episode are plain data: with θ as it is,
//
//	θ ← θ − β ∇θ Σᵢ ½ (L_i(support; θ) + L_i(query; θ))
//
// where both losses weigh the objectives as given, unlike the loss that adapts; an
// ordinary batch has its query alone. Only evaluation adapts:
// θᵢ′ = θ − α ∇θ L_i(support; θ), inner_steps times. The gradient that trains is
// thus taken before adaptation, which is what distinguishes it from maml.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
	"quickstudy/framework/schema"
)

func main() { plugin.Serve(finetune) }

// config is the attributes of the plugin's block.
type config struct {
	InnerSteps int             `config:"inner_steps" doc:"gradient steps of fine-tuning at meta-test" unit:"steps" min:"0" max:"65536"`
	InnerLR    schema.Schedule `config:"inner_lr" doc:"rate of a step of fine-tuning" min:">0"`
	Adapt      []string        `config:"adapt" doc:"patterns of the leaves that are fine-tuned" example:"[\"heads/**\"]"`
}

var finetune = meta.Define("finetune",
	"joint training on all tasks, then fine-tuning on the support of a new one",
	config{InnerSteps: 5, InnerLR: schema.Constant(0.01), Adapt: []string{"**"}},
	config.learner)

func (c config) learner() meta.Learner[meta.Params, meta.GradLoss] {
	return meta.Learner[meta.Params, meta.GradLoss]{
		Adapt:   meta.StepsFrom(c.InnerSteps, c.start, c.step),
		Episode: joint,
	}
}

// joint is the gradient on all data of an episode, before any adaptation.
func joint(m *meta.Model, theta meta.Params, ep meta.Episode) meta.GradLoss {
	loss := m.Loss(theta, ep.Query)
	if !ep.Support.Absent() {
		number := func(x float64) *graph.Node { return graph.Scalar(loss.DType(), x) }
		support := graph.Mul(number(m.TaskWeight()), m.Loss(theta, ep.Support))
		loss = graph.Mul(number(0.5), graph.Add(loss, support))
	}
	loss = graph.Mul(ep.Weight, loss)
	return meta.GradLoss{Grad: m.Grad(loss, theta), Loss: loss}
}

// start chooses the leaves that are fine-tuned; the others keep θ's values.
func (c config) start(m *meta.Model, theta meta.Params) meta.Params {
	adapted := m.Fast(theta).Match(c.Adapt...)
	if adapted.Len() == 0 {
		graph.Failf("finetune", "no leaf of the model matches adapt = %q", c.Adapt)
	}
	return adapted
}

// step is θ ← θ − β ∇θ L(fθ).
func (c config) step(m *meta.Model, theta meta.Params, support meta.Batch,
	_ *graph.Node) meta.Params {
	return theta.Sub(m.Grad(m.Loss(theta, support), theta).ScaleBy(m.Rate(c.InnerLR)))
}
