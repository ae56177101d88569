package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/optim"
)

type tree map[string]struct {
	Shape []int
	Data  []float64
}

// TestPyTorch follows ten steps of PyTorch's optimizers.
func TestPyTorch(t *testing.T) {
	data, err := os.ReadFile("../train/testdata/fixtures/optim.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Initial   tree
		Gradients []tree
		Runs      []struct {
			Optimizer string
			Settings  map[string]float64
			After     []tree `json:"parameters_after"`
		}
	}
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	for _, r := range f.Runs {
		s := r.Settings
		c := optim.Config{
			Kind: r.Optimizer, Momentum: s["momentum"], Beta1: s["beta1"], Beta2: s["beta2"],
			Epsilon: s["epsilon"], WeightDecay: s["weight_decay"],
		}
		for name, start := range f.Initial {
			n := len(start.Data)
			program := compile(t, c, n, s["learning_rate"])
			state := [][]float64{start.Data}
			for range c.Slots() {
				state = append(state, make([]float64, n))
			}
			for i, g := range f.Gradients {
				args := []*tensor.Dense{vector(g[name].Data), vector([]float64{float64(i + 1)})}
				for _, v := range state {
					args = append(args, vector(v))
				}
				out, err := program.Run(args)
				if err != nil {
					t.Fatal(err)
				}
				for j := range state {
					state[j] = out[j].Data().([]float64)
				}
				for j, want := range r.After[i][name].Data {
					if got := state[0][j]; !(math.Abs(got-want) <= 1e-12*max(1, math.Abs(want))) {
						t.Errorf("%s, %s[%d], step %d: %v, want %v", r.Optimizer, name, j, i+1, got, want)
					}
				}
			}
		}
	}
}

func vector(v []float64) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(v)), tensor.WithBacking(append([]float64(nil), v...)))
}

// compile returns one step: (gradient, step, parameter, slots...) → (parameter, slots...).
func compile(t *testing.T, c optim.Config, n int, rate float64) *reference.Program {
	t.Helper()
	f, err := graph.Trace("step", func() *graph.Func {
		g := graph.Param("g", graph.Float64, graph.Shape{n})
		step := graph.Param("step", graph.Float64, graph.Shape{1})
		p := graph.Param("p", graph.Float64, graph.Shape{n})
		params := []*graph.Node{g, step, p}
		var slots []*graph.Node
		for _, name := range c.Slots() {
			slots = append(slots, graph.Param(name, graph.Float64, graph.Shape{n}))
		}
		next, kept := c.Update(p, g, slots, graph.Scalar(graph.Float64, rate), graph.Reshape(step))
		results := []graph.Result{{Name: "p", Node: next}}
		for i, name := range c.Slots() {
			results = append(results, graph.Result{Name: name, Node: kept[i]})
		}
		return &graph.Func{Name: "step", Params: append(params, slots...), Results: results}
	})
	if err != nil {
		t.Fatal(err)
	}
	program, err := reference.Compile(f, reference.Double)
	if err != nil {
		t.Fatal(err)
	}
	return program
}
