package main

import (
	"math"
	"testing"
)

// TestToy is the two-task problem of Liu et al. 2021 (figure 1, and toy.py of the paper's
// code): a valley between two bowls, log-steep walls, starts in which one gradient drowns
// the other. Adam with rate 1e-3. The mean of the losses has its minimum, -15.0916, at
// (0, -8.355) on the Pareto set |x| ≤ 7, where pcgrad and mgda stop elsewhere; the mean
// gradient is stuck in the valley from two of the starts.
func TestToy(t *testing.T) {
	starts := [3][2]float64{{-8.5, 7.5}, {-8.5, -5}, {9, 9}}
	const optimum = -15.0916
	for _, tt := range []struct {
		weighting string
		ends      [3]string
		means     [3]float64 // as PyTorch ends in double precision, where that is not chaotic
		tolerance float64
	}{
		{"mean", [3]string{"stuck", "optimum", "stuck"}, [3]float64{}, math.Inf(1)},
		{"cagrad", [3]string{"optimum", "optimum", "optimum"},
			[3]float64{optimum, optimum, optimum}, 1e-4},
		{"pcgrad", [3]string{"elsewhere", "elsewhere", "elsewhere"},
			[3]float64{-14.277, -10.936, -14.475}, 0.1},
		{"mgda", [3]string{"elsewhere", "elsewhere", "elsewhere"},
			[3]float64{-13.988, -10.205, -13.988}, 0.005},
	} {
		t.Run(tt.weighting, func(t *testing.T) {
			t.Parallel()
			for i, start := range starts {
				x, mean := descendToy(t, tt.weighting, start)
				pareto := math.Abs(x[0]) < 7.1 && math.Abs(x[1]+8.355) < 0.1
				end := "stuck"
				switch {
				case math.Abs(mean-optimum) < 1e-3 && pareto:
					end = "optimum"
				case pareto && mean > optimum+0.3:
					end = "elsewhere"
				case mean < 0:
					end = "on the way"
				}
				if end != tt.ends[i] || !(math.Abs(mean-tt.means[i]) <= tt.tolerance) {
					t.Errorf("from %v: mean loss %v at %v: %s, want %v: %s", start, mean, x, end,
						tt.means[i], tt.ends[i])
				}
			}
		})
	}
}

// descendToy returns where 100,000 steps lead, and the mean loss there.
func descendToy(t *testing.T, weighting string, x [2]float64) ([2]float64, float64) {
	c := defaults(weighting)
	var m, v [2]float64
	mean := 0.0
	for step := 1; step <= 100_000; step++ {
		f, g := toy(x)
		mean = (f[0] + f[1]) / 2
		gradients := [][]float64{g[0][:], g[1][:]}
		w := []float64{0.5, 0.5}
		if weighting != "mean" {
			w = solve(t, c, gradients, f[:])
		}
		for k, d := range combined(gradients, w) {
			m[k], v[k] = 0.9*m[k]+0.1*d, 0.999*v[k]+0.001*d*d
			x[k] -= 1e-3 * m[k] / (1 - math.Pow(0.9, float64(step))) /
				(math.Sqrt(v[k]/(1-math.Pow(0.999, float64(step)))) + 1e-8)
		}
	}
	return x, mean
}

// toy returns the two losses and their gradients.
func toy(x [2]float64) (f [2]float64, g [2][2]float64) {
	const least = 5e-6
	sign := func(v float64) float64 { return math.Copysign(1, v) }
	tanh := math.Tanh(-x[1])
	dtanh := -(1 - tanh*tanh) // by x[1]
	inside := [2]float64{0.5*(-x[0]-7) - tanh, 0.5*(-x[0]+3) + tanh + 2}
	by := [2][2]float64{{-0.5, -dtanh}, {-0.5, dtanh}}
	upper, lower := math.Tanh(0.5*x[1]), math.Tanh(-0.5*x[1])
	var c, dc [2]float64 // of both halves, and by x[1]
	if upper > 0 {
		c[0], dc[0] = upper, 0.5*(1-upper*upper)
	}
	if lower > 0 {
		c[1], dc[1] = lower, -0.5*(1-lower*lower)
	}
	for i, center := range []float64{7, -7} {
		var steep [2]float64
		size := math.Abs(inside[i])
		if size > least {
			for k := range steep {
				steep[k] = by[i][k] * sign(inside[i]) / size
			}
		}
		log := math.Log(max(size, least)) + 6
		across, down := -x[0]+center, -x[1]-8
		bowl := (across*across+0.1*down*down)/10 - 20
		dbowl := [2]float64{-2 * across / 10, -0.2 * down / 10}
		f[i] = log*c[0] + bowl*c[1]
		g[i] = [2]float64{steep[0]*c[0] + dbowl[0]*c[1],
			steep[1]*c[0] + log*dc[0] + dbowl[1]*c[1] + bowl*dc[1]}
	}
	return f, g
}
