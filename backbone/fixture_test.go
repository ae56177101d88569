package backbone_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"quickstudy/backbone"
	"quickstudy/framework/exec"
	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

type array struct {
	Shape []int
	Data  []float64
}

type fixture struct {
	Backbone struct {
		Layers, Width, Heads, MLP, Vocabulary, Features int
		MaxLength                                       int `json:"max_length"`
		Activation, Positions, Pooling                  string
	}
	Objective                   struct{ Name, Kind string }
	Batch, Parameters, Gradient map[string]array
	Pooled, Prediction          array
	Loss                        float64
}

// TestPyTorch compares forward pass, loss and every gradient with PyTorch's.
func TestPyTorch(t *testing.T) {
	for _, name := range []string{
		"encoder", "encoder_relu", "encoder_first", "encoder_positions_none", "encoder_numeric",
	} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile("../framework/train/testdata/fixtures/" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var f fixture
			if err := json.Unmarshal(data, &f); err != nil {
				t.Fatal(err)
			}
			got := run(t, f)
			near(t, "loss", got["loss"], []float64{f.Loss}, 1e-9)
			// The last row is padding only: its pooled value is a choice.
			n := 4 * f.Backbone.Width
			near(t, "pooled", got["pooled"][:n], f.Pooled.Data[:n], 1e-9)
			for address, want := range f.Gradient {
				near(t, address, got[address], want.Data, 1e-9)
			}
		})
	}
}

func run(t *testing.T, f fixture) map[string][]float64 {
	t.Helper()
	a := f.Backbone
	config := backbone.Config{
		Kind: "encoder", Layers: a.Layers, Width: a.Width, Heads: a.Heads, MLP: a.MLP,
		Activation: a.Activation, Positions: a.Positions, Pooling: a.Pooling,
	}
	if a.Vocabulary > 0 {
		config.Tokens = &backbone.Tokens{Vocabulary: a.Vocabulary, MaxLength: a.MaxLength}
	} else {
		config.Numeric = &backbone.Numeric{Features: a.Features, MaxLength: a.MaxLength}
	}
	model, err := backbone.New(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range model.Leaves() {
		if !slices.Equal(leaf.Shape, f.Parameters[leaf.Address].Shape) {
			t.Errorf("%s: shape %v, want %v", leaf.Address, leaf.Shape, f.Parameters[leaf.Address].Shape)
		}
	}
	all := maps.Clone(f.Parameters)
	maps.Copy(all, f.Batch)
	nodes := map[string]*graph.Node{}
	var params, leaves []*graph.Node
	var args []*tensor.Dense
	addresses := slices.Sorted(maps.Keys(f.Parameters))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		x := all[name]
		dtype, backing := graph.Float64, any(x.Data)
		if strings.HasSuffix(name, "/tokens") && !strings.HasPrefix(name, "backbone/") || strings.HasSuffix(name, "/class") {
			ids := make([]int32, len(x.Data))
			for i, v := range x.Data {
				ids[i] = int32(v)
			}
			dtype, backing = graph.Int32, ids
		}
		nodes[name] = graph.Param(name, dtype, x.Shape)
		params = append(params, nodes[name])
		if len(x.Shape) == 0 {
			args = append(args, tensor.New(tensor.FromScalar(x.Data[0])))
		} else {
			args = append(args, tensor.New(tensor.WithShape(x.Shape...), tensor.WithBacking(backing)))
		}
	}
	for _, address := range addresses {
		leaves = append(leaves, nodes[address])
	}
	traced, err := graph.Trace("loss", func() *graph.Func {
		encoded := model.Encode(func(address string) *graph.Node { return nodes[address] }, backbone.Inputs{
			Tokens: nodes["input/tokens"], Numeric: nodes["input/numeric"], Mask: nodes["input/mask"],
		}, nil, true)
		o := f.Objective.Name
		y := nn.Linear(encoded.Pooled, nodes["heads/"+o+"/w"], nodes["heads/"+o+"/b"])
		var each *graph.Node
		if f.Objective.Kind == "classification" {
			each = nn.CrossEntropy(y, nodes[o+"/class"], nodes[o+"/class_mask"])
		} else {
			each = nn.SquaredError(graph.Reshape(y, -1), nodes[o+"/value"])
		}
		loss := graph.Mul(graph.Sum(graph.Mul(each, nodes[o+"/weight"])), nodes[o+"/inverse_weight"])
		results := []graph.Result{{Name: "loss", Node: loss}, {Name: "pooled", Node: encoded.Pooled}}
		for i, g := range graph.Grad(loss, leaves...) {
			results = append(results, graph.Result{Name: addresses[i], Node: g})
		}
		return &graph.Func{Name: "loss", Params: params, Results: results}
	})
	if err != nil {
		t.Fatal(err)
	}
	if traced, err = graph.ExpandGrads(traced); err != nil {
		t.Fatal(err)
	}
	program, err := exec.Compile(traced, exec.Double)
	if err != nil {
		t.Fatal(err)
	}
	values, err := program.Run(args)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]float64{}
	for i, v := range values {
		switch data := v.Data().(type) {
		case []float64:
			out[traced.Results[i].Name] = data
		case float64:
			out[traced.Results[i].Name] = []float64{data}
		}
	}
	return out
}

func near(t *testing.T, name string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d elements, want %d", name, len(got), len(want))
		return
	}
	var distance, size float64
	for i := range want {
		distance += (got[i] - want[i]) * (got[i] - want[i])
		size += want[i] * want[i]
	}
	limit := tol * max(math.Sqrt(size), 1e-3*math.Sqrt(float64(len(want))))
	if !(math.Sqrt(distance) <= limit) {
		t.Errorf("%s: distance %v, want at most %v", name, math.Sqrt(distance), limit)
	}
}
