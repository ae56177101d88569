package main

import (
	"math"
	"math/rand/v2"
)

// This file holds the methods that project gradients one after another. Every g_i′ is a
// combination of the g_j, so inner products are all they need.

// combination is g = Σ_j a_j g_j with the inner products of all g_j.
type combination struct {
	a    []float64
	gram [][]float64
}

// with returns g · g_j.
func (g combination) with(j int) float64 { return dot(g.a, g.gram[j]) }

// norm returns ‖g‖.
func (g combination) norm() float64 { return math.Sqrt(max(dot(g.a, times(g.gram, g.a)), 0)) }

// project calls at for every pair i ≠ j of tasks, for each i in an order of j of its own,
// with g_i′, which at changes, and returns the weights of Σ_i g_i′.
func (s *step) project(at func(g combination, i, j int)) []float64 {
	r := rand.New(rand.NewPCG(s.all.Seed, uint64(s.all.Step)))
	weights := make([]float64, len(s.gram))
	for i := range s.gram {
		g := combination{make([]float64, len(s.gram)), s.gram}
		g.a[i] = 1
		for _, j := range r.Perm(len(s.gram)) {
			if i != j {
				at(g, i, j)
			}
		}
		for j, a := range g.a {
			weights[j] += a
		}
	}
	return weights
}

// pcGrad is projecting conflicting gradients, Yu et al. 2020, "Gradient Surgery for
// Multi-Task Learning", https://arxiv.org/abs/2001.06782, Algorithm 1:
//
//	for every i, for j ≠ i in random order, if g_i′ · g_j < 0:
//	    g_i′ ← g_i′ − (g_i′ · g_j) / ‖g_j‖² g_j
//	g = Σ_i g_i′
//
// The order is a function of the experiment's seed and the step. A zero gradient conflicts
// with none, and identical ones neither: then all weights are 1.
func pcGrad(s *step) ([]float64, error) {
	return s.project(func(g combination, _, j int) {
		if product := g.with(j); product < 0 && s.gram[j][j] > 0 {
			g.a[j] -= product / s.gram[j][j]
		}
	}), nil
}

// gradVac is gradient vaccine, Wang, Tsvetkov, Firat & Cao 2021, "Gradient Vaccine",
// https://arxiv.org/abs/2010.05874, Algorithm 1 over the whole model: with φ the cosine of
// g_i′ and g_j, and φ̂_ij the moving average of it, at first 0,
//
//	if φ < φ̂: g_i′ ← g_i′ + ‖g_i′‖ (φ̂ √(1−φ²) − φ √(1−φ̂²)) / (‖g_j‖ √(1−φ̂²)) g_j
//	φ̂ ← (1−β) φ̂ + β φ
//	g = Σ_i g_i′
//
// after which the cosine is φ̂. Pairs with a zero gradient, and those with an absent task,
// change nothing and are not averaged; an average of 1 asks for nothing that a finite
// step could give, and changes nothing. The random order is pcgrad's.
type gradVac struct {
	Decay float64 `config:"decay" doc:"β: share of a step in the moving averages of the cosines" min:"0" max:"1"`
}

func (c gradVac) solve(s *step) ([]float64, error) {
	n, norms := len(s.all.Losses), s.norms()
	targets, err := s.remember(n*n, func() []float64 { return make([]float64, n*n) })
	if err != nil {
		return nil, err
	}
	s.memory = targets
	return s.project(func(g combination, i, j int) {
		target := &targets[s.tasks[i]*n+s.tasks[j]]
		length := g.norm()
		if length == 0 || norms[j] == 0 {
			return
		}
		cosine := min(1, max(-1, g.with(j)/(length*norms[j])))
		if across := math.Sqrt(1 - *target**target); cosine < *target && across > 0 {
			g.a[j] += length * (*target*math.Sqrt(1-cosine*cosine) - cosine*across) /
				(norms[j] * across)
		}
		*target = (1-c.Decay)**target + c.Decay*cosine
	}), nil
}
