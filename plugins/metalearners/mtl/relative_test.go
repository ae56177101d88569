package main

import (
	"math"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/meta"
	"quickstudy/framework/meta/metatest"
	"quickstudy/framework/train/traintest"
)

// weighed asks a method twice: of losses and gradients, and again of those that came of the
// first answer's memory.
func weighed(t *testing.T, m method, asks ...meta.Weighing) (weights [][]float64) {
	t.Helper()
	var memory []float64
	for _, ask := range asks {
		ask.Memory = memory
		answer, err := m.weigh(ask)
		if err != nil {
			t.Fatal(err)
		}
		weights, memory = append(weights, answer.Weights), answer.Memory
	}
	return weights
}

// TestRelative: in other units a task's weight is the inverse of its unit times what it was,
// for every method and from step to step, so that the step along the shared leaves is the same.
func TestRelative(t *testing.T) {
	ask := func(unit float64, losses []float64, present ...bool) meta.Weighing {
		gram := [][]float64{{2, -0.6, 0.1}, {-0.6, 1, 0.3}, {0.1, 0.3, 0.5}}
		for i := range gram {
			gram[i][1] *= unit
			gram[1][i] *= unit
		}
		scaled := slices.Clone(losses)
		scaled[1] *= unit
		return meta.Weighing{Gram: gram, Losses: scaled, Present: present, Step: 3, Seed: 5}
	}
	for _, name := range []string{"fixed", "dwa", "rlw", "gls", "gradnorm", "pcgrad", "gradvac",
		"cagrad", "mgda", "nash_mtl", "aligned_mtl", "fairgrad"} {
		c := *mtl.New().(*config)
		c.Weighting, c.Relative, c.DWA.Window = name, true, 1
		asks := func(unit float64) []meta.Weighing {
			return []meta.Weighing{ask(unit, []float64{3, 2, 1}, true, true, false),
				ask(unit, []float64{2, 1.5, 0.8}, true, true, true),
				ask(unit, []float64{1.5, 1.4, 0.4}, true, true, true)}
		}
		own, other := weighed(t, c.relative(), asks(1)...), weighed(t, c.relative(), asks(1000)...)
		for step := range own {
			for i := range own[step] {
				want := own[step][i]
				if i == 1 {
					want /= 1000
				}
				if math.Abs(other[step][i]-want) > 1e-6*math.Abs(want) {
					t.Errorf("%s: step %d, task %d: weight %v, in the other unit %v", name, step, i,
						own[step][i], other[step][i])
				}
			}
		}
	}
	// By hand: the first losses of the present tasks are 3 and 2, the third's is 0.8 later.
	c := *mtl.New().(*config)
	c.Relative = true
	got := weighed(t, c.relative(), ask(1, []float64{3, 2, 1}, true, true, false),
		ask(1, []float64{2, 1.5, 0.8}, true, true, true))
	want := [][]float64{{1. / 3, 1. / 2, 0}, {1. / 3, 1. / 2, 1 / 0.8}}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("step %d: weights %v, want %v", i, got[i], want[i])
		}
	}
}

func TestRelativeRefuses(t *testing.T) {
	for _, test := range []struct {
		weighting string
		normalize bool
		want      string
	}{
		{"famo", false, "relative does not go with weighting"},
		{"uncertainty", false, "relative does not go with weighting"},
		{"imtl", false, "relative does not go with weighting"},
		{"fixed", true, "relative and normalize do not go together"},
	} {
		errs := metatest.Check(mtl, &config{Weighting: test.weighting, Normalize: test.normalize,
			Relative: true, Shared: []string{"backbone/**"}}, metatest.Claims{})
		if len(errs) == 0 || !strings.Contains(errs[0].Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.weighting, errs, test.want)
		}
	}
}

// TestRelativeSameBits: serial, parallel and resumed.
func TestRelativeSameBits(t *testing.T) {
	for _, name := range []string{"fixed", "dwa", "pcgrad"} {
		traintest.SameBits(t, mtl, func(c *config) {
			c.Weighting, c.Relative, c.DWA.Window = name, true, 2
		})
	}
}
