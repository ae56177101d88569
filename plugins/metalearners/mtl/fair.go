package main

import "math"

// This file holds the methods that bargain: their weights solve G w = w^(−p), G the inner
// products of the gradients.

// nashMTL is Navon et al. 2022, "Multi-Task Learning as a Bargaining Game",
// https://arxiv.org/abs/2202.01017, Algorithm 1: the step Σ w_i g_i that maximizes
// Σ log (g_i · Σ_j w_j g_j) in the unit ball,
//
//	G w = 1/w, w > 0
//
// solved exactly, where the paper linearizes. The step's length over what is shared is √n,
// whatever the losses' scale; with one task it is the gradient over its length. A task
// whose gradient is zero is no party to the bargain and has a weight of 1. Opposed
// gradients have no bargain: the weights are then large, and cancel; G's diagonal is
// taken 1e-6 longer, which bounds them.
func nashMTL(s *step) ([]float64, error) {
	return nonzero(s.gram, func(gram [][]float64) []float64 { return bargain(gram, 1) }), nil
}

// fairGrad is Ban & Ji 2024, "Fair Resource Allocation in Multi-Task Learning",
// https://arxiv.org/abs/2402.15638, equation 5 and Algorithm 1: α-fair shares of the
// tasks' descent,
//
//	G w = w^(−1/α), w > 0
//
// α = 1 is nash_mtl's problem, as larger α comes nearer to what is best for the task that
// gains least. Zero and opposed gradients are treated as there.
type fairGrad struct {
	Alpha float64 `config:"alpha" doc:"α: fairness, 1 proportional, larger more even" min:">0"`
}

func (c fairGrad) solve(s *step) ([]float64, error) {
	return nonzero(s.gram, func(gram [][]float64) []float64 {
		return bargain(gram, 1/c.Alpha)
	}), nil
}

// bargain solves G w = w^(−p) for w > 0: the minimum of ½ wᵀGw − Σ ψ(w), ψ′ = w^(−p), which
// is strictly convex. In units d = G_ii^(−1/(1+p)) of the solution for orthogonal gradients,
// w = d u, it is that of
//
//	½ uᵀCu − Σ C_ii ψ(u),  C_ij = d_i G_ij d_j
//
// by Newton's method from u = 1 with a backtracking line search that keeps u positive. For
// p = 1 the barrier is logarithmic.
func bargain(gram [][]float64, p float64) []float64 {
	n := len(gram)
	unit, c := make([]float64, n), make([][]float64, n)
	for i := range gram {
		unit[i] = math.Pow(gram[i][i], -1/(1+p))
	}
	for i, row := range gram {
		c[i] = make([]float64, n)
		for j, x := range row {
			c[i][j] = unit[i] * x * unit[j]
		}
	}
	share := diagonal(c)
	for i := range c {
		c[i][i] *= 1 + 1e-6
	}
	barrier := func(u []float64) float64 {
		value := dot(u, times(c, u)) / 2
		for i, x := range u {
			if p == 1 {
				value -= share[i] * math.Log(x)
			} else {
				value -= share[i] * math.Pow(x, 1-p) / (1 - p)
			}
		}
		return value
	}
	u := filled(n, 1)
	value := barrier(u)
	for range 200 {
		a, slope := make([][]float64, n), times(c, u)
		for i, x := range u {
			power := share[i] * math.Pow(x, -p)
			slope[i] -= power
			a[i] = append(append([]float64(nil), c[i]...), -slope[i])
			a[i][i] += p * power / x
		}
		if !eliminate(a) {
			break
		}
		move, t := make([]float64, n), 1.0
		for i := range move {
			move[i] = a[i][n]
			if move[i] < 0 {
				t = min(t, -0.9*u[i]/move[i])
			}
		}
		fall := dot(slope, move)
		if !(fall < -1e-24*math.Abs(value)) {
			break
		}
		next, moved := make([]float64, n), false
		for ; t > 1e-12 && !moved; t /= 2 {
			for i := range next {
				next[i] = u[i] + t*move[i]
			}
			after := barrier(next)
			moved = after <= value+1e-4*t*fall
			if moved {
				value = after
			}
		}
		if !moved {
			break
		}
		u = next
	}
	for i := range u {
		u[i] *= unit[i]
	}
	return u
}
