package passes

import (
	"fmt"
	"math"
	"strings"

	"quickstudy/framework/graph"
)

// CSE returns f with equal nodes merged: same operation, same static arguments,
// same operands. Every operation is a pure function of those, random draws
// included, so the values are bitwise the same. Parameters are never merged;
// reshapes that change nothing are dropped.
func CSE(f *graph.Func) *graph.Func {
	order := f.Nodes()
	done := make(map[*graph.Node]*graph.Node, len(order))
	index := make(map[*graph.Node]int, len(order)) // of the representatives
	first := make(map[string]*graph.Node, len(order))
	for _, n := range order {
		inputs := make([]*graph.Node, len(n.Inputs()))
		for i, in := range n.Inputs() {
			inputs[i] = done[in]
		}
		if n.Op() == graph.OpReshape && inputs[0].Shape().Equal(n.Shape()) {
			done[n] = inputs[0]
			continue
		}
		m := n.WithInputs(inputs)
		if n.Op() != graph.OpParameter {
			k := key(m, index)
			if same := first[k]; same != nil {
				done[n] = same
				continue
			}
			first[k] = m
		}
		done[n], index[m] = m, len(index)
	}
	g := &graph.Func{Name: f.Name, Params: f.Params}
	for _, r := range f.Results {
		g.Results = append(g.Results, graph.Result{Name: r.Name, Node: done[r.Node]})
	}
	return g
}

// key prints everything a node's value depends on.
func key(n *graph.Node, index map[*graph.Node]int) string {
	var b strings.Builder
	a := n.Attrs()
	fmt.Fprintf(&b, "%d %d%v %v %d %d %d %d %t%t%t %p", n.Op(), n.DType(), n.Shape(), a.Axes, a.Axis,
		a.Lo, a.Hi, a.N,
		a.TransA, a.TransB, a.Reverse, a.Sig)
	for _, v := range a.Values {
		fmt.Fprintf(&b, " %x", math.Float64bits(v))
	}
	for _, in := range n.Inputs() {
		fmt.Fprintf(&b, " %%%d", index[in])
	}
	return b.String()
}
