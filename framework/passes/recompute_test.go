package passes_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/passes"
)

// unrolled traces gradient descent on a support's loss and the derivative of the query's loss
// through it. Steps drop out what keys of their own say; with each, the query's loss after
// every step counts, not only the last one.
func unrolled(t *testing.T, steps int, each bool) *graph.Func {
	t.Helper()
	return exectest.Trace(t, func() *graph.Func {
		const rows, in, hidden = 128, 8, 16
		param := func(name string, shape ...int) *graph.Node {
			return graph.Param(name, graph.Float32, shape)
		}
		theta := []*graph.Node{param("v", in, hidden), param("w", hidden, hidden), param("u", hidden, 1)}
		support, query := param("support", rows, in), param("query", rows/8, in)
		key := graph.Param("key", graph.Int32, graph.Shape{2})
		loss := func(theta []*graph.Node, x *graph.Node, step float64) *graph.Node {
			h := graph.Tanh(graph.Dot(x, theta[0]))
			drawn := graph.Uniform(graph.FoldKey(key, graph.Scalar(graph.Int32, step)), graph.Float32,
				h.Shape())
			h = graph.Select(graph.Lt(drawn, graph.ConstLike(drawn, 0.9)), h, graph.ConstLike(h, 0))
			h = graph.Tanh(graph.Dot(h, theta[1]))
			y := graph.Dot(h, theta[2])
			return graph.Sum(graph.Mul(y, y))
		}
		var total *graph.Node
		count := func(theta []*graph.Node) {
			if l := loss(theta, query, 0); total == nil {
				total = l
			} else {
				total = graph.Add(total, l)
			}
		}
		fast := graph.Edge(1, theta...)
		for k := range steps {
			gradients := graph.Grad(loss(fast, support, float64(k+1)), fast...)
			for i, g := range gradients {
				fast[i] = graph.Sub(fast[i], graph.Mul(g, graph.ConstLike(g, 0.01)))
			}
			fast = graph.Edge(k+2, fast...)
			if each && k < steps-1 {
				count(fast)
			}
		}
		count(fast)
		f := &graph.Func{Params: append(slices.Clone(theta), support, query, key),
			Results: []graph.Result{{Name: "loss", Node: total}}}
		for i, g := range graph.Grad(total, theta...) {
			f.Results = append(f.Results, graph.Result{Name: theta[i].Attrs().Name, Node: g})
		}
		return f
	})
}

func run(t *testing.T, f *graph.Func, o passes.Options) *graph.Func {
	t.Helper()
	g, err := passes.Run(f, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

var again = passes.Options{With: []string{"recompute"}}

// TestRecomputeKeepsBits: what is computed again has the bits of what is kept, and counts as
// the same work.
func TestRecomputeKeepsBits(t *testing.T) {
	for _, each := range []bool{false, true} {
		f := unrolled(t, 4, each)
		stored, recomputed := run(t, f, passes.Options{}), run(t, f, again)
		if a, b := len(stored.Nodes()), len(recomputed.Nodes()); b <= a {
			t.Errorf("%d nodes, %d with recomputation: nothing is computed again", a, b)
		}
		if a, b := passes.WorkOf(stored), passes.WorkOf(recomputed); a != b {
			t.Errorf("the work is %+v, with recomputation %+v", a, b)
		}
		args, random := exectest.Values{}, rand.New(rand.NewPCG(1, 2))
		for _, p := range f.Params {
			for range p.Shape().Size() {
				args[p.Attrs().Name] = append(args[p.Attrs().Name], random.Float64()-0.5)
			}
		}
		args["key"] = []float64{3, 4}
		want := exectest.Compile(t, stored, reference.Single).Run(t, args)
		got := exectest.Compile(t, recomputed, reference.Single).Run(t, args)
		for name, x := range want {
			if !slices.Equal(got[name], x) {
				t.Errorf("%s is %v, with recomputation %v", name, x, got[name])
			}
		}
	}
}

// TestRecomputeBoundsMemory: without it what is alive grows by what a step computes, with it
// by what a step hands on.
func TestRecomputeBoundsMemory(t *testing.T) {
	for _, test := range []struct {
		options     passes.Options
		least, most float64 // of 20 steps over 5
	}{{passes.Options{}, 2.5, 4}, {again, 1, 1.3}} {
		few := alive(run(t, unrolled(t, 5, false), test.options))
		many := alive(run(t, unrolled(t, 20, false), test.options))
		t.Logf("%v: %d elements after 5 steps, %d after 20", test.options.With, few, many)
		if ratio := float64(many) / float64(few); ratio < test.least || ratio > test.most {
			t.Errorf("%v: %d and %d elements, want between %v and %v times", test.options.With, few, many,
				test.least, test.most)
		}
	}
}

// alive returns the most elements that are alive at once when nodes are computed in order.
func alive(f *graph.Func) int {
	order := f.Nodes()
	held := map[*graph.Node]*graph.Node{} // whose memory a node is in
	last := map[*graph.Node]int{}
	for i, n := range order {
		held[n] = n
		switch n.Op() {
		case graph.OpAfter, graph.OpReshape, graph.OpBroadcast, graph.OpTranspose:
			held[n] = held[n.Inputs()[0]]
		}
		operands := n.Inputs()
		if n.Op() == graph.OpAfter {
			operands = operands[:1]
		}
		for _, in := range operands {
			last[held[in]] = i
		}
	}
	now, most := 0, 0
	freed := map[int]int{}
	for i, n := range order {
		if held[n] == n && n.Op() != graph.OpParameter && n.Op() != graph.OpConstant {
			now += n.Shape().Size()
			freed[max(last[n], i)] += n.Shape().Size()
		}
		most = max(most, now)
		now -= freed[i]
	}
	return most
}

// TestRecomputeLeavesOthersAlone: without a derivative through the steps there is nothing to
// compute again.
func TestRecomputeLeavesOthersAlone(t *testing.T) {
	f := unrolled(t, 3, false)
	f.Results = f.Results[:1] // the loss
	if got, want := run(t, f, again).String(), run(t, f, passes.Options{}).String(); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}
