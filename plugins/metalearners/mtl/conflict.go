package main

import "math"

// This file holds the methods that look for the common descent of all tasks by a convex
// problem over the simplex.

// mgda is the multiple-gradient descent algorithm, Sener & Koltun 2018, "Multi-Task
// Learning as Multi-Objective Optimization", https://arxiv.org/abs/1810.04650, equation 3
// (Désidéri 2012): the shortest vector in the hull of the gradients,
//
//	min over w ≥ 0, Σ w = 1 of ‖Σ_i w_i g_i‖²
//
// solved exactly, where the paper takes steps of Frank and Wolfe. A zero gradient is the
// shortest vector: nothing that is shared moves. Among identical tasks weights are equal.
func mgda(s *step) ([]float64, error) {
	return quadratic(s.gram, make([]float64, len(s.gram))), nil
}

// caGrad is conflict-averse gradient descent, Liu, Liu, Jin, Stone & Liu 2021,
// https://arxiv.org/abs/2110.14048, Algorithm 1: with g₀ the mean gradient, the direction
// within c ‖g₀‖ of it that is best for the task it is worst for,
//
//	w = argmin over the simplex of g_w · g₀ + c ‖g₀‖ ‖g_w‖
//	g = g₀ + c ‖g₀‖ / ‖g_w‖ g_w
//
// c = 0 is the mean gradient. With identical tasks, or one alone, g is 1 + c times the
// gradient; where g_w is zero, as at a point where no direction is good for all, g is g₀.
type caGrad struct {
	C float64 `config:"c" doc:"c: how far from the mean gradient, in lengths of it" min:"0" max:"<1"`
}

func (c caGrad) solve(s *step) ([]float64, error) {
	n := len(s.gram)
	weights := filled(n, 1/float64(n))
	along := times(s.gram, weights)                                 // g_i · g₀
	radius := c.C * math.Sqrt(max(sum(along)/float64(n), 0))        // c ‖g₀‖
	shortest := 1e-9 * math.Sqrt(max(sum(diagonal(s.gram)), 1e-60)) // below: zero
	if radius == 0 {
		return weights, nil
	}
	w := onSimplex(n, func(w []float64) (float64, []float64, [][]float64) {
		slope := times(s.gram, w)
		length := max(math.Sqrt(max(dot(w, slope), 0)), shortest)
		curvature := make([][]float64, n)
		for i := range curvature {
			curvature[i] = make([]float64, n)
			for j := range curvature[i] {
				curvature[i][j] = radius *
					(s.gram[i][j] - slope[i]/length*slope[j]/length) / length
			}
		}
		value := dot(w, along) + radius*length
		for i := range slope {
			slope[i] = along[i] + radius*slope[i]/length
		}
		return value, slope, curvature
	})
	length := math.Sqrt(max(dot(w, times(s.gram, w)), 0))
	if length <= shortest {
		return weights, nil
	}
	for i := range weights {
		weights[i] += radius / length * w[i]
	}
	return weights, nil
}

func diagonal(h [][]float64) []float64 {
	out := make([]float64, len(h))
	for i := range h {
		out[i] = h[i][i]
	}
	return out
}
