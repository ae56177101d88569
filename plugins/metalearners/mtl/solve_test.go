package main

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"quickstudy/framework/meta"
)

// solve asks a method for the weights of a step with these gradients [T][D].
func solve(t testing.TB, c config, gradients [][]float64, losses []float64) []float64 {
	t.Helper()
	answer, err := c.method().weigh(weighing(gradients, losses))
	if c.Weighting == "imtl" {
		answer, err = method{impartial, false}.weigh(weighing(gradients, losses))
	}
	if err != nil {
		t.Fatal(err)
	}
	return answer.Weights
}

func weighing(gradients [][]float64, losses []float64) meta.Weighing {
	w := meta.Weighing{Losses: losses, Seed: 5}
	if losses == nil {
		w.Losses = filled(len(gradients), 1)
	}
	for _, g := range gradients {
		w.Gram = append(w.Gram, times(gradients, g))
		w.Present = append(w.Present, true)
	}
	return w
}

// defaults are those of a method.
func defaults(weighting string) config {
	c := *mtl.New().(*config)
	c.Weighting = weighting
	return c
}

// combined returns Σ w g.
func combined(gradients [][]float64, w []float64) []float64 {
	out := make([]float64, len(gradients[0]))
	for i, g := range gradients {
		for k, x := range g {
			out[k] += w[i] * x
		}
	}
	return out
}

