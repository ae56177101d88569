package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
)

var signLearner = meta.Define("signs", "inner steps along the gradient's signs, of a learned size",
	signConfig{Steps: 2, Rate: 0.02, RateLR: 0.001}, signConfig.learner)

type signConfig struct {
	Steps  int     `config:"steps" doc:"inner steps" min:"1"`
	Rate   float64 `config:"rate" doc:"size of an inner step at first" min:">0"`
	RateLR float64 `config:"rate_lr" doc:"rate at which the size is learned" min:"0"`
}

// signState is what is learned: parameters, and how far an inner step goes.
type signState struct {
	Theta meta.Params
	Rate  *graph.Node // scalar
}

type signGrad struct {
	Grad     meta.Params `reduce:"sum"`
	RateGrad *graph.Node `reduce:"sum"`
	Loss     *graph.Node `reduce:"sum"`
}

func (c signConfig) learner() meta.Learner[signState, signGrad] {
	adapt := meta.StepsFrom(c.Steps,
		func(m *meta.Model, s signState) signState { return signState{m.Fast(s.Theta), s.Rate} },
		func(m *meta.Model, a signState, support meta.Batch, _ *graph.Node) signState {
			g := m.Grad(m.Loss(a.Theta, support), a.Theta)
			return signState{a.Theta.Sub(g.Map(graph.Sign).ScaleBy(a.Rate)), a.Rate}
		})
	return meta.Learner[signState, signGrad]{
		Adapt: adapt,
		Init: func(_ *meta.Model, initial meta.Params) signState {
			return signState{initial, graph.Scalar(initial.Leaves()[0].Node.DType(), c.Rate)}
		},
		Episode: func(m *meta.Model, s signState, ep meta.Episode) signGrad {
			loss := graph.Mul(ep.Weight, m.Loss(adapt.Run(m, s, ep.Support), ep.Query))
			return signGrad{m.Grad(loss, s.Theta), graph.Grad(loss, s.Rate)[0], loss}
		},
		Update: func(m *meta.Model, s signState, sums signGrad) signState {
			step := graph.Mul(sums.RateGrad, graph.ConstLike(s.Rate, c.RateLR))
			return signState{m.Optimize(s.Theta, sums.Grad), graph.Abs(graph.Sub(s.Rate, step))}
		},
	}
}
