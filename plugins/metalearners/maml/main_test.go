package main

import (
	"math"
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/meta/metatest"
	"quickstudy/framework/schema"
	"quickstudy/framework/train/traintest"
)

func TestConformance(t *testing.T) {
	gradient := metatest.Claims{Gradient: "grad", Loss: "loss"}
	for _, tt := range []struct {
		name   string
		change func(c *config)
		claims metatest.Claims
	}{
		{"defaults", func(*config) {}, gradient},
		{"three steps", func(c *config) { c.InnerSteps, c.InnerLR = 3, schema.Constant(0.1) },
			gradient},
		{"no step", func(c *config) { c.InnerSteps = 0 }, gradient},
		{"heads alone", func(c *config) { c.Adapt = []string{"heads/**"} }, gradient},
		{"schedule", func(c *config) {
			c.InnerLR = schema.Cosine(0.1, 0.01).WithWarmup(3)
		}, gradient},
		{"momentum", func(c *config) { c.InnerSteps, c.InnerOptimizer = 3, "momentum" }, gradient},
		{"adam", func(c *config) { c.InnerSteps, c.InnerOptimizer = 3, "adam" }, gradient},
		{"clipped", func(c *config) {
			c.InnerSteps, c.InnerLR, c.InnerClipNorm = 3, schema.Constant(0.1), 0.5
		}, gradient},
		{"truncated", func(c *config) { c.InnerSteps, c.BackpropSteps = 3, 2 }, metatest.Claims{}},
		{"not truncated", func(c *config) { c.InnerSteps, c.BackpropSteps = 3, 3 }, gradient},
		{"all but heads", func(c *config) { c.Adapt = []string{"backbone/**"} }, gradient},
		{"first order", func(c *config) { c.InnerSteps, c.FirstOrder = 3, true },
			metatest.Claims{}},
	} {
		t.Run(tt.name, func(t *testing.T) { metatest.Run(t, maml, tt.change, tt.claims) })
	}
}

// TestSameBits: workers and interruptions change nothing.
func TestSameBits(t *testing.T) {
	for _, optimizer := range []string{"sgd", "momentum", "adam"} {
		traintest.SameBits(t, maml, func(c *config) {
			c.InnerSteps, c.InnerOptimizer, c.BackpropSteps = 3, optimizer, 2
		})
	}
}

// TestTruncated: on ½ (w − x)² every step that the outer derivative passes through is a
// factor 1 − α, and the value is that of all steps.
func TestTruncated(t *testing.T) {
	for through, factor := range map[int]float64{0: 0.9 * 0.9 * 0.9, 1: 0.9, 2: 0.9 * 0.9,
		3: 0.9 * 0.9 * 0.9, 4: 0.9 * 0.9 * 0.9} {
		got := metatest.BowlStep(t, maml, func(c *config) {
			c.InnerSteps, c.InnerLR, c.BackpropSteps = 3, schema.Constant(0.1), through
		}, metatest.Bowl{W: 2, Support: -1, Query: 0.5})
		adapted := -1 + math.Pow(0.9, 3)*(2+1)
		if want := factor * (adapted - 0.5); math.Abs(got["contribution/grad/w"]-want) > 1e-12 {
			t.Errorf("through %d steps: gradient %v, want %v", through, got["contribution/grad/w"],
				want)
		}
	}
}

// TestClipped: an inner step along a gradient of 3, of which 1 is allowed, moves by the rate
// whatever w is; one along a shorter gradient moves as ever.
func TestClipped(t *testing.T) {
	for clip, adapted := range map[float64]float64{1: 2 - 3*0.1, 10: -1 + 0.9*0.9*0.9*3} {
		got := metatest.BowlStep(t, maml, func(c *config) {
			c.InnerSteps, c.InnerLR, c.InnerClipNorm = 3, schema.Constant(0.1), clip
		}, metatest.Bowl{W: 2, Support: -1, Query: 0.5})
		grad := adapted - 0.5
		if clip == 10 {
			grad *= 0.9 * 0.9 * 0.9
		}
		if math.Abs(got["contribution/grad/w"]-grad) > 1e-12 {
			t.Errorf("clipped at %v: gradient %v, want %v", clip, got["contribution/grad/w"], grad)
		}
	}
}

// TestOptimizers: inner steps of momentum and Adam by hand, and their derivative by
// central differences of the loss.
func TestOptimizers(t *testing.T) {
	const x, y, rate, h = -1, 0.5, 0.1, 1e-5
	adapt := map[string]func(w float64) float64{
		"momentum": func(w float64) float64 {
			v := 0.0
			for range 3 {
				v = 0.9*v + (w - x)
				w -= rate * v
			}
			return w
		},
		"adam": func(w float64) float64 {
			m, v := 0.0, 0.0
			for k := 1.0; k <= 3; k++ {
				g := w - x
				m, v = 0.9*m+0.1*g, 0.999*v+0.001*g*g
				w -= rate * m / (1 - math.Pow(0.9, k)) /
					(math.Sqrt(v/(1-math.Pow(0.999, k))) + 1e-8)
			}
			return w
		},
	}
	for name, adapted := range adapt {
		loss := func(w float64) float64 { return (adapted(w) - y) * (adapted(w) - y) / 2 }
		got := metatest.BowlStep(t, maml, func(c *config) {
			c.InnerSteps, c.InnerLR, c.InnerOptimizer = 3, schema.Constant(rate), name
		}, metatest.Bowl{W: 2, Support: x, Query: y})
		for what, want := range map[string]float64{"contribution/loss": loss(2),
			"contribution/grad/w": (loss(2+h) - loss(2-h)) / (2 * h)} {
			if math.Abs(got[what]-want) > 1e-7 {
				t.Errorf("%s: %s is %v, want %v", name, what, got[what], want)
			}
		}
	}
}

// On ½ (w − x)² a step is w′ = s + (1 − α)(w − s), and the outer derivative has a
// factor 1 − α for each, but for the first order.
func TestByHand(t *testing.T) {
	for _, firstOrder := range []bool{false, true} {
		const weight = 0.25 // of the outer loss alone
		got := metatest.BowlStep(t, maml, func(c *config) {
			c.InnerSteps, c.InnerLR, c.FirstOrder = 3, schema.Constant(0.1), firstOrder
		}, metatest.Bowl{W: 2, Support: -1, Query: 0.5, Weight: weight})
		shrink := math.Pow(0.9, 3)
		adapted := -1 + shrink*(2+1)
		grad := weight * (adapted - 0.5)
		if !firstOrder {
			grad *= shrink
		}
		for name, want := range map[string]float64{
			"contribution/loss":   weight * (adapted - 0.5) * (adapted - 0.5) / 2,
			"contribution/grad/w": grad,
			"state/w":             2 - grad,
		} {
			if math.Abs(got[name]-want) > 1e-12 {
				t.Errorf("first order %v: %s is %v, want %v", firstOrder, name, got[name], want)
			}
		}
	}
}

func TestNothingToAdapt(t *testing.T) {
	value := []graph.Value{{Name: "backbone/w", DType: graph.Float32}}
	c := maml.New().(*config)
	c.Adapt = []string{"head/**"}
	_, err := maml.Trace(c,
		meta.Spec{Leaves: value, Support: value, Query: value, Episodes: 1, Tasks: 1})
	if err == nil || !strings.Contains(err.Error(),
		`no leaf of the model matches adapt = ["head/**"]`) {
		t.Errorf("error %v, want one about the patterns", err)
	}
}
