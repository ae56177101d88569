package main

import (
	"math"
	"slices"
)

// quadratic returns the w on the simplex, w ≥ 0 and Σ w = 1, that minimizes
// ½ wᵀHw + bᵀw, by the active-set method (Nocedal & Wright 2006, "Numerical
// Optimization", Algorithm 16.3). H [n][n] is positive semidefinite. Where
// there are several minima, as among identical tasks, 1e-10 of the size of H is added to its
// diagonal, which makes it the shortest of them.
func quadratic(h [][]float64, b []float64) []float64 {
	n := len(b)
	w := filled(n, 1/float64(n))
	size := 0.0
	for i := range h {
		size = max(size, math.Abs(h[i][i]), math.Abs(b[i]))
	}
	if size == 0 {
		return w
	}
	unit := make([][]float64, n) // of size 1, as the condition Σ w = 1 is
	for i, row := range h {
		unit[i] = scaled(row, 1/size)
	}
	h, b = unit, scaled(b, 1/size)
	const ridge, tolerance = 1e-10, 1e-12
	free := make([]int, n) // the entries that may be other than 0
	for i := range free {
		free[i] = i
	}
	for range 50 * n {
		target, multiplier, ok := stationary(h, b, 0, free)
		if !ok {
			target, multiplier, _ = stationary(h, b, ridge, free)
		}
		// As far as no entry becomes negative.
		share, first := 1.0, -1
		for k, i := range free {
			if target[k] < 0 {
				if t := w[i] / (w[i] - target[k]); t < share || first < 0 {
					share, first = t, k
				}
			}
		}
		for k, i := range free {
			w[i] += share * (target[k] - w[i])
		}
		if first >= 0 {
			w[free[first]] = 0
			free = slices.Delete(free, first, first+1)
			continue
		}
		// At the minimum over the free entries: is there another that would gain?
		least, entry := -tolerance, -1
		for i := range n {
			if !slices.Contains(free, i) {
				if gain := dot(h[i], w) + b[i] - multiplier; gain < least {
					least, entry = gain, i
				}
			}
		}
		if entry < 0 {
			break
		}
		free = append(free, entry)
	}
	return w
}

// scaled returns c x.
func scaled(x []float64, c float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = c * v
	}
	return out
}

// stationary solves (H + ridge) w + b = λ and Σ w = 1 for the free entries; without a
// ridge only if the equations have one solution.
func stationary(h [][]float64, b []float64, ridge float64, free []int) (
	w []float64, multiplier float64, ok bool) {
	n := len(free)
	a := make([][]float64, n+1)
	for k, i := range free {
		a[k] = make([]float64, n+2)
		for l, j := range free {
			a[k][l] = h[i][j]
		}
		a[k][k] += ridge
		a[k][n], a[k][n+1] = -1, -b[i]
	}
	a[n] = append(filled(n, 1), 0, 1)
	if !eliminate(a) && ridge == 0 {
		return nil, 0, false
	}
	w = make([]float64, n)
	for k := range w {
		w[k] = a[k][n+1]
	}
	return w, a[n][n+1], true
}

// eliminate solves n equations, each row of a with its right side last, by Gauss with row
// exchanges: the last column becomes the solution. It reports whether there is just one, as
// far as can be told: no pivot is below 1e-13 of what its column began with.
func eliminate(a [][]float64) bool {
	n := len(a)
	sizes := make([]float64, n)
	for c := range n {
		for r := range n {
			sizes[c] = max(sizes[c], math.Abs(a[r][c]))
		}
	}
	single := true
	for c := range n {
		pivot := c
		for r := c + 1; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[pivot][c]) {
				pivot = r
			}
		}
		if a[pivot][c] == 0 {
			return false
		}
		single = single && math.Abs(a[pivot][c]) > 1e-13*sizes[c]
		a[c], a[pivot] = a[pivot], a[c]
		for r := c + 1; r < n; r++ {
			if factor := a[r][c] / a[c][c]; factor != 0 {
				for k := c; k <= n; k++ {
					a[r][k] -= factor * a[c][k]
				}
			}
		}
	}
	for c := n - 1; c >= 0; c-- {
		for k := c + 1; k < n; k++ {
			a[c][n] -= a[c][k] * a[k][n]
		}
		a[c][n] /= a[c][c]
	}
	return single
}

// convex is a smooth convex function with its derivatives.
type convex func(w []float64) (value float64, slope []float64, curvature [][]float64)

// onSimplex minimizes f over the simplex by sequential quadratic programming with exact
// second derivatives and a backtracking line search (Nocedal & Wright 2006, section 18.4).
func onSimplex(n int, f convex) []float64 {
	w := filled(n, 1/float64(n))
	value, slope, curvature := f(w)
	for range 100 {
		b := slices.Clone(slope)
		for i, x := range times(curvature, w) {
			b[i] -= x
		}
		move := quadratic(curvature, b)
		for i := range move {
			move[i] -= w[i]
		}
		fall := dot(slope, move)
		if !(fall < -1e-14*(math.Abs(value)+1e-300)) {
			break
		}
		next := make([]float64, n)
		moved := false
		for t := 1.0; t > 1e-10; t /= 2 {
			for i := range next {
				next[i] = w[i] + t*move[i]
			}
			v, s, c := f(next)
			if v <= value+1e-4*t*fall {
				moved = v < value
				w, next = next, w
				value, slope, curvature = v, s, c
				break
			}
		}
		if !moved {
			break
		}
	}
	return w
}
