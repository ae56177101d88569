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

// TestConformance: the gradient is one where the inner problem is solved: with a strong
// pull.
func TestConformance(t *testing.T) {
	claims := metatest.Claims{Gradient: "grad", Loss: "loss", Tolerance: 1e-5, NoDropout: true}
	for _, adapt := range []string{"**", "heads/**"} {
		metatest.Run(t, imaml, func(c *config) {
			c.Adapt = []string{adapt}
			c.Lambda, c.InnerSteps, c.InnerLR, c.CGSteps = 100, 9, schema.Constant(1./102), 4
		}, claims)
	}
	metatest.Run(t, imaml, func(c *config) { c.InnerSteps, c.CGSteps = 3, 2 },
		metatest.Claims{NoDropout: true})
}

func TestSameBits(t *testing.T) {
	traintest.SameBits(t, imaml, func(c *config) { c.InnerSteps, c.CGSteps = 3, 2 })
}

// On ½ (w − x)² the inner problem has the solution (x + λ w) / (1 + λ), whose derivative by w
// is λ / (1 + λ); one conjugate gradient finds it.
func TestByHand(t *testing.T) {
	const w, x, y, lambda = 2.0, -1.0, 0.5, 3.0
	got := metatest.BowlStep(t, imaml, func(c *config) {
		c.Lambda, c.InnerSteps, c.InnerLR, c.CGSteps = lambda, 1, schema.Constant(1/(1+lambda)), 3
	}, metatest.Bowl{W: w, Support: x, Query: y})
	e := (x+lambda*w)/(1+lambda) - y
	for name, want := range map[string]float64{"contribution/loss": e * e / 2,
		"contribution/grad/w": lambda / (1 + lambda) * e} {
		if math.Abs(got[name]-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

func TestNothingToAdapt(t *testing.T) {
	value := []graph.Value{{Name: "backbone/w", DType: graph.Float32}}
	c := imaml.New().(*config)
	c.Adapt = []string{"head/**"}
	_, err := imaml.Trace(c,
		meta.Spec{Leaves: value, Support: value, Query: value, Episodes: 1, Tasks: 1})
	if err == nil || !strings.Contains(err.Error(),
		`no leaf of the model matches adapt = ["head/**"]`) {
		t.Errorf("error %v, want one about the patterns", err)
	}
}
