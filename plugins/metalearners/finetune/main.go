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
// θᵢ′ = θ − α ∇θ L_i(support; θ), inner_steps times; adapt = ["heads/**"] fine-tunes the
// head only, on features that stay as they are. The gradient that trains is thus taken
// before adaptation, which is what distinguishes it from maml.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(finetune) }

// config is the attributes of the plugin's block: of fine-tuning at meta-test.
type config struct{ meta.Descent }

var finetune = meta.Define("finetune",
	"joint training on all tasks, then fine-tuning on the support of a new one",
	config{meta.NewDescent(5, 0.01)},
	config.learner)

func (c config) learner() meta.Learner[meta.Params, meta.GradLoss] {
	return meta.Learner[meta.Params, meta.GradLoss]{
		Adapt:   c.Adaptation(true),
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
