package main

import "math"

// gradNorm is Chen, Badrinarayanan, Lee & Rabinovich 2018, "GradNorm: Gradient
// Normalization for Adaptive Loss Balancing", https://arxiv.org/abs/1711.02257,
// Algorithm 1: with G_i = w_i ‖g_i‖, Ḡ their mean, and r_i the task's L_i / L_i(0) over the
// mean of these,
//
//	w ← w − β ∂/∂w Σ_i |G_i − Ḡ r_i^α|     Ḡ r_i^α held constant
//	w ← T w / Σ w
//
// in every step for the next one, beginning from 1. The paper leaves the optimizer of w
// open; here it is plain descent on the sum over Ḡ, so that β means the same whatever the
// length of gradients, and no weight falls below 1e-4. L_i(0) is the task's first loss; one
// that is not positive counts as no progress. The paper measures g_i over the last shared
// layer: shared = ["backbone/layers/1/**"] does. Absent tasks keep their weight; those
// present share what they had.
type gradNorm struct {
	Alpha float64 `config:"alpha" doc:"α: how strongly slow tasks are favoured" min:"0"`
	Rate  float64 `config:"rate" doc:"β: of the descent on the weights" min:">0"`
}

func (c gradNorm) solve(s *step) ([]float64, error) {
	n := len(s.all.Losses)
	memory, err := s.remember(2*n, func() []float64 { return append(filled(n, 1), filled(n, 0)...) })
	if err != nil {
		return nil, err
	}
	s.memory = memory
	w, first := memory[:n], memory[n:]
	norms, present := s.norms(), float64(len(s.tasks))
	weights, lengths, ratios := make([]float64, len(norms)), make([]float64, len(norms)),
		filled(len(norms), 1)
	for k, i := range s.tasks {
		if first[i] == 0 {
			first[i] = s.losses[k]
		}
		if first[i] > 0 {
			ratios[k] = max(s.losses[k], 0) / first[i]
		}
		weights[k], lengths[k] = w[i], w[i]*norms[k]
	}
	mean, progress := sum(lengths)/present, sum(ratios)/present
	if mean == 0 || progress == 0 {
		return weights, nil
	}
	next := make([]float64, len(norms))
	for k, length := range lengths {
		target := mean * math.Pow(ratios[k]/progress, c.Alpha)
		slope := 0.0
		if length > target {
			slope = norms[k] / mean
		} else if length < target {
			slope = -norms[k] / mean
		}
		next[k] = max(weights[k]-c.Rate*slope, 1e-4)
	}
	scale := sum(weights) / sum(next)
	for k, i := range s.tasks {
		w[i] = next[k] * scale
	}
	return weights, nil
}
