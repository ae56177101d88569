package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/head/headtest"
	"quickstudy/framework/nn"
)

func TestConformance(t *testing.T) {
	for golden, target := range map[string]head.Target{
		"testdata/class.txt":          {Kind: head.ClassTarget, Classes: 3},
		"testdata/class_variable.txt": {Kind: head.ClassTarget, Classes: 3, VariableWay: true},
		"testdata/value.txt":          {Kind: head.ValueTarget},
	} {
		t.Run(golden, func(t *testing.T) {
			headtest.Run(t, inContext, func(c *config) { c.Layers, c.Heads = 1, 2 },
				headtest.Use{Target: target, Support: true, Golden: golden})
		})
	}
}

// TestPyTorch: the layers are torch.nn.TransformerEncoderLayer over support and query with
// a mask; see tools/fixtures/in_context.py.
func TestPyTorch(t *testing.T) {
	data, err := os.ReadFile("testdata/torch.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Layers, Heads int
		X, Context    [][]float64
		Weight        []float64
		Parameters    map[string]struct {
			Shape graph.Shape
			Data  []float64
		}
		Read []float64
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	args := exectest.Values{"x": slices.Concat(want.X...),
		"context": slices.Concat(want.Context...), "weight": want.Weight}
	f, err := graph.Trace("read", func() *graph.Func {
		f := &graph.Func{Name: "read"}
		declared := map[string]*graph.Node{}
		declare := func(name string, shape ...int) *graph.Node {
			if declared[name] == nil {
				declared[name] = graph.Param(name, graph.Float32, shape)
				f.Params = append(f.Params, declared[name])
			}
			return declared[name]
		}
		d := len(want.X[0])
		c := config{Layers: want.Layers, Heads: want.Heads}
		read := c.read(func(name string, shape graph.Shape, _ nn.Init) *graph.Node {
			p, there := want.Parameters[name]
			if !there || !p.Shape.Equal(shape) {
				t.Errorf("parameter %s of shape %v, the fixture has %v", name, shape, p.Shape)
			}
			args[name] = p.Data
			return declare(name, shape...)
		}, declare("x", len(want.X), d), declare("context", len(want.Context), d),
			declare("weight", len(want.Weight)))
		f.Results = []graph.Result{{Name: "read", Node: read}}
		return f
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(args) != 3+len(want.Parameters) {
		t.Errorf("%d parameters, want %d", len(args)-3, len(want.Parameters))
	}
	got := exectest.Compile(t, f, reference.Double).Run(t, args)["read"]
	exectest.Near(t, "read", got, want.Read, 1e-9)
}

func TestRefuses(t *testing.T) {
	spec := head.Spec{Width: 8, Batch: 4, Sets: []head.Length{{Set: head.Input, Positions: 6}},
		Target: head.Target{Kind: head.ClassTarget, Classes: 3}}
	_, err := inContext.Trace(inContext.New(), spec)
	if err == nil || !strings.Contains(err.Error(), "there is no support; give the task episodes") {
		t.Errorf("got error %v", err)
	}
}
