package passes

import (
	"encoding/binary"
	"math"

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
	signatures := map[*graph.Signature]int{}
	var k []byte
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
			k = appendKey(k[:0], m, index, signatures)
			if same := first[string(k)]; same != nil {
				done[n] = same
				continue
			}
			first[string(k)] = m
		}
		done[n], index[m] = m, len(index)
	}
	g := &graph.Func{Name: f.Name, Params: f.Params}
	for _, r := range f.Results {
		g.Results = append(g.Results, graph.Result{Name: r.Name, Node: done[r.Node]})
	}
	return g
}

// appendKey adds everything that a node's value depends on to b.
func appendKey(b []byte, n *graph.Node, index map[*graph.Node]int,
	signatures map[*graph.Signature]int) []byte {
	number := func(x int) { b = binary.AppendVarint(b, int64(x)) }
	list := func(xs []int) {
		number(len(xs))
		for _, x := range xs {
			number(x)
		}
	}
	a := n.Attrs()
	flags := 0
	for i, set := range []bool{a.TransA, a.TransB, a.Reverse} {
		if set {
			flags |= 1 << i
		}
	}
	b = append(b, byte(n.Op()), byte(n.DType()), byte(flags))
	list(n.Shape())
	list(a.Axes)
	for _, x := range []int{a.Axis, a.Lo, a.Hi, a.N} {
		number(x)
	}
	if a.Sig != nil {
		if _, known := signatures[a.Sig]; !known {
			signatures[a.Sig] = len(signatures)
		}
		number(signatures[a.Sig])
	}
	number(len(a.Values))
	for _, v := range a.Values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	for _, in := range n.Inputs() {
		number(index[in])
	}
	return b
}
