package passes

import (
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/graph"
)

// misordered describes the first pass that comes before one that it is to come after; ""
// when there is none.
func misordered(passes []Pass) string {
	seen := map[string]bool{}
	for _, p := range passes {
		for _, o := range p.After {
			if !seen[o.Pass] {
				return p.Name + " before " + o.Pass
			}
		}
		seen[p.Name] = true
	}
	return ""
}

// TestOrder: the list keeps its own constraints, and no other order of it would go unnoticed.
func TestOrder(t *testing.T) {
	all := All()
	if found := misordered(all); found != "" {
		t.Error(found)
	}
	for i, p := range all {
		if p.Name == "" || p.Doc == "" || p.run == nil {
			t.Errorf("pass %d, %q, is incomplete", i, p.Name)
		}
		for _, o := range p.After {
			if o.Reason == "" {
				t.Errorf("%s after %s: no reason", p.Name, o.Pass)
			}
			j := slices.Index(Names(), o.Pass)
			swapped := slices.Clone(all)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			if misordered(swapped) == "" {
				t.Errorf("%s and %s may change places", p.Name, o.Pass)
			}
		}
	}
}

var (
	pair   = graph.Shape{2}
	square = &graph.Signature{Name: "square",
		Params:  []graph.Value{{Name: "x", DType: graph.Float32, Shape: pair}},
		Results: []graph.Value{{Name: "y", DType: graph.Float32}}}
	bodies = map[string]Body{"square": func(args []*graph.Node) ([]*graph.Node, error) {
		return []*graph.Node{graph.Sum(graph.Mul(args[0], args[0]))}, nil
	}}
)

// traced makes a function of x.
func traced(t *testing.T, build func(x *graph.Node) *graph.Node) *graph.Func {
	t.Helper()
	f, err := graph.Trace("f", func() *graph.Func {
		x := graph.Param("x", graph.Float32, pair)
		return &graph.Func{Params: []*graph.Node{x}, Results: []graph.Result{{Name: "y",
			Node: build(x)}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestReasons: every constraint is needed. Each has a program for which the passes fail or
// leave something else when the later of the two comes just before the other.
func TestReasons(t *testing.T) {
	examples := map[string]func(x *graph.Node) *graph.Node{
		"grad after link": func(x *graph.Node) *graph.Node {
			return graph.Grad(graph.Call(square, x)[0], x)[0]
		},
		"cse after link": func(x *graph.Node) *graph.Node {
			return graph.Add(graph.Call(square, x)[0], graph.Sum(graph.Mul(x, x)))
		},
		"cse after grad": func(x *graph.Node) *graph.Node {
			a, b := graph.Exp(x), graph.Exp(x)
			return graph.Grad(graph.Sum(graph.Mul(a, b)), a)[0]
		},
		"recompute after grad": func(x *graph.Node) *graph.Node { return steps(x, sinOfSquare) },
		"recompute after cse": func(x *graph.Node) *graph.Node {
			return steps(x, func(fast *graph.Node) *graph.Node {
				return graph.Mul(fast, graph.Mul(fast, graph.Exp(x))) // exp(x) is that of all steps
			})
		},
	}
	for i, p := range All() {
		for _, o := range p.After {
			name := p.Name + " after " + o.Pass
			t.Run(name, func(t *testing.T) {
				example := examples[name]
				if example == nil {
					t.Fatal("there is no program that needs it")
				}
				f := traced(t, example)
				inOrder, err := through(f, All())
				if err != nil {
					t.Fatal(err)
				}
				moved := slices.Delete(All(), i, i+1)
				moved = slices.Insert(moved, slices.Index(Names(), o.Pass), p)
				other, err := through(f, moved)
				if err == nil && other.String() == inOrder.String() {
					t.Errorf("the other order gives the same:\n%v", other)
				}
			})
		}
	}
}

func sinOfSquare(x *graph.Node) *graph.Node { return graph.Sin(graph.Mul(x, x)) }

// steps is the derivative of a sum after three steps.
func steps(x *graph.Node, step func(fast *graph.Node) *graph.Node) *graph.Node {
	fast := graph.Edge(1, x)[0]
	for k := range 3 {
		fast = graph.Edge(k+2, step(fast))[0]
	}
	return graph.Grad(graph.Sum(sinOfSquare(fast)), x)[0]
}

func through(f *graph.Func, passes []Pass) (*graph.Func, error) {
	var err error
	for _, p := range passes {
		if f, err = p.apply(f, bodies); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// TestRunVerifies: what a pass makes is looked at, and the error says which pass it was.
func TestRunVerifies(t *testing.T) {
	broken := Pass{Name: "broken", run: func(f *graph.Func, _ map[string]Body) (*graph.Func, error) {
		return &graph.Func{Name: f.Name, Results: f.Results}, nil // without its parameters
	}}
	_, err := broken.apply(traced(t, graph.Exp), nil)
	if err == nil || !strings.Contains(err.Error(), `pass "broken" makes an invalid program of "f"`) {
		t.Errorf("error %v", err)
	}
}

func TestOptions(t *testing.T) {
	f := traced(t, func(x *graph.Node) *graph.Node {
		return graph.Grad(graph.Add(graph.Call(square, x)[0], graph.Call(square, x)[0]), x)[0]
	})
	count := func(o Options, op graph.Op) int {
		t.Helper()
		g, err := Run(f, bodies, o)
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for _, n := range g.Nodes() {
			if n.Op() == op {
				count++
			}
		}
		return count
	}
	for _, test := range []struct {
		options         Options
		grads, products int
	}{
		{Options{Until: "link"}, 1, 2},
		{Options{Until: "grad"}, 0, 4},
		{Options{Without: []string{"cse"}}, 0, 4},
		{Options{}, 0, 1},
	} {
		if got := count(test.options, graph.OpGrad); got != test.grads {
			t.Errorf("%+v: %d grads, want %d", test.options, got, test.grads)
		}
		if got := count(test.options, graph.OpMul); got != test.products {
			t.Errorf("%+v: %d products, want %d", test.options, got, test.products)
		}
	}
	for _, test := range []struct {
		options Options
		want    string
	}{
		{Options{Without: []string{"csee"}},
			`there is no pass "csee"; there are link, grad, cse, recompute`},
		{Options{With: []string{"cse"}}, `pass "cse" runs without being asked for`},
		{Options{With: []string{"again"}}, `there is no pass "again"`},
		{Options{Until: "x"}, `there is no pass "x"`},
		{Options{Without: []string{"grad"}}, `pass "grad" cannot be left out`},
		{Options{Without: []string{"cse"}, Until: "cse"}, "to be the last one and to be left out"},
	} {
		if _, err := Run(f, bodies, test.options); err == nil ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error %v, want %q", test.options, err, test.want)
		}
	}
}

// TestContent is the same for functions that differ in names, and for no others.
func TestContent(t *testing.T) {
	make := func(name string, axis int, swap bool) string {
		x := graph.Param(name, graph.Float32, graph.Shape{2, 2})
		y := graph.Param("y", graph.Float32, pair)
		f := &graph.Func{Name: name, Params: []*graph.Node{x, y},
			Results: []graph.Result{{Name: name, Node: graph.Sub(graph.Sum(x, axis), y)}}}
		if swap {
			f.Params[0], f.Params[1] = y, x
		}
		return string(Content(f))
	}
	one := make("a", 0, false)
	if make("b", 0, false) != one {
		t.Error("other names are another content")
	}
	if make("a", 1, false) == one || make("a", 0, true) == one {
		t.Error("another axis or other arguments are the same content")
	}
}
