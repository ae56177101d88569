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
	for _, optimizer := range []string{"sgd", "adam"} {
		t.Run(optimizer, func(t *testing.T) {
			metatest.Run(t, reptile, func(c *config) { c.InnerOptimizer = optimizer },
				metatest.Claims{NeedsSupport: true})
			metatest.Run(t, reptile, func(c *config) {
				c.InnerOptimizer, c.Adapt = optimizer, []string{"heads/**"}
			}, metatest.Claims{NeedsSupport: true})
		})
	}
}

func TestNothingToAdapt(t *testing.T) {
	value := []graph.Value{{Name: "backbone/w", DType: graph.Float32}}
	c := *reptile.New().(*config)
	c.Adapt = []string{"head/**"}
	_, err := reptile.Trace(&c,
		meta.Spec{Leaves: value, Support: value, Query: value, Episodes: 1, Tasks: 1})
	if err == nil || !strings.Contains(err.Error(),
		`no leaf of the model matches adapt = ["head/**"]`) {
		t.Errorf("error %v, want one about the patterns", err)
	}
}

// On ½ (w − x)² a step is W = s + (1 − α)(W − s); Adam with β₁ = 0 and one
// gradient moves by its rate, whatever the gradient.
func TestByHand(t *testing.T) {
	bowl := metatest.Bowl{W: 2, Support: -1, Query: 0.5, Progress: 0.5}
	for _, tt := range []struct {
		optimizer string
		steps     int
		adapted   float64
	}{{"sgd", 3, -1 + math.Pow(0.9, 3)*3}, {"adam", 1, 2 - 0.1}} {
		got := metatest.BowlStep(t, reptile, func(c *config) {
			c.InnerSteps, c.InnerLR, c.InnerOptimizer = tt.steps, schema.Constant(0.1), tt.optimizer
			c.Epsilon = schema.Linear(1, 0)
		}, bowl)
		for name, want := range map[string]float64{
			"contribution/delta/w": tt.adapted - 2,
			"contribution/loss":    (tt.adapted - 0.5) * (tt.adapted - 0.5) / 2,
			"state/w":              2 + 0.5*(tt.adapted-2),
		} {
			if math.Abs(got[name]-want) > 1e-8 {
				t.Errorf("%s: %s is %v, want %v", tt.optimizer, name, got[name], want)
			}
		}
	}
}

// Weights leave the inner steps alone; among tasks the mean is weighted by them.
func TestWeights(t *testing.T) {
	bowl := metatest.Bowl{W: 2, Support: -1, Query: 0.5, Weight: 0.5}
	for _, tt := range []struct {
		tasks int
		total float64
		want  float64 // W − φ after one step of rate 0.1
	}{{1, 0.5, -0.3}, {2, 2, -0.15}, {2, 0.5, -0.6}} {
		bowl.Tasks, bowl.TotalWeight = tt.tasks, tt.total
		got := metatest.BowlStep(t, reptile, func(c *config) {
			c.InnerSteps, c.InnerLR = 1, schema.Constant(0.1)
		}, bowl)["contribution/delta/w"]
		if math.Abs(got-tt.want) > 1e-8 {
			t.Errorf("weight 0.5 of %v over %d tasks: moved by %v, want %v", tt.total, tt.tasks, got,
				tt.want)
		}
	}
}

func TestNeedsSupport(t *testing.T) {
	value := []graph.Value{{Name: "backbone/w", DType: graph.Float32}}
	_, err := reptile.Trace(reptile.New(), meta.Spec{Leaves: value, Query: value, Episodes: 1,
		Tasks: 1})
	if err == nil || !strings.Contains(err.Error(), "ordinary batches without support") {
		t.Errorf("error %v, want one about the support", err)
	}
}

// TestSameBits: workers and interruptions change nothing.
func TestSameBits(t *testing.T) { traintest.SameBits[config](t, reptile, nil) }
