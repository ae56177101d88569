package reference_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

type torchTensor struct {
	Shape graph.Shape
	Data  []float64
}

// torchFunctions is ops.json, described in tools/fixtures/README.md.
type torchFunctions struct {
	Elementwise []struct {
		Op                      string
		X, Value, First, Second torchTensor
	}
	Rowwise []struct {
		Op                string
		Inputs, Direction map[string]torchTensor
		Cotangent, Value  torchTensor
		Gradient          map[string]torchTensor
		HessianVector     map[string]torchTensor `json:"hessian_vector"`
	}
}

// torchPrecisions are the bounds on an error relative to the wanted value or to floor,
// whichever is larger. Below the floors the tails of tanh and GELU cancel.
var torchPrecisions = []struct {
	name             string
	precision        reference.Precision
	tolerance, floor float64
}{{"double", reference.Double, 1e-12, 1e-3}, {"single", reference.Single, 2e-6, 1}}

func TestFunctionsAgainstPyTorch(t *testing.T) {
	data, err := os.ReadFile("../../train/testdata/fixtures/ops.json")
	if err != nil {
		t.Fatal(err)
	}
	var want torchFunctions
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	elementwise := map[string]func(*graph.Node) *graph.Node{
		"erf": graph.Erf, "exp": graph.Exp, "log": graph.Log, "tanh": graph.Tanh, "gelu": nn.GELU,
	}
	rowwise := map[string]func(map[string]*graph.Node) *graph.Node{
		"softmax":     func(in map[string]*graph.Node) *graph.Node { return nn.Softmax(in["x"]) },
		"log_softmax": func(in map[string]*graph.Node) *graph.Node { return nn.LogSoftmax(in["x"]) },
		"layer_norm": func(in map[string]*graph.Node) *graph.Node {
			return nn.LayerNorm(in["x"], in["scale"], in["bias"])
		},
	}
	for _, p := range torchPrecisions {
		compare := func(t *testing.T, name string, got, want []float64) {
			t.Helper()
			for i, w := range want {
				if d := math.Abs(got[i] - w); !(d <= p.tolerance*math.Max(math.Abs(w), p.floor)) {
					t.Errorf("%s: element %d is %v, want %v", name, i, got[i], w)
				}
			}
		}
		for _, row := range want.Elementwise {
			t.Run(row.Op+"/"+p.name, func(t *testing.T) {
				x := graph.Param("x", graph.Float32, row.X.Shape)
				got := exectest.Compile(t, exectest.Trace(t, func() *graph.Func {
					y := elementwise[row.Op](x)
					first := graph.Grad(graph.Sum(y), x)[0]
					return &graph.Func{Params: []*graph.Node{x}, Results: []graph.Result{
						{Name: "value", Node: y},
						{Name: "first", Node: first},
						{Name: "second", Node: graph.Grad(graph.Sum(first), x)[0]},
					}}
				}), p.precision).Run(t, exectest.Values{"x": row.X.Data})
				compare(t, "value", got["value"], row.Value.Data)
				compare(t, "first derivative", got["first"], row.First.Data)
				compare(t, "second derivative", got["second"], row.Second.Data)
			})
		}
		for _, row := range want.Rowwise {
			t.Run(row.Op+"/"+p.name, func(t *testing.T) {
				in, args, along := map[string]*graph.Node{}, exectest.Values{}, exectest.Values{}
				var params []*graph.Node
				for _, name := range slices.Sorted(maps.Keys(row.Inputs)) {
					in[name] = graph.Param(name, graph.Float32, row.Inputs[name].Shape)
					params = append(params, in[name])
					args[name], along[name] = row.Inputs[name].Data, row.Direction[name].Data
				}
				got := exectest.Compile(t, exectest.Trace(t, func() *graph.Func {
					y := rowwise[row.Op](in)
					c := graph.Const(y.DType(), y.Shape(), row.Cotangent.Data)
					results := exectest.Derivatives(graph.Sum(graph.Mul(c, y)), along, params...)
					return &graph.Func{Params: params, Results: append(results, graph.Result{Name: "y", Node: y})}
				}), p.precision).Run(t, args)
				compare(t, "value", got["y"], row.Value.Data)
				for name, g := range row.Gradient {
					compare(t, "gradient/"+name, got["gradient/"+name], g.Data)
					compare(t, "second/"+name, got["second/"+name], row.HessianVector[name].Data)
				}
			})
		}
	}
}
