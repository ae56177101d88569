package main

import (
	"math"
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/meta/metatest"
)

func TestConformance(t *testing.T) {
	for _, normalize := range []bool{false, true} {
		metatest.Run(t, mtl, func(c *config) { c.Normalize = normalize },
			metatest.Claims{Gradient: "grad", Loss: "loss"})
	}
}

// The weights are used as given, or divided by their sum over all tasks.
func TestByHand(t *testing.T) {
	for _, tt := range []struct {
		normalize bool
		share     float64
	}{{false, 1}, {true, 0.25}} {
		got := metatest.BowlStep(t, mtl, func(c *config) { c.Normalize = tt.normalize },
			metatest.Bowl{W: 2, Support: -1, Query: 0.5, TotalWeight: 4})
		for name, want := range map[string]float64{
			"contribution/loss": tt.share * 1.5 * 1.5 / 2, "contribution/grad/w": tt.share * 1.5,
			"state/w": 2 - tt.share*1.5,
		} {
			if math.Abs(got[name]-want) > 1e-12 {
				t.Errorf("normalize %v: %s is %v, want %v", tt.normalize, name, got[name], want)
			}
		}
	}
}

func TestNoWeight(t *testing.T) {
	value := []graph.Value{{Name: "backbone/w", DType: graph.Float32}}
	_, err := mtl.Trace(&config{Normalize: true}, meta.Spec{Leaves: value, Query: value, Tasks: 1})
	if err == nil || !strings.Contains(err.Error(), "sum of the weights, which is 0") {
		t.Errorf("error %v, want one about the weights", err)
	}
}
