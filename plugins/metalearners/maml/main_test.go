package main

import (
	"math"
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/meta/metatest"
	"quickstudy/framework/schema"
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
		{"first order", func(c *config) { c.InnerSteps, c.FirstOrder = 3, true },
			metatest.Claims{}},
	} {
		t.Run(tt.name, func(t *testing.T) { metatest.Run(t, maml, tt.change, tt.claims) })
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
	_, err := maml.Trace(&config{InnerSteps: 1, Adapt: []string{"head/**"}},
		meta.Spec{Leaves: value, Support: value, Query: value, Episodes: 1, Tasks: 1})
	if err == nil || !strings.Contains(err.Error(),
		`no leaf of the model matches adapt = ["head/**"]`) {
		t.Errorf("error %v, want one about the patterns", err)
	}
}
