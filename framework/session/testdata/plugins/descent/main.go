// Plugin descent adapts by gradient steps, for tests.
package main

import (
	"quickstudy/framework/meta"
	"quickstudy/framework/plugin"
)

type config struct {
	Steps int     `config:"steps" doc:"inner steps" min:"0" unit:"steps"`
	Rate  float64 `config:"rate,required" doc:"size of an inner step" min:">0" example:"0.1"`
}

func (c config) learner() meta.Learner[meta.Params, meta.GradLoss] {
	return meta.Learner[meta.Params, meta.GradLoss]{Adapt: meta.Steps(c.Steps,
		func(m *meta.Model, theta meta.Params, support meta.Batch) meta.Params {
			return theta.Sub(m.Grad(m.Loss(theta, support), theta).Scale(c.Rate))
		})}
}

func main() {
	plugin.Serve(meta.Define("descent", "Gradient descent through gradient descent.",
		config{Steps: 2}, config.learner))
}
