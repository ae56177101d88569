package link

import (
	"cmp"
	"strings"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
)

// tokens is the query of a task that predicts a token for every position of its input.
var tokens = []graph.Value{
	{Name: "input/tokens", DType: graph.Int32, Shape: graph.Shape{2, 3}},
	{Name: "input/mask", DType: graph.Float32, Shape: graph.Shape{2, 3}},
	{Name: "next/tokens", DType: graph.Int32, Shape: graph.Shape{2, 3}},
	{Name: "next/weight", DType: graph.Float32, Shape: graph.Shape{2, 3}},
	{Name: "next/inverse_weight", DType: graph.Float32},
}

func newTask(t *testing.T, input backbone.Config, trace func(t *head.Tracer) head.Outputs) (
	*Task, error) {
	t.Helper()
	input.Kind = cmp.Or(input.Kind, "encoder")
	input.Layers, input.Width, input.Heads, input.MLP = 1, 4, 2, 8
	input.Activation, input.Positions, input.Pooling = "gelu", "learned", "mean"
	transformer, err := backbone.New(input)
	if err != nil {
		t.Fatal(err)
	}
	return NewTask(transformer, []Objective{{
		Name: "next", Head: "writer", Weight: 1,
		Target: head.Target{Kind: head.TokensTarget, Classes: 5},
		Trace: func(spec head.Spec) (*head.Traced, error) {
			return head.Trace("generation", trace, spec)
		},
	}}, nil, &Side{Values: tokens})
}

// TestNotOffered: a head that calls what the backbone has not is named, with the line
// of the call and what to change.
func TestNotOffered(t *testing.T) {
	ids := backbone.Config{Tokens: &backbone.Tokens{Vocabulary: 5, MaxLength: 4}}
	numbers := backbone.Config{Numeric: &backbone.Numeric{Features: 1, MaxLength: 4}}
	for _, row := range []struct {
		name  string
		input backbone.Config
		trace func(t *head.Tracer) head.Outputs
		want  string
	}{
		{"decoder", ids, func(t *head.Tracer) head.Outputs {
			t.Decode(t.Encode(head.Input), head.Input)
			return head.Outputs{}
		}, "head.Decode: the backbone has no decoder; choose one of a kind that decodes"},
		{"embedding", numbers, func(t *head.Tracer) head.Outputs { t.Embedding(); return head.Outputs{} },
			"head.Embedding: the backbone has no token embedding; give it an input of tokens"},
	} {
		_, err := newTask(t, row.input, row.trace)
		for _, part := range []string{`objective "next": head "writer": `, "link/head_test.go:",
			row.want} {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: error %v, want it to contain %q", row.name, err, part)
			}
		}
	}
}

// TestTiedEmbedding: a head that asks for the token embedding is given the backbone's
// leaf, in value and in gradient.
func TestTiedEmbedding(t *testing.T) {
	task, err := newTask(t, backbone.Config{Tokens: &backbone.Tokens{Vocabulary: 5, MaxLength: 4}},
		func(t *head.Tracer) head.Outputs {
			target, table := t.Tokens(), t.Embedding()
			square := graph.Sum(graph.Mul(table, table))
			return head.Outputs{Loss: graph.Broadcast(square, target.IDs.Shape()...)}
		})
	if err != nil {
		t.Fatal(err)
	}
	const address = "backbone/embed/tokens"
	args := exectest.Values{"key": {0, 0}}
	f := exectest.Trace(t, func() *graph.Func {
		g := &graph.Func{}
		var table *graph.Node
		declare := func(v graph.Value) {
			n := graph.Param(v.Name, v.DType, v.Shape)
			g.Params = append(g.Params, n)
			args[v.Name] = make([]float64, v.Shape.Size())
			if v.Name == address {
				table = n
			}
		}
		for _, l := range task.Leaves() {
			declare(graph.Value{Name: l.Address, DType: graph.Float32, Shape: l.Shape})
			args[l.Address] = nn.InitialValue(1, l)
		}
		for _, v := range tokens {
			declare(v)
		}
		declare(graph.Value{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}})
		outs, err := task.bind(querySide, true, nil, g.Params).all()
		if err != nil {
			t.Fatal(err)
		}
		g.Results = []graph.Result{{Name: "table", Node: graph.Grad(outs[0].loss, table)[0]}}
		return g
	})
	args["next/weight"], args["next/inverse_weight"] = []float64{1, 1, 0, 1, 0, 0}, []float64{1. / 3}
	want := exectest.Values{"table": nil}
	for _, x := range args[address] {
		want["table"] = append(want["table"], 2*x)
	}
	got := exectest.Compile(t, f, reference.Double).Run(t, args)
	exectest.Near(t, "gradient", got["table"], want["table"], 1e-12)
}
