package main

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
)

// imtl is impartial multi-task learning, Liu et al. 2021, "Towards Impartial Multi-task
// Learning", ICLR, https://openreview.net/forum?id=IMPnRXEWpvr. IMTL-G, section 3.1,
// combines the gradients so that the step has equal projections onto all of them: with
// u_i = g_i / ‖g_i‖,
//
//	g = Σ_i w_i g_i, Σ w_i = 1, g · u_i = g · u_j for all i, j
//
// IMTL-L, section 3.2, learns s with the experiment's optimizer, and trains on the scaled
// losses e^(s_i) L_i − s_i, which all come near 1:
//
//	∂/∂s_i = e^(s_i) L_i − 1
//
// The heads move along e^(s_i) times their own gradient. Among linearly dependent gradients
// the solution is the shortest, so that of identical tasks has equal weights; where the
// equations would turn the step against all tasks, or no step has equal projections, the
// weights are shares of 1 / ‖g_i‖. A zero gradient is left out.
type imtl struct {
	BalanceLosses bool `config:"balance_losses" doc:"scale the losses too (IMTL-L)"`
}

func (c imtl) learner(all config) learner {
	const name = "log_scale"
	by := method{impartial, false}
	l := all.weighted(by)
	if !c.BalanceLosses {
		return l
	}
	l.Init = func(m *meta.Model, initial meta.Params) state {
		return state{initial, perTask(m, initial, name, 0)}
	}
	l.Episode = func(m *meta.Model, s state, ep meta.Episode) contribution {
		scale := graph.Exp(of(m, s.Tasks.Get(name)))
		return all.gradients(m, s, ep, graph.Mul(scale, m.Loss(s.Theta, ep.Query)))
	}
	l.Update = func(m *meta.Model, s state, sum contribution) state {
		next := sum.descend(m, s, m.Weights(), by.own)
		slope := where(m, graph.Sub(sum.Losses, graph.ConstLike(sum.Losses, 1)))
		next.Tasks = m.OptimizeTasks("tasks", s.Tasks,
			s.Tasks.Map(func(*graph.Node) *graph.Node { return slope }))
		return next
	}
	return l
}

// impartial is IMTL-G. With w_i = v_i / ‖g_i‖ and K the gradients' cosines the projections
// are K v, which is to have equal entries: v ∝ K⁺ 1.
func impartial(s *step) ([]float64, error) {
	return nonzero(s.gram, func(gram [][]float64) []float64 {
		n := len(gram)
		values, vectors := eigen(cosines(gram))
		v, most := make([]float64, n), values[n-1]
		for k, value := range values {
			if value > 1e-6*most { // inner products come in single precision
				share := sum(vectors[k]) / value
				for i := range v {
					v[i] += share * vectors[k][i]
				}
			}
		}
		weights, total, even := make([]float64, n), 0.0, 0.0
		for i, x := range v {
			length := math.Sqrt(gram[i][i])
			weights[i] = x / length
			total += weights[i]
			even += 1 / length
		}
		for i := range weights {
			if total > 1e-6*even {
				weights[i] /= total
			} else {
				weights[i] = 1 / math.Sqrt(gram[i][i]) / even
			}
		}
		return weights
	}), nil
}

// alignedMTL is Senushkin, Patakin, Kuznetsov & Konushin 2023, "Independent Component
// Alignment for Multi-Task Learning", https://arxiv.org/abs/2305.19000, Algorithm 1: the
// matrix of gradients is replaced by the nearest whose singular values are all the
// smallest that is not zero, √λ_R. With G = V Λ Vᵀ of rank R,
//
//	w = √λ_R V Λ^(−1/2) Vᵀ 1
//
// A value of λ below n · 1.2e-7 of the largest is zero, that being single precision.
// Identical tasks have rank 1, and weights of 1; zero gradients have a weight of 0.
func alignedMTL(s *step) ([]float64, error) {
	n := len(s.gram)
	values, vectors := eigen(s.gram)
	weights := make([]float64, n)
	least := float64(n) * 1.2e-7 * values[n-1]
	smallest := 0.0
	for k, value := range values { // ascending
		if value <= least || value <= 0 {
			continue
		}
		if smallest == 0 {
			smallest = value
		}
		share := math.Sqrt(smallest/value) * sum(vectors[k])
		for i := range weights {
			weights[i] += share * vectors[k][i]
		}
	}
	return weights, nil
}

// cosines returns those of the gradients.
func cosines(gram [][]float64) [][]float64 {
	out := make([][]float64, len(gram))
	for i, row := range gram {
		out[i] = make([]float64, len(gram))
		for j, x := range row {
			out[i][j] = x / math.Sqrt(gram[i][i]*gram[j][j])
		}
	}
	return out
}

// eigen returns the eigenvalues of a symmetric matrix, ascending, and their vectors.
func eigen(h [][]float64) (values []float64, vectors [][]float64) {
	n := len(h)
	symmetric := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			symmetric.SetSym(i, j, (h[i][j]+h[j][i])/2)
		}
	}
	var e mat.EigenSym
	if !e.Factorize(symmetric, true) { // never, of finite numbers
		return make([]float64, n), make([][]float64, n)
	}
	var columns mat.Dense
	e.VectorsTo(&columns)
	for k := range n {
		vectors = append(vectors, mat.Col(nil, k, &columns))
	}
	return e.Values(nil), vectors
}
