package passes

import (
	"errors"
	"fmt"
	"slices"

	"quickstudy/framework/graph"
)

// Body builds the results of a call from its arguments. Values that the caller does not pass, such
// as the backbone's parameters, are captured by the closure. Its error says what could not be
// built; misuse of an operation panics, as everywhere while tracing.
type Body func(args []*graph.Node) ([]*graph.Node, error)

// MaxNodes bounds a linked function. Twelve layers of width 768 with five
// second-order inner steps link to 35 thousand nodes.
const MaxNodes = 4 << 20

// maxDepth bounds how deep calls nest: learner, adaptation, loss, head, backbone.
const maxDepth = 16

// link is the pass that Inline is, with misuse as an error.
func link(f *graph.Func, bodies map[string]Body) (linked *graph.Func, err error) {
	defer graph.Catch(fmt.Sprintf("link %q", f.Name), &err)
	return Inline(f, bodies)
}

// Inline returns f with every call replaced by the body of that name. Bodies may
// call others. It is an error if a body is missing, fails, returns other types
// than the call's signature states, calls itself, or if the linked function
// would exceed MaxNodes nodes. f may be a fragment, whose nodes belong to a function that is
// still being built. Misuse panics with *graph.Error, as everywhere while tracing.
func Inline(f *graph.Func, bodies map[string]Body) (*graph.Func, error) {
	for range maxDepth {
		order := f.Nodes()
		if !slices.ContainsFunc(order, isCall) {
			return f, nil
		}
		next, err := inline(f, order, bodies)
		if err != nil {
			return nil, fmt.Errorf("link %q: %w", f.Name, err)
		}
		f = next
	}
	return nil, fmt.Errorf("link %q: calls nest deeper than %d, or a body calls itself", f.Name,
		maxDepth)
}

func isCall(n *graph.Node) bool { return n.Op() == graph.OpCall }

// inline replaces the calls of f, not those within their bodies.
func inline(f *graph.Func, order []*graph.Node, bodies map[string]Body) (*graph.Func, error) {
	budget, sizes := MaxNodes-len(order), map[string]int{}
	done := make(map[*graph.Node]*graph.Node, len(order))
	results := map[*graph.Node][]*graph.Node{} // of every call
	for _, n := range order {
		inputs := make([]*graph.Node, len(n.Inputs()))
		for i, in := range n.Inputs() {
			inputs[i] = done[in]
		}
		switch n.Op() {
		case graph.OpCall:
			name := n.Attrs().Sig.Name
			if sizes[name] > budget {
				return f, fmt.Errorf("more than %d nodes after linking %q", MaxNodes, name)
			}
			out, err := apply(n, inputs, bodies)
			if err != nil {
				return f, err
			}
			if _, measured := sizes[name]; !measured {
				sizes[name] = len(graph.PostOrder(out...))
			}
			budget -= sizes[name]
			results[n] = out
		case graph.OpResult:
			// A body may return its argument; a derivative with respect to the
			// call's result is not one with respect to the argument.
			done[n] = graph.Identity(results[n.Inputs()[0]][n.Attrs().N])
		default:
			done[n] = n.WithInputs(inputs)
		}
	}
	g := &graph.Func{Name: f.Name, Params: f.Params, Results: slices.Clone(f.Results)}
	for i := range g.Results {
		g.Results[i].Node = done[g.Results[i].Node]
	}
	return g, nil
}

// apply runs a body and holds it to the signature of the call.
func apply(call *graph.Node, args []*graph.Node, bodies map[string]Body) ([]*graph.Node, error) {
	sig := call.Attrs().Sig
	body := bodies[sig.Name]
	if body == nil {
		return nil, fmt.Errorf("%s: no function is called %q", call.Pos(), sig.Name)
	}
	out, err := body(args)
	if err != nil {
		return nil, err
	}
	if len(out) != len(sig.Results) {
		return nil, fmt.Errorf("%s: %q gives %d results, the call expects %d", call.Pos(), sig.Name,
			len(out), len(sig.Results))
	}
	for i, want := range sig.Results {
		if out[i] == nil {
			return nil, errors.New(sig.Name + ": result " + want.Name + " is missing")
		}
		if got := out[i]; got.DType() != want.DType || !got.Shape().Equal(want.Shape) {
			return nil, fmt.Errorf("%s: %q gives %v%v, the call expects %v",
				call.Pos(), sig.Name, got.DType(), got.Shape(), want)
		}
	}
	return out, nil
}
