package main

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/meta/metatest"
	"quickstudy/framework/optim"
	"quickstudy/framework/passes"
	"quickstudy/framework/train/traintest"
)

func TestConformance(t *testing.T) { // at progress 0.3
	gradient := metatest.Claims{Gradient: "grad", Loss: "loss"}
	for _, shares := range [][2]float64{{0, 0}, {0.1, 0.2}, {1, 0.3}} {
		metatest.Run(t, mamlPlusPlus, func(c *config) {
			c.InnerSteps, c.MultiStepShare, c.FirstOrderShare = 3, shares[0], shares[1]
		}, gradient)
	}
	metatest.Run(t, mamlPlusPlus, func(c *config) { c.Adapt = []string{"heads/**"} }, gradient)
	metatest.Run(t, mamlPlusPlus, func(c *config) { c.InnerSteps, c.FirstOrderShare = 3, 0.5 },
		metatest.Claims{})
}

func TestSameBits(t *testing.T) {
	traintest.SameBits(t, mamlPlusPlus, func(c *config) { c.InnerSteps = 2 })
}

// On ½ (w − x)² with rate α for both steps, w_k − x = (1 − α)^k (w − x).
func TestByHand(t *testing.T) {
	const w, x, y, alpha = 2.0, -1.0, 0.5, 0.1
	for _, tt := range []struct {
		progress, multiStep, firstOrder float64
		first                           float64 // v_1
		order                           int
	}{
		{0, 0.5, 0, 0.5, 2}, {0.25, 0.5, 0, 0.25, 2}, {0.75, 0.5, 0, 0, 2}, {0.1, 0, 0.2, 0, 1},
		{0.3, 0, 0.2, 0, 2},
	} {
		got := metatest.BowlStep(t, mamlPlusPlus, func(c *config) {
			c.InnerSteps, c.InnerLR = 2, alpha
			c.MultiStepShare, c.FirstOrderShare = tt.multiStep, tt.firstOrder
		}, metatest.Bowl{W: w, Support: x, Query: y, Progress: tt.progress})
		left := 1 - alpha
		e1, e2 := x+left*(w-x)-y, x+left*left*(w-x)-y
		loss := tt.first*e1*e1/2 + (1-tt.first)*e2*e2/2
		grad := tt.first*left*e1 + (1-tt.first)*left*left*e2
		if tt.order == 1 {
			grad = e2
		}
		for name, want := range map[string]float64{"contribution/loss": loss,
			"contribution/grad/theta/w": grad} {
			if math.Abs(got[name]-want) > 1e-6 {
				t.Errorf("%+v: %s is %v, want %v", tt, name, got[name], want)
			}
		}
		// The first step's rate: ∂w_1/∂α_1 = −(w − x), which the second step scales.
		first := -(w - x) * (tt.first*e1 + (1-tt.first)*left*e2)
		if tt.order == 1 {
			first = -(w - x) * e2
		}
		if math.Abs(got["contribution/grad/rates/w"]-first) > 1e-6 {
			t.Errorf("%+v: derivative by the first rate %v, want %v", tt,
				got["contribution/grad/rates/w"], first)
		}
	}
}

// TestStepsBeyond: a step that was not trained takes the rate of the last one that was.
func TestStepsBeyond(t *testing.T) {
	value := []graph.Value{{Name: "w", DType: graph.Float32}}
	side := []graph.Value{{Name: "x", DType: graph.Float32}}
	c := mamlPlusPlus.New().(*config)
	c.InnerSteps = 2
	p, err := mamlPlusPlus.Trace(c, meta.Spec{Leaves: value, Support: side, Query: side,
		Episodes: 1, Tasks: 1, TotalWeight: 1, Optimizer: &optim.Config{Kind: "sgd"},
		Objectives: []meta.Objective{{Name: "bowl", Weight: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	bowl := func(args []*graph.Node) ([]*graph.Node, error) {
		e := graph.Sub(args[0], args[1])
		loss := graph.Mul(graph.Mul(e, e), graph.ConstLike(e, 0.5))
		return []*graph.Node{loss, graph.Reshape(loss, 1)}, nil
	}
	step, err := passes.Run(p.Adapt.Step, map[string]passes.Body{meta.LossName("support"): bowl},
		passes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	compiled := exectest.Compile(t, step, reference.Double)
	for k, rate := range []float64{0.1, 0.3, 0.3, 0.3} {
		got := compiled.Run(t, exectest.Values{"fast/theta/w": {2}, "fast/rates/w": {0.1, 0.3},
			"state/theta/w": {2}, "state/rates/w": {0.1, 0.3}, "support/x": {-1}, "key": {1, 2},
			"k": {float64(k)}, "progress": {1}})["fast/theta/w"]
		exectest.Near(t, fmt.Sprint("step ", k), got, []float64{2 - rate*3}, 1e-12)
	}
}

func TestNothingToAdapt(t *testing.T) {
	value := []graph.Value{{Name: "backbone/w", DType: graph.Float32}}
	c := mamlPlusPlus.New().(*config)
	c.Adapt = []string{"head/**"}
	_, err := mamlPlusPlus.Trace(c,
		meta.Spec{Leaves: value, Support: value, Query: value, Episodes: 1, Tasks: 1})
	if err == nil || !strings.Contains(err.Error(),
		`no leaf of the model matches adapt = ["head/**"]`) {
		t.Errorf("error %v, want one about the patterns", err)
	}
}
