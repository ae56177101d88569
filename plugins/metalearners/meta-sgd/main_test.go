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
	gradient := metatest.Claims{Gradient: "grad", Loss: "loss"}
	metatest.Run[config](t, metaSGD, nil, gradient)
	metatest.Run(t, metaSGD, func(c *config) { c.InnerSteps, c.InnerLR = 3, 0.1 }, gradient)
	metatest.Run(t, metaSGD, func(c *config) { c.Adapt = []string{"heads/**"} }, gradient)
	metatest.Run(t, metaSGD, func(c *config) { c.FirstOrder = true }, metatest.Claims{})
}

func TestSameBits(t *testing.T) { traintest.SameBits[config](t, metaSGD, nil) }

// On ½ (w − x)² two steps of rate α give w′ − x = (1 − α)² (w − x), and the derivative by
// α is −2 (1 − α) (w − x) times the error.
func TestByHand(t *testing.T) {
	const w, x, y, alpha = 2.0, -1.0, 0.5, 0.1
	got := metatest.BowlStep(t, metaSGD, func(c *config) { c.InnerSteps, c.InnerLR = 2, alpha },
		metatest.Bowl{W: w, Support: x, Query: y})
	left := (1 - alpha) * (1 - alpha)
	e := x + left*(w-x) - y
	byRate := -2 * (1 - alpha) * (w - x) * e
	for name, want := range map[string]float64{
		"contribution/loss": e * e / 2, "contribution/grad/theta/w": left * e,
		"contribution/grad/rates/w": byRate, "state/w": w - left*e, "state/rates/w": alpha - byRate,
	} {
		if math.Abs(got[name]-want) > 1e-6 {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

func TestNothingToAdapt(t *testing.T) {
	value := []graph.Value{{Name: "backbone/w", DType: graph.Float32}}
	c := metaSGD.New().(*config)
	c.Adapt = []string{"head/**"}
	_, err := metaSGD.Trace(c,
		meta.Spec{Leaves: value, Support: value, Query: value, Episodes: 1, Tasks: 1})
	if err == nil || !strings.Contains(err.Error(),
		`no leaf of the model matches adapt = ["head/**"]`) {
		t.Errorf("error %v, want one about the patterns", err)
	}
}