// near compares normwise.
func near(t testing.TB, what string, got, want []float64, tolerance float64) {
	t.Helper()
	away, size := 0.0, 0.0
	for i := range want {
		away += (got[i] - want[i]) * (got[i] - want[i])
		size += want[i] * want[i]
	}
	if len(got) != len(want) || !(math.Sqrt(away) <= tolerance*math.Sqrt(size)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestOthers compares with what tools/fixtures/weights.py computes from the gradients by
// general solvers and the papers' formulas.
func TestOthers(t *testing.T) {
	data, err := os.ReadFile("testdata/weights.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Gradients, Losses, GradNorm, PCGrad [][]float64
		MGDA, IMTL                          []float64
		AlignedMTL                          []float64 `json:"aligned_mtl"`
		CAGrad, FairGrad                    map[string][]float64
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, k := range cases {
		g := k.Gradients
		step := func(c config) []float64 { return combined(g, solve(t, c, g, nil)) }
		near(t, "mgda", step(defaults("mgda")), k.MGDA, 1e-5)
		near(t, "aligned_mtl", step(defaults("aligned_mtl")), k.AlignedMTL, 1e-6)
		for c, want := range k.CAGrad {
			by := defaults("cagrad")
			by.CAGrad.C = number(t, c)
			near(t, "cagrad "+c, step(by), want, 1e-4) // SLSQP's precision
		}
		for alpha, want := range k.FairGrad {
			by := defaults("fairgrad")
			by.FairGrad.Alpha = number(t, alpha)
			near(t, "fairgrad "+alpha, solve(t, by, g, nil), want, 1e-4) // the ridge
			if alpha == "1.0" {
				near(t, "nash_mtl", solve(t, defaults("nash_mtl"), g, nil), want, 1e-4)
			}
		}
		if k.IMTL != nil {
			near(t, "imtl", solve(t, defaults("imtl"), g, nil), k.IMTL, 1e-9)
		}
		if k.PCGrad != nil {
			got := step(defaults("pcgrad"))
			if !slices.ContainsFunc(k.PCGrad, func(want []float64) bool {
				away := 0.0
				for i := range want {
					away = max(away, math.Abs(got[i]-want[i]))
				}
				return away < 1e-9
			}) {
				t.Errorf("pcgrad: %v is what no order of the tasks gives", got)
			}
		}
		w := weighing(g, nil)
		for i, losses := range k.Losses {
			w.Losses = losses
			answer, err := defaults("gradnorm").method().weigh(w)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "gradnorm", answer.Weights, k.GradNorm[i], 1e-12)
			w.Memory = answer.Memory
		}
	}
}

func number(t *testing.T, text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestTwoTasks: closed forms, over gradients of all angles and lengths.
func TestTwoTasks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		g := make([][]float64, 2)
		for i := range g {
			size := math.Exp(2 * r.NormFloat64())
			g[i] = []float64{size * r.NormFloat64(), size * r.NormFloat64()}
		}
		a, b, ab := dot(g[0], g[0]), dot(g[1], g[1]), dot(g[0], g[1])
		if cosine := ab / math.Sqrt(a*b); math.Abs(cosine) > 0.999 {
			continue
		}
		la, lb := math.Sqrt(a), math.Sqrt(b)
		x := min(1, max(0, (b-ab)/(a+b-2*ab)))
		near(t, "mgda", solve(t, defaults("mgda"), g, nil), []float64{x, 1 - x}, 1e-6)
		nash := math.Sqrt(1 + ab/(la*lb)) // (1 + cos) w² ‖g‖² = 1
		near(t, "nash_mtl", solve(t, defaults("nash_mtl"), g, nil),
			[]float64{1 / (la * nash), 1 / (lb * nash)}, 1e-3)
		near(t, "imtl", solve(t, defaults("imtl"), g, nil),
			[]float64{lb / (la + lb), la / (la + lb)}, 1e-9)
		pc := []float64{1, 1}
		if ab < 0 {
			pc = []float64{1 - ab/a, 1 - ab/b}
		}
		near(t, "pcgrad", solve(t, defaults("pcgrad"), g, nil), pc, 1e-12)
		checkConflictAverse(t, g, 0.5)
	}
}

// checkConflictAverse searches the boundary of the ball for a direction better for the
// task that gains least.
func checkConflictAverse(t *testing.T, g [][]float64, c float64) {
	t.Helper()
	mean := combined(g, []float64{0.5, 0.5})
	worst := func(d []float64) float64 { return min(dot(g[0], d), dot(g[1], d)) }
	got := combined(g, solve(t, defaults("cagrad"), g, nil))
	radius, best := c*math.Sqrt(dot(mean, mean)), math.Inf(-1)
	for turn := range 3600 {
		angle := 2 * math.Pi * float64(turn) / 3600
		best = max(best, worst([]float64{mean[0] + radius*math.Cos(angle),
			mean[1] + radius*math.Sin(angle)}))
	}
	away := math.Hypot(got[0]-mean[0], got[1]-mean[1])
	size := radius * math.Sqrt(max(dot(g[0], g[0]), dot(g[1], g[1])))
	if worst(got) < best-1e-5*size || away > radius*(1+1e-9) {
		t.Errorf("cagrad of %v: %v gains %v at %v from the mean gradient, want %v at %v", g, got,
			worst(got), away, best, radius)
	}
}

// TestVaccine: after a projection the cosine is the average it should have had.
func TestVaccine(t *testing.T) {
	g := [][]float64{{3, 0, 0}, {-1, 2, 0}}
	w := weighing(g, nil)
	w.Memory = []float64{0, 0.6, 0.6, 0}
	answer, err := defaults("gradvac").method().weigh(w)
	if err != nil {
		t.Fatal(err)
	}
	// The weights are of g₀′ + g₁′; each is its own gradient plus a multiple of the other.
	for i, other := range []int{1, 0} {
		a := []float64{1, 1}
		a[other] = answer.Weights[other] - 1
		p := combined(g, a)
		if cosine := dot(p, g[other]) / math.Sqrt(dot(p, p)*dot(g[other], g[other])); math.Abs(
			cosine-0.6) > 1e-12 {
			t.Errorf("gradient %d: cosine %v, want 0.6", i, cosine)
		}
	}
	before := dot(g[0], g[1]) / math.Sqrt(dot(g[0], g[0])*dot(g[1], g[1]))
	if want := 0.5*0.6 + 0.5*before; math.Abs(answer.Memory[1]-want) > 1e-12 {
		t.Errorf("average %v, want %v", answer.Memory[1], want)
	}
}

func TestAverages(t *testing.T) {
	c := defaults("dwa")
	c.DWA.Window = 2
	w := weighing([][]float64{{1}, {1}}, nil)
	var got []float64
	for step := range 5 { // window means (2, 2), then (1, 2)
		w.Losses = [][]float64{{1, 1}, {3, 3}, {1, 2}, {1, 2}, {9, 9}}[step]
		answer, err := c.method().weigh(w)
		if err != nil {
			t.Fatal(err)
		}
		w.Memory, got = answer.Memory, answer.Weights
		if step < 4 {
			near(t, "dwa in the first windows", got, []float64{1, 1}, 1e-12)
		}
	}
	e := []float64{math.Exp(0.5 / 2), math.Exp(1. / 2)}
	near(t, "dwa", got, []float64{2 * e[0] / (e[0] + e[1]), 2 * e[1] / (e[0] + e[1])}, 1e-12)
	near(t, "gls", solve(t, defaults("gls"), [][]float64{{1}, {1}}, []float64{2, 8}),
		[]float64{1, 0.25}, 1e-12)
	random := solve(t, defaults("rlw"), [][]float64{{1}, {1}, {1}}, nil)
	if math.Abs(sum(random)-1) > 1e-12 || random[0] == random[1] {
		t.Errorf("rlw: %v, want different shares of 1", random)
	}
}

// TestOddSteps: what every method makes of gradients that its paper does not speak of.
func TestOddSteps(t *testing.T) {
	for _, name := range names(t) {
		switch name {
		case "fixed", "uncertainty", "famo":
			continue // no solver
		}
		one := map[string]float64{"cagrad": 1.5, "nash_mtl": 1 / 5., "fairgrad": 1 / 5.}[name]
		if one == 0 {
			one = 1
		}
		for _, odd := range []struct {
			what      string
			gradients [][]float64
			want      []float64 // the step; nil: any that is finite
		}{
			{"no gradients", [][]float64{{0, 0}, {0, 0}}, []float64{0, 0}},
			{"one task", [][]float64{{3, 4}}, []float64{3 * one, 4 * one}},
			{"a zero gradient", [][]float64{{3, 4}, {0, 0}}, nil},
			{"identical tasks", [][]float64{{3, 4}, {3, 4}, {3, 4}}, nil},
			{"opposed tasks", [][]float64{{3, 4}, {-3, -4}}, nil},
			{"lengths apart", [][]float64{{3e9, 4e9}, {-3e-9, 5e-9}}, nil},
			{"more tasks than directions",
				[][]float64{{1, 2}, {2, 1}, {-1, 3}, {0.5, 0.5}, {3, -2}, {-2, -2}}, nil},
		} {
			w := solve(t, defaults(name), odd.gradients, nil)
			if err := weighing(odd.gradients, nil).Check(meta.Weighed{Weights: w}); err != nil {
				t.Errorf("%s, %s: %v", name, odd.what, err)
				continue
			}
			if odd.want != nil {
				for k, x := range combined(odd.gradients, w) {
					if math.Abs(x-odd.want[k]) > 1e-5*(1+math.Abs(x)) {
						t.Errorf("%s, %s: step %v, want %v", name, odd.what,
							combined(odd.gradients, w), odd.want)
					}
				}
			}
			if odd.what == "identical tasks" && name != "rlw" {
				near(t, name+", identical tasks", w, filled(3, w[0]), 1e-5)
			}
		}
		// An absent task is as if there were none, and weighs nothing.
		here := weighing([][]float64{{3, 1}, {-1, 2}}, []float64{2, 3})
		more := weighing([][]float64{{3, 1}, {0, 0}, {-1, 2}}, []float64{2, 0, 3})
		more.Present[1] = false
		m := defaults(name).method()
		if name == "imtl" {
			m = method{impartial, false}
		}
		a, err := m.weigh(here)
		if err != nil {
			t.Fatal(err)
		}
		b, err := m.weigh(more)
		if err != nil {
			t.Fatal(err)
		}
		if b.Weights[1] != 0 {
			t.Errorf("%s: an absent task weighs %v", name, b.Weights[1])
		}
		if name != "rlw" {
			near(t, name+", absent task", []float64{b.Weights[0], b.Weights[2]}, a.Weights, 1e-12)
		}
		if len(b.Memory) > 0 {
			more.Memory = append(b.Memory, 1)
			if _, err := m.weigh(more); err == nil {
				t.Errorf("%s: a memory of another length is accepted", name)
			}
		}
	}
}
