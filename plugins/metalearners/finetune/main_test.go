package main

import (
	"math"
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/meta/metatest"
	"quickstudy/framework/train/traintest"
)

func TestConformance(t *testing.T) {
	for _, adapt := range []string{"**", "heads/**"} {
		metatest.Run(t, finetune, func(c *config) { c.InnerSteps, c.Adapt = 2, []string{adapt} },
			metatest.Claims{Gradient: "grad", Loss: "loss"})
	}
}

func TestNothingToAdapt(t *testing.T) {
	value := []graph.Value{{Name: "backbone/w", DType: graph.Float32}}
	c := &config{meta.Descent{InnerSteps: 1, Adapt: []string{"head/**"}}}
	_, err := finetune.Trace(c,
		meta.Spec{Leaves: value, Support: value, Query: value, Episodes: 1, Tasks: 1})
	if err == nil || !strings.Contains(err.Error(),
		`no leaf of the model matches adapt = ["head/**"]`) {
		t.Errorf("error %v, want one about the patterns", err)
	}
}

// Support and query are plain data, and training does not adapt.
func TestByHand(t *testing.T) {
	for _, weight := range []float64{1, 0.25} { // of both sides alike
		got := metatest.BowlStep[config](t, finetune, nil,
			metatest.Bowl{W: 2, Support: -1, Query: 0.5, Weight: weight})
		for name, want := range map[string]float64{
			"contribution/loss":   weight * (3*3 + 1.5*1.5) / 4,
			"contribution/grad/w": weight * (3 + 1.5) / 2,
			"state/w":             2 - weight*(3+1.5)/2,
		} {
			if math.Abs(got[name]-want) > 1e-12 {
				t.Errorf("weight %v: %s is %v, want %v", weight, name, got[name], want)
			}
		}
	}
}

// TestSameBits: workers and interruptions change nothing.
func TestSameBits(t *testing.T) { traintest.SameBits[config](t, finetune, nil) }
