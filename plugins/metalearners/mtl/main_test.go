package main

import (
	"math"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/meta/metatest"
	"quickstudy/framework/optim"
	"quickstudy/framework/schema"
	"quickstudy/framework/train/traintest"
)

// names are all methods, as the schema lists them.
func names(t *testing.T) []string {
	t.Helper()
	s, err := schema.Of(mtl.New())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range s.Attributes {
		if a.Name == "weighting" {
			return a.OneOf
		}
	}
	t.Fatal("no weighting")
	return nil
}

func TestConformance(t *testing.T) {
	for _, name := range names(t) {
		claims := metatest.Claims{Gradient: "shared", Loss: "losses"}
		if name == "fixed" || name == "uncertainty" {
			claims = metatest.Claims{Gradient: "grad", Loss: "loss"}
		}
		t.Run(name, func(t *testing.T) {
			metatest.Run(t, mtl, func(c *config) { c.Weighting, c.Normalize = name, true }, claims)
		})
	}
	t.Run("imtl without scales", func(t *testing.T) {
		metatest.Run(t, mtl, func(c *config) { c.Weighting, c.IMTL.BalanceLosses = "imtl", false },
			metatest.Claims{Gradient: "own", Loss: "losses"})
	})
}

// The weights are used as given, or divided by their sum over all tasks.
func TestFixed(t *testing.T) {
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
	_, err := mtl.Trace(&config{Weighting: "fixed", Normalize: true},
		meta.Spec{Leaves: value, Query: value, Tasks: 1})
	if err == nil || !strings.Contains(err.Error(), "sum of the weights, which is 0") {
		t.Errorf("error %v, want one about the weights", err)
	}
}

func TestNothingShared(t *testing.T) {
	value := []graph.Value{{Name: "backbone/w", DType: graph.Float32}}
	c := mtl.New().(*config)
	c.Weighting, c.Shared = "mgda", []string{"backbones/**"}
	_, err := mtl.Trace(c, meta.Spec{Leaves: value, Query: value, Episodes: 1, Tasks: 1})
	if err == nil || !strings.Contains(err.Error(),
		`no leaf of the model matches shared = ["backbones/**"]`) {
		t.Errorf("error %v, want one about the patterns", err)
	}
}

// TestSharedByDefault: adapters of the backbone that all tasks have are shared, private ones not.
func TestSharedByDefault(t *testing.T) {
	c := mtl.New().(*config)
	c.Weighting = "mgda"
	var leaves []graph.Value
	for _, address := range []string{"backbone/w", "adapters/backbone/w/lora", "heads/h",
		"private/x/adapters/backbone/w/lora"} {
		leaves = append(leaves, graph.Value{Name: address, DType: graph.Float32})
	}
	p, err := mtl.Trace(c, meta.Spec{Leaves: leaves, Query: leaves, Episodes: 1, Tasks: 1,
		Optimizer: &optim.Config{Kind: "sgd"}})
	if err != nil {
		t.Fatal(err)
	}
	var shared []string
	for _, x := range p.Update.Signature().Params {
		if address, ok := strings.CutPrefix(x.Name, "contribution/shared/"); ok {
			shared = append(shared, address)
		}
	}
	slices.Sort(shared)
	if want := []string{"adapters/backbone/w/lora", "backbone/w"}; !slices.Equal(shared, want) {
		t.Errorf("shared are %q, want %q", shared, want)
	}
}

// TestSameBits: workers and interruptions change nothing, and losses stay numbers.
func TestSameBits(t *testing.T) {
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			for i, loss := range traintest.SameBits(t, mtl, func(c *config) {
				c.Weighting, c.DWA.Window = name, 2
			}) {
				if math.IsNaN(loss) {
					t.Errorf("step %d: loss %v", i, loss)
				}
			}
		})
	}
}

// TestUncertainty: with s the logarithm of a variance, w and s descend on ½ e^(−s) L + ½ s.
func TestUncertainty(t *testing.T) {
	const s, loss = -0.4, 1.5 * 1.5 / 2
	got := metatest.BowlStep(t, mtl, func(c *config) {
		c.Weighting, c.Uncertainty.Initial = "uncertainty", s
	}, metatest.Bowl{W: 2, Query: 0.5})
	for name, want := range map[string]float64{
		"contribution/loss": math.Exp(-s) / 2 * loss, "state/w": 2 - math.Exp(-s)/2*1.5,
		"state/tasks/log_variance": s - (1-math.Exp(-s)*loss)/2,
	} {
		if math.Abs(got[name]-want) > 1e-6 {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

// TestFAMO takes two updates by the formulas of Algorithm 1, of gradients and losses that
// are given, the second task absent in the last.
func TestFAMO(t *testing.T) {
	c := mtl.New().(*config)
	c.Weighting = "famo"
	leaf := []graph.Value{{Name: "backbone/w", DType: graph.Float32}}
	p, err := mtl.Trace(c, meta.Spec{Leaves: leaf, Query: leaf, Episodes: 2, Tasks: 2,
		Optimizer: &optim.Config{Kind: "sgd"}})
	if err != nil {
		t.Fatal(err)
	}
	update := exectest.Compile(t, p.Update, reference.Double)
	settle := exectest.Compile(t, p.Settle, reference.Double)
	args := exectest.Values{"state/theta/backbone/w": {1}, "state/tasks/logits": {0.2, -0.1},
		"contribution/shared/backbone/w": {3, -1}, "contribution/losses": {2, 0.5},
		"contribution/loss": {2.5}, "rate": {0.1}, "step": {1}, "present/backbone/w": {1},
		"present": {1, 1}}
	z := softmax([]float64{0.2, -0.1})
	share := []float64{z[0] / 2, z[1] / 0.5}
	step := (3*share[0] - share[1]) / (share[0] + share[1])
	exectest.Near(t, "w", update.Run(t, args)["state/theta/backbone/w"],
		[]float64{1 - 0.1*step}, 1e-9)

	args["contribution/before"], args["contribution/after"] = []float64{2, 0.5}, []float64{1.5, 0.6}
	fall := []float64{math.Log(2 / 1.5), math.Log(0.5 / 0.6)}
	mean := z[0]*fall[0] + z[1]*fall[1]
	want := []float64{0.2 - 0.025*(z[0]*(fall[0]-mean)+0.001*0.2),
		-0.1 - 0.025*(z[1]*(fall[1]-mean)-0.001*0.1)}
	exectest.Near(t, "logits", settle.Run(t, args)["state/tasks/logits"], want, 1e-9)

	args["present"] = []float64{1, 0}
	exectest.Near(t, "w of one task", update.Run(t, args)["state/theta/backbone/w"],
		[]float64{1 - 0.1*3}, 1e-9)
	exectest.Near(t, "logits of one task", settle.Run(t, args)["state/tasks/logits"],
		[]float64{0.2 - 0.025*0.001*0.2, -0.1}, 1e-9)
}
