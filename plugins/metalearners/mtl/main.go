// Plugin mtl is multi-task learning with a shared encoder: one gradient step
// after another on the weighted sum of all objectives' losses (Caruana 1997,
// "Multitask Learning", https://doi.org/10.1023/A:1007379606734).
//
//	metalearner "mtl" {
//	  optimizer "adamw" { learning_rate = warmup(100, cosine(1e-3)) }
//	}
//
// The loss is Σ wᵢ Lᵢ, the weights as the experiment gives them; normalize = true
// divides by Σ wᵢ over all tasks' objectives, so that weights are shares and the
// rate means the same whatever their sum. Lᵢ is the mean over the examples of
// objective i. A weight of zero leaves that objective's head as it is.
//
// Nothing adapts: a task is predicted with the parameters as they are. Of an
// episode the query is trained on; its support is left to heads that read it.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(mtl) }

// config is the attributes of the plugin's block.
type config struct {
	Normalize bool `config:"normalize" doc:"divide the loss by the sum of all weights"`
}

var mtl = meta.Define("mtl", "multi-task learning: the weighted sum of all losses", config{},
	config.learner)

func (c config) learner() meta.Learner[meta.Params, meta.GradLoss] {
	return meta.Learner[meta.Params, meta.GradLoss]{
		Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) meta.GradLoss {
			loss := graph.Mul(ep.Weight, m.Loss(theta, ep.Query))
			if c.Normalize {
				total := m.TotalWeight()
				if total == 0 {
					graph.Failf("mtl", "normalize divides by the sum of the weights, which is 0")
				}
				loss = graph.Div(loss, graph.Scalar(loss.DType(), total))
			}
			return meta.GradLoss{Grad: m.Grad(loss, theta), Loss: loss}
		},
	}
}
