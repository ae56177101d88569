package reference_test

import (
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorgonia.org/tensor"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/graph/graphtest"
)

// logits traces log(x·w + b) with b broadcast over rows.
func logits(t *testing.T) *reference.Program {
	t.Helper()
	f, err := graph.Trace("logits", func() *graph.Func {
		x := graph.Param("x", graph.Float32, graph.Shape{2, 2})
		b := graph.Param("b", graph.Float32, nil)
		y := graph.Log(graph.Add(graph.Dot(x, x), b))
		return &graph.Func{Params: []*graph.Node{x, b}, Results: []graph.Result{{Name: "y", Node: y}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := reference.Compile(f, reference.Single)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func square(values ...float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(2, 2), tensor.WithBacking(values))
}

// TestRunConcurrently expects of many runs at a time, each with its own arguments,
// the bits of one run after the other.
func TestRunConcurrently(t *testing.T) {
	f, err := graph.Trace("program", func() *graph.Func {
		return graphtest.Program(rand.New(rand.NewPCG(11, 0)))
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := reference.Compile(f, reference.Single)
	if err != nil {
		t.Fatal(err)
	}
	run := func(seed uint64) []any {
		var args []*tensor.Dense
		draws := rand.New(rand.NewPCG(seed, 1))
		for range f.Params {
			values := make([]float32, 24)
			for i := range values {
				values[i] = draws.Float32()
			}
			args = append(args, tensor.New(tensor.WithShape(4, 6), tensor.WithBacking(values)))
		}
		out, err := p.Run(args)
		if err != nil {
			t.Error(err)
		}
		var results []any
		for _, r := range out {
			results = append(results, r.Data())
		}
		return results
	}
	const runs = 64
	var want, got [runs][]any
	for i := range want {
		want[i] = run(uint64(i))
	}
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = run(uint64(i)) })
	}
	wg.Wait()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-one by one +at a time):\n%s", diff)
	}
}

func TestArguments(t *testing.T) {
	p, one := logits(t), tensor.New(tensor.FromScalar(float32(1)))
	tests := []struct {
		name string
		args []*tensor.Dense
		want string
	}{
		{"count", nil, "0 arguments, want 2"},
		{"nil", []*tensor.Dense{nil, one}, `"x": nil, want f32[2,2]`},
		{"shape", []*tensor.Dense{one, one}, `"x": shape [], want [2,2]`},
		{"dtype", []*tensor.Dense{square(1, 2, 3, 4), tensor.New(tensor.FromScalar(1.0))},
			`"b": elements are []float64, want f32`},
	}
	for _, test := range tests {
		if _, err := p.Run(test.args); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", test.name, err, test.want)
		}
	}
}

func TestFirstNonFinite(t *testing.T) {
	p, zero := logits(t), tensor.New(tensor.FromScalar(float32(0)))
	got, err := p.FirstNonFinite([]*tensor.Dense{square(1, 0, 0, 1), zero})
	want := "log(f32[2,2]) : f32[2,2]: element 1 is -Inf"
	if err != nil || !strings.HasSuffix(got, want) {
		t.Errorf("got %q, %v, want %q at its line", got, err, want)
	}
	got, err = p.FirstNonFinite([]*tensor.Dense{square(1, 1, 1, 1), zero})
	if got != "" || err != nil {
		t.Errorf("finite values: got %q, %v", got, err)
	}
}

func TestCompileRefusesGrad(t *testing.T) {
	x := graph.Param("x", graph.Float32, nil)
	f := &graph.Func{Name: "f", Params: []*graph.Node{x},
		Results: []graph.Result{{Name: "d", Node: graph.Grad(x, x)[0]}}}
	_, err := reference.Compile(f, reference.Single)
	if err == nil || !strings.Contains(err.Error(), "expand the gradients first") {
		t.Errorf("got error %v, want one that says to expand the gradients", err)
	}
}
