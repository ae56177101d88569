package main

import (
	"math"
	"math/rand/v2"
)

// This file holds the methods that look at the losses alone, or at nothing.

// dwa is dynamic weight averaging, Liu, Johns & Davison 2019, "End-to-End Multi-Task
// Learning with Attention", https://arxiv.org/abs/1803.10704, equation 7: with T tasks and
// L̄_i the mean loss over a window (there an epoch),
//
//	w_i = T · softmax over tasks of (L̄_i of the last window / L̄_i of the one before) / τ
//
// Through the first two windows, and for a task without a positive loss in both, the
// quotient is 1. Absent tasks keep their share, and add nothing to their means.
type dwa struct {
	Temperature float64 `config:"temperature" doc:"τ: the larger, the more even the weights" min:">0"`
	Window      int     `config:"window" doc:"over which losses are averaged, an epoch in the paper" unit:"steps" min:"1"`
}

func (c dwa) solve(s *step) ([]float64, error) {
	n := len(s.all.Losses)
	memory, err := s.remember(1+4*n, func() []float64 { return make([]float64, 1+4*n) })
	if err != nil {
		return nil, err
	}
	s.memory = memory
	total, count, last, before := memory[1:1+n], memory[1+n:1+2*n], memory[1+2*n:1+3*n],
		memory[1+3*n:]
	quotients := filled(n, 1/c.Temperature)
	for i := range quotients {
		if last[i] > 0 && before[i] > 0 {
			quotients[i] = last[i] / before[i] / c.Temperature
		}
	}
	shares := softmax(quotients)
	weights := make([]float64, len(s.tasks))
	for k, i := range s.tasks {
		weights[k] = float64(n) * shares[i]
		total[i] += s.losses[k]
		count[i]++
	}
	if memory[0]++; int(memory[0]) >= c.Window {
		memory[0] = 0
		for i := range n {
			if count[i] > 0 {
				last[i], before[i] = total[i]/count[i], last[i]
			}
			total[i], count[i] = 0, 0
		}
	}
	return weights, nil
}

// rlw is random loss weighting, Lin, Ye, Zhang & Tsang 2022, "Reasonable Effectiveness of
// Random Weighting", https://arxiv.org/abs/2111.10603, section 3:
//
//	w = softmax(z), z ~ N(0, I), anew in every step
//
// The weights sum to 1. The draws are a function of the experiment's seed and the step.
func rlw(s *step) ([]float64, error) {
	r := rand.New(rand.NewPCG(s.all.Seed, uint64(s.all.Step)))
	z := make([]float64, len(s.all.Losses))
	for i := range z {
		z[i] = r.NormFloat64()
	}
	mine := make([]float64, len(s.tasks))
	for k, i := range s.tasks {
		mine[k] = z[i]
	}
	return softmax(mine), nil
}

// gls is the geometric loss strategy, Chennupati et al. 2019, "MultiNet++",
// https://arxiv.org/abs/1904.08492, equation 2: the loss is the geometric mean, so
//
//	∇ (Π L_i)^(1/n) = Σ_i w_i ∇L_i,  w_i = (Π L_j)^(1/n) / (n L_i)
//
// A loss below 1e-8 counts as 1e-8: the geometric mean has no gradient at zero, and none
// below.
func gls(s *step) ([]float64, error) {
	const least = 1e-8
	mean := 0.0
	for _, l := range s.losses {
		mean += math.Log(max(l, least)) / float64(len(s.losses))
	}
	weights := make([]float64, len(s.losses))
	for i, l := range s.losses {
		weights[i] = math.Exp(mean) / (float64(len(s.losses)) * max(l, least))
	}
	return weights, nil
}
