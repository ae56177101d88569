package passes_test

import (
	"errors"
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/passes"
)

var (
	vector = graph.Shape{3}
	loss   = &graph.Signature{
		Name:    "loss",
		Params:  []graph.Value{{Name: "theta", DType: graph.Float32, Shape: vector}},
		Results: []graph.Value{{Name: "loss", DType: graph.Float32}},
	}
)

// square is Σθ², known to the learner by signature only.
func square(args []*graph.Node) ([]*graph.Node, error) {
	return []*graph.Node{graph.Sum(graph.Mul(args[0], args[0]))}, nil
}

// adapted traces the gradient of the loss after some inner steps.
func adapted(t *testing.T, steps int) *graph.Func {
	t.Helper()
	f, err := graph.Trace("episode", func() *graph.Func {
		theta := graph.Param("theta", graph.Float32, vector)
		fast := theta
		for range steps {
			g := graph.Grad(graph.Call(loss, fast)[0], fast)[0]
			fast = graph.Sub(fast, graph.Mul(graph.Scalar(graph.Float32, 0.1), g))
		}
		return &graph.Func{Params: []*graph.Node{theta}, Results: []graph.Result{
			{Name: "grad", Node: graph.Grad(graph.Call(loss, fast)[0], theta)[0]}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAllPasses(t *testing.T) {
	bodies := map[string]passes.Body{"loss": square}
	f, err := passes.Run(adapted(t, 3), bodies, passes.Options{Until: "grad"})
	if err != nil {
		t.Fatal(err)
	}
	merged, err := passes.Run(adapted(t, 3), bodies, passes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range merged.Nodes() {
		if op := n.Op(); op == graph.OpCall || op == graph.OpResult || op == graph.OpGrad {
			t.Errorf("%v is left", n)
		}
	}
	if a, b := len(f.Nodes()), len(merged.Nodes()); b >= a {
		t.Errorf("CSE left %d of %d nodes, want fewer", b, a)
	}
	if again := passes.CSE(merged); again.String() != merged.String() {
		t.Error("CSE is not idempotent")
	}
}

func TestCSEKeepsDifferentDraws(t *testing.T) {
	f, err := graph.Trace("draws", func() *graph.Func {
		k := graph.Param("key", graph.Int32, graph.Shape{2})
		draw := func(i float64) *graph.Node {
			return graph.Uniform(graph.FoldKey(k, graph.Scalar(graph.Int32, i)), graph.Float32, vector)
		}
		return &graph.Func{Params: []*graph.Node{k}, Results: []graph.Result{
			{Name: "a", Node: draw(0)}, {Name: "b", Node: draw(1)}, {Name: "a2", Node: draw(0)}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	g := passes.CSE(f)
	if g.Result("a") == g.Result("b") || g.Result("a") != g.Result("a2") {
		t.Errorf("draws of different keys were merged, or equal ones were not:\n%v", g)
	}
}

func TestLinkRefuses(t *testing.T) {
	identity := func(args []*graph.Node) ([]*graph.Node, error) { return args, nil }
	tests := []struct {
		name   string
		bodies map[string]passes.Body
		want   string
	}{
		{"missing body", nil, `no function is called "loss"`},
		{"other type", map[string]passes.Body{"loss": identity},
			`"loss" gives f32[3], the call expects loss: f32[]`},
		{"no results", map[string]passes.Body{"loss": func([]*graph.Node) ([]*graph.Node, error) {
			return nil, nil
		}}, "gives 0 results"},
		{"fails", map[string]passes.Body{"loss": func([]*graph.Node) ([]*graph.Node, error) {
			return nil, errors.New("no such leaf")
		}}, `link "episode": no such leaf`},
		{"calls itself", map[string]passes.Body{"loss": func(args []*graph.Node) ([]*graph.Node, error) {
			return graph.Call(loss, args...), nil
		}}, "a body calls itself"},
		{"misuse in a body", map[string]passes.Body{"loss": func(args []*graph.Node) (
			[]*graph.Node, error) {
			return []*graph.Node{graph.Dot(args[0], args[0])}, nil
		}}, "dot: [3] × [3]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := passes.Run(adapted(t, 1), test.bodies, passes.Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want it to contain %q", err, test.want)
			}
		})
	}
}

// The derivative with respect to a call's result is the derivative with respect
// to that result, also when the body returns its argument.
func TestLinkKeepsIdentity(t *testing.T) {
	same := &graph.Signature{Name: "same", Params: loss.Params, Results: loss.Params}
	f, err := graph.Trace("f", func() *graph.Func {
		theta := graph.Param("theta", graph.Float32, vector)
		copied := graph.Call(same, theta)[0]
		y := graph.Sum(graph.Mul(theta, copied))
		return &graph.Func{Params: []*graph.Node{theta}, Results: []graph.Result{
			{Name: "total", Node: graph.Grad(y, theta)[0]},
			{Name: "partial", Node: graph.Grad(y, copied)[0]}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err = passes.Run(f, map[string]passes.Body{"same": func(args []*graph.Node) ([]*graph.Node,
		error) {
		return args, nil
	}}, passes.Options{Until: "grad"})
	if err != nil {
		t.Fatal(err)
	}
	if f.Result("partial") == f.Result("total") || f.Result("partial").Op() == graph.OpAdd {
		t.Errorf("the partial derivative includes the other path:\n%v", f)
	}
}
