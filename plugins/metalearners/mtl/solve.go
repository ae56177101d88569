package main

import (
	"fmt"
	"math"

	"quickstudy/framework/meta"
)

// method is one whose weights are ordinary Go, and whether they multiply the gradients of
// the tasks' own leaves too.
type method struct {
	solve func(s *step) ([]float64, error)
	own   bool
}

// step is what a method sees: the n tasks that have an episode.
type step struct {
	gram   [][]float64 // [n][n]
	losses []float64   // [n]
	tasks  []int       // [n], their positions among all
	all    meta.Weighing
	memory []float64 // what is kept for the next step
}

// weigh restricts the problem to the tasks that are present. The others weigh nothing.
func (m method) weigh(w meta.Weighing) (meta.Weighed, error) {
	s := &step{all: w, memory: w.Memory}
	for i, present := range w.Present {
		if present {
			s.tasks = append(s.tasks, i)
			s.losses = append(s.losses, w.Losses[i])
		}
	}
	s.gram = chosen(w.Gram, s.tasks)
	weights, err := m.solve(s)
	if err != nil {
		return meta.Weighed{}, err
	}
	answer := meta.Weighed{Weights: make([]float64, len(w.Losses)), Memory: s.memory}
	for k, i := range s.tasks {
		answer.Weights[i] = weights[k]
	}
	return answer, nil
}

// remember returns what was kept, or makes it: n numbers for the experiment.
func (s *step) remember(n int, make func() []float64) ([]float64, error) {
	switch len(s.memory) {
	case 0:
		return make(), nil
	case n:
		return append([]float64(nil), s.memory...), nil
	}
	return nil, fmt.Errorf("%d numbers are kept of earlier steps, want %d: they are another "+
		"method's; begin the run anew", len(s.memory), n)
}

// chosen returns some rows and columns of a matrix.
func chosen(of [][]float64, which []int) [][]float64 {
	out := make([][]float64, len(which))
	for k, i := range which {
		out[k] = make([]float64, len(which))
		for l, j := range which {
			out[k][l] = of[i][j]
		}
	}
	return out
}

// norms returns ‖g_i‖.
func (s *step) norms() []float64 {
	out := make([]float64, len(s.gram))
	for i, row := range s.gram {
		out[i] = math.Sqrt(max(row[i], 0))
	}
	return out
}

// nonzero solves for the tasks whose gradient is not zero; the others have a weight of 1.
func nonzero(gram [][]float64, solve func(gram [][]float64) []float64) []float64 {
	var which []int
	weights := make([]float64, len(gram))
	for i, row := range gram {
		weights[i] = 1
		if row[i] > 0 {
			which = append(which, i)
		}
	}
	if len(which) == 0 {
		return weights
	}
	for k, w := range solve(chosen(gram, which)) {
		weights[which[k]] = w
	}
	return weights
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

func sum(x []float64) float64 {
	total := 0.0
	for _, v := range x {
		total += v
	}
	return total
}

// times returns H v.
func times(h [][]float64, v []float64) []float64 {
	out := make([]float64, len(h))
	for i, row := range h {
		out[i] = dot(row, v)
	}
	return out
}

// filled returns n numbers x.
func filled(n int, x float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = x
	}
	return out
}

// softmax returns e^x / Σ e^x.
func softmax(x []float64) []float64 {
	out, most := make([]float64, len(x)), math.Inf(-1)
	for _, v := range x {
		most = max(most, v)
	}
	for i, v := range x {
		out[i] = math.Exp(v - most)
	}
	total := sum(out)
	for i := range out {
		out[i] /= total
	}
	return out
}
