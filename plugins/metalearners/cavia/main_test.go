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

// context makes the toy model's biases context.
func context(c *config) { c.Adapt = []string{"backbone/b"} }

func TestConformance(t *testing.T) {
	metatest.Run(t, cavia, context, metatest.Claims{Gradient: "grad", Loss: "loss"})
	metatest.Run(t, cavia, func(c *config) {
		context(c)
		c.InnerSteps, c.InnerOptimizer, c.InnerLR = 3, "adam", schema.Constant(0.1)
	}, metatest.Claims{Gradient: "grad", Loss: "loss"})
	metatest.Run(t, cavia, func(c *config) {
		context(c)
		c.FirstOrder = true
	}, metatest.Claims{})
}

func TestSameBits(t *testing.T) {
	traintest.SameBits(t, cavia, func(c *config) { c.Adapt = []string{"backbone/**/bias"} })
}

// Where all is context, it begins at zero whatever the state, and nothing is learned.
func TestByHand(t *testing.T) {
	got := metatest.BowlStep(t, cavia, func(c *config) {
		c.Adapt, c.InnerLR, c.InnerSteps = []string{"w"}, schema.Constant(0.1), 2
	}, metatest.Bowl{W: 2, Support: -1, Query: 0.5})
	adapted := -1 + 0.9*0.9*1
	for name, want := range map[string]float64{
		"contribution/loss": (adapted - 0.5) * (adapted - 0.5) / 2, "contribution/grad/w": 0,
		"state/w": 0,
	} {
		if math.Abs(got[name]-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

func TestNoContext(t *testing.T) {
	value := []graph.Value{{Name: "backbone/w", DType: graph.Float32}}
	_, err := cavia.Trace(cavia.New(),
		meta.Spec{Leaves: value, Support: value, Query: value, Episodes: 1, Tasks: 1})
	if err == nil || !strings.Contains(err.Error(), `no leaf of the model matches adapt = `) {
		t.Errorf("error %v, want one about the patterns", err)
	}
}
