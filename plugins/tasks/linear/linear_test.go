package main

import (
	"math"
	"testing"

	"quickstudy/framework/task/tasktest"
)

func TestConformance(t *testing.T) {
	tasktest.Run(t, linear, func(c *config) { c.Features, c.MinShots, c.Shots, c.Queries = 3, 2, 5, 7 })
}

// TestShots: as many as asked for, or any number of a range.
func TestShots(t *testing.T) {
	for _, c := range []config{{Features: 2, Shots: 4, Queries: 3},
		{Features: 2, MinShots: 2, Shots: 4, Queries: 3}} {
		seen := map[int]int{}
		for index := range int64(300) {
			e, err := c.sample(1, "train", index)
			if err != nil || len(e.Query) != 3 {
				t.Fatalf("%d queries, %v", len(e.Query), err)
			}
			seen[len(e.Support)]++
		}
		least := c.MinShots
		if least == 0 {
			least = c.Shots
		}
		if len(seen) != c.Shots-least+1 || seen[least] < 60 || seen[c.Shots] < 60 {
			t.Errorf("%+v: numbers of shots %v", c, seen)
		}
	}
}

// TestLeastSquares: the error of the minimum-norm solution of k points, projected onto by
// Gram and Schmidt, is 1 − k/d, and that of d or more is 0.
func TestLeastSquares(t *testing.T) {
	const d, episodes = 5, 4000
	for _, k := range []int{1, 2, 4, 5, 8} {
		c := config{Features: d, Shots: k, Queries: 4}
		sum := 0.0
		for index := range int64(episodes) {
			e, err := c.sample(2, "test", index)
			if err != nil {
				t.Fatal(err)
			}
			var basis [][]float64 // orthonormal, and the function's values there
			var values []float64
			for _, r := range e.Support {
				x, y := append([]float64(nil), r.Cells[0].Floats...), r.Cells[1].Floats[0]
				for i, b := range basis {
					along := dot(x, b)
					for j := range x {
						x[j] -= along * b[j]
					}
					y -= along * values[i]
				}
				length := math.Sqrt(dot(x, x))
				if len(basis) == d || length < 1e-9 {
					continue
				}
				for j := range x {
					x[j] /= length
				}
				basis, values = append(basis, x), append(values, y/length)
			}
			for _, r := range e.Query {
				guess := 0.0
				for i, b := range basis {
					guess += values[i] * dot(r.Cells[0].Floats, b)
				}
				sum += (guess - r.Cells[1].Floats[0]) * (guess - r.Cells[1].Floats[0]) / 4
			}
		}
		want := max(0, 1-float64(k)/d)
		if got := sum / episodes; math.Abs(got-want) > 0.07*math.Max(want, 1e-9) {
			t.Errorf("after %d points of %d dimensions the error is %.4f, want %.4f", k, d, got, want)
		}
	}
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []config{{Features: 0, Shots: 1, Queries: 1}, {Features: 1, Shots: 0, Queries: 1},
		{Features: 1, Shots: 1, Queries: 0}, {Features: 1, MinShots: 3, Shots: 2, Queries: 1}} {
		if _, err := open(c); err == nil {
			t.Errorf("open(%+v) succeeds", c)
		}
	}
}
