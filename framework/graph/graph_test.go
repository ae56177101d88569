package graph_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"quickstudy/framework/graph"
)

var shape43 = graph.Shape{4, 3}

func regression(t *testing.T) *graph.Func {
	t.Helper()
	f, err := graph.Trace("loss", func() *graph.Func {
		w := graph.Param("w", graph.Float32, shape43)
		x := graph.Param("x", graph.Float32, graph.Shape{8, 4})
		y := graph.Dot(x, w)
		loss := graph.Sum(graph.Mul(y, y))
		return &graph.Func{
			Params:  []*graph.Node{w, x},
			Results: []graph.Result{{Name: "loss", Node: loss}, {Name: "dw", Node: graph.Grad(loss, w)[0]}},
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestText(t *testing.T) {
	f := regression(t)
	want := `func "loss"
%0 = parameter {name="w" dtype=f32 shape=[4,3]} : f32[4,3]
%1 = parameter {name="x" dtype=f32 shape=[8,4]} : f32[8,4]
%2 = dot(%1, %0) : f32[8,3]
%3 = mul(%2, %2) : f32[8,3]
%4 = reduce_sum(%3) {axes=[0,1]} : f32[]
%5 = grad(%4, %0) : f32[4,3]
params %0 %1
return "loss"=%4 "dw"=%5
`
	if diff := cmp.Diff(want, f.String()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	parsed, err := graph.Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, parsed.String()); diff != "" {
		t.Errorf("parsed text (-want +got):\n%s", diff)
	}
}

func TestTextOfCalls(t *testing.T) {
	f, err := graph.Trace("caller", func() *graph.Func {
		x := graph.Param("x", graph.Float32, graph.Shape{2})
		sig := &graph.Signature{
			Name:   "square",
			Params: []graph.Value{{Name: "x", DType: graph.Float32, Shape: graph.Shape{2}}},
			Results: []graph.Value{{Name: "y", DType: graph.Float32, Shape: nil},
				{Name: "n", DType: graph.Int32, Shape: graph.Shape{1}}},
		}
		y := graph.Call(sig, x)
		return &graph.Func{Params: []*graph.Node{x},
			Results: []graph.Result{{Name: "y", Node: y[0]}, {Name: "d", Node: graph.Grad(y[0], x)[0]}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := graph.Parse(f.String())
	if err != nil {
		t.Fatalf("%v\n%s", err, f)
	}
	if diff := cmp.Diff(f.String(), parsed.String()); diff != "" {
		t.Errorf("round trip (-want +got):\n%s", diff)
	}
	if _, err := graph.ExpandGrads(f); err == nil ||
		!strings.Contains(err.Error(), `call of "square"`) {
		t.Errorf("ExpandGrads through a call: got error %v, want one that names the callee", err)
	}
}

func TestExpandGrads(t *testing.T) {
	f, err := graph.ExpandGrads(regression(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range f.Nodes() {
		if n.Op() == graph.OpGrad {
			t.Fatalf("grad node left:\n%v", f)
		}
	}
	if got, want := f.Result("dw").Shape(), shape43; !got.Equal(want) {
		t.Errorf("dw has shape %v, want %v", got, want)
	}
	if f.Result("loss") != regressionLoss(f) {
		t.Error("the forward value was rebuilt, want it shared")
	}
}

// What computes a derivative is where its author wrote what is derived.
func TestDerivativesHavePlaces(t *testing.T) {
	traced := regression(t)
	written := map[string]bool{}
	for _, n := range traced.Nodes() {
		if n.Op() != graph.OpGrad {
			written[n.Pos()] = true
		}
	}
	f, err := graph.ExpandGrads(traced)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range f.Nodes() {
		if !written[n.Pos()] {
			t.Errorf("%v is at %q, where nothing is traced", n, n.Pos())
		}
	}
}

// regressionLoss finds the sum that the first result must still be.
func regressionLoss(f *graph.Func) *graph.Node {
	for _, n := range f.Nodes() {
		if n.Op() == graph.OpSum && n.Shape().Rank() == 0 {
			return n
		}
	}
	return nil
}

// A derivative is taken with respect to one node and no equal one, interior
// nodes and other derivatives included.
func TestGradOfInteriorNodes(t *testing.T) {
	f, err := graph.Trace("interior", func() *graph.Func {
		a := graph.Param("a", graph.Float64, nil)
		b := graph.Param("b", graph.Float64, nil)
		y := graph.Add(a, b)
		d := graph.Grad(y, a, b)                    // the same cotangent node, twice
		z := graph.Mul(d[0], graph.Mul(d[0], d[1])) // ∂z/∂d0 = 2·d0·d1, ∂z/∂d1 = d0²
		e := graph.Grad(z, d[0], d[1])
		return &graph.Func{Params: []*graph.Node{a, b}, Results: []graph.Result{
			{Name: "e0", Node: e[0]}, {Name: "e1", Node: e[1]}, {Name: "none", Node: graph.Grad(y, z)[0]}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.ExpandGrads(f)
	if err != nil {
		t.Fatal(err)
	}
	if g.Result("e0") == g.Result("e1") {
		t.Error("derivatives with respect to two nodes of equal value are one node")
	}
	if c := g.Result("none"); c.Op() != graph.OpConstant || c.Attrs().Values[0] != 0 {
		t.Errorf("derivative with respect to a node that y does not depend on: %v, want constant 0", c)
	}
}

func TestMisuse(t *testing.T) {
	f32 := func(dims ...int) *graph.Node { return graph.Param("x", graph.Float32, dims) }
	i32 := func(dims ...int) *graph.Node { return graph.Param("i", graph.Int32, dims) }
	tests := []struct {
		name  string
		build func() *graph.Node
		want  string
	}{
		{"inner dimensions", func() *graph.Node { return graph.Dot(f32(32, 128), f32(256, 5)) },
			"graph_test.go:LINE: dot: inner dimensions differ: [32,128] × [256,5]"},
		{"shapes do not broadcast", func() *graph.Node { return graph.Add(f32(2, 3), f32(4)) },
			"operand 1 is f32[4], want f32[2,3]"},
		{"types differ", func() *graph.Node { return graph.Mul(f32(2), i32(2)) },
			"operand 1 is i32[2], want f32[2]"},
		{"zero-length axis", func() *graph.Node { return f32(2, 0) }, "axis 1 has length 0"},
		{"too large", func() *graph.Node { return graph.Broadcast(f32(1), 1<<20, 1<<20) },
			"more than 2147483647 elements"},
		{"nil operand", func() *graph.Node { return graph.Neg(nil) }, "operand 0 is nil"},
		{"axis out of range", func() *graph.Node { return graph.Sum(f32(2), 1) },
			"axis 1 of a value with 1 axes"},
		{"permutation", func() *graph.Node { return graph.Transpose(f32(2, 3), 0, 0) },
			"not a permutation"},
		{"fractional index", func() *graph.Node { return graph.Scalar(graph.Int32, 0.5) },
			"not a 32-bit integer"},
		{"gradient of a vector", func() *graph.Node { return graph.Grad(f32(2), f32(2))[0] },
			"want a floating-point scalar"},
		{"gradient by integers", func() *graph.Node { return graph.Grad(f32(), i32())[0] },
			"want a floating-point operand"},
		{"reshape", func() *graph.Node { return graph.Reshape(f32(2, 3), 4) },
			"[2,3] has 6 elements, [4] has 4"},
		{"k too large", func() *graph.Node { return graph.TopK(f32(3), 4) }, "the 4 largest of 3"},
		{"slice", func() *graph.Node { return graph.Slice(f32(3), 0, 2, 5) },
			"elements 2 to 5 of axis 0"},
		{"key", func() *graph.Node { return graph.Uniform(i32(3), graph.Float32, nil) }, "want i32[2]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := graph.Trace("f", func() *graph.Func {
				return &graph.Func{Results: []graph.Result{{Name: "y", Node: test.build()}}}
			})
			var misuse *graph.Error
			if !errors.As(err, &misuse) {
				t.Fatalf("error %v, want a *graph.Error", err)
			}
			for _, part := range strings.Split(test.want, "LINE") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q, want it to contain %q", err, part)
				}
			}
			if !strings.HasPrefix(misuse.Pos, "graph/graph_test.go:") {
				t.Errorf("position %q, want this file", misuse.Pos)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	x := graph.Param("x", graph.Float32, nil)
	y := graph.Neg(x)
	tests := []struct {
		name string
		f    *graph.Func
		want string
	}{
		{"nil", nil, "no function"},
		{"no results", &graph.Func{Params: []*graph.Node{x}}, "no results"},
		{"undeclared parameter", &graph.Func{Results: []graph.Result{{Name: "y", Node: y}}},
			`uses parameter "x", which is not its own`},
		{"twice", &graph.Func{Params: []*graph.Node{x, x}, Results: []graph.Result{{Name: "y", Node: y}}},
			"listed twice"},
		{"same name", &graph.Func{Params: []*graph.Node{x, graph.Param("x", graph.Bool, nil)},
			Results: []graph.Result{{Name: "y", Node: y}}}, `two parameters are called "x"`},
		{"not a parameter", &graph.Func{Params: []*graph.Node{y},
			Results: []graph.Result{{Name: "y", Node: y}}}, "not a parameter node"},
		{"result without name", &graph.Func{Params: []*graph.Node{x}, Results: []graph.Result{{Node: y}}},
			"want a name of its own"},
		{"nil result", &graph.Func{Results: []graph.Result{{Name: "y"}}}, `result "y" is nil`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := graph.Verify(test.f); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want it to contain %q", err, test.want)
			}
		})
	}
}

// Every operation has a name of its own, a line of documentation and a rule.
func TestTableIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range graph.Ops() {
		name := op.String()
		if name == "" || seen[name] || op.Doc() == "" {
			t.Errorf("operation %d is called %q with doc %q", op, name, op.Doc())
		}
		seen[name] = true
		if back, ok := graph.ParseOp(name); !ok || back != op {
			t.Errorf("ParseOp(%q) = %v, %v", name, back, ok)
		}
	}
	if _, ok := graph.ParseOp(""); ok {
		t.Error("the empty name is an operation")
	}
}

func TestDeepGraph(t *testing.T) {
	f, err := graph.Trace("deep", func() *graph.Func {
		x := graph.Param("x", graph.Float32, nil)
		y := x
		for range 100_000 {
			y = graph.Neg(y)
		}
		return &graph.Func{Params: []*graph.Node{x},
			Results: []graph.Result{{Name: "dx", Node: graph.Grad(y, x)[0]}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.ExpandGrads(f)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(g.Nodes()); got < 100_000 {
		t.Errorf("%d nodes, want a chain of 100,000 negations", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("func \"f\"\n%0 = parameter {name=\"x\" dtype=f32 shape=[2]} : f32[2]\n" +
		"%1 = neg(%0) : f32[2]\nparams %0\nreturn \"y\"=%1\n")
	f.Add("func \"f\"\nsig @0 \"g\" () -> (\"y\": f32[])\n%0 = call {signature=@0}\n" +
		"%1 = result(%0) {n=0} : f32[]\nparams\nreturn \"y\"=%1\n")
	f.Add("func \"f\"\n%0 = constant {dtype=f32 shape=[] values=[1e300]} : f32[]\n" +
		"params\nreturn \"y\"=%0\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := graph.Parse(text)
		if err != nil {
			return
		}
		again, err := graph.Parse(p.String())
		if err != nil {
			t.Fatalf("printed form does not parse: %v\n%s", err, p)
		}
		if again.String() != p.String() {
			t.Fatalf("round trip differs:\n%s\n%s", p, again)
		}
		if _, err := graph.ExpandGrads(p); err != nil && !strings.Contains(err.Error(), "call of") {
			t.Fatalf("a verified function does not expand: %v\n%s", err, p)
		}
	})
}
