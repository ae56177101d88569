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
	seen := newSeen()
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
		if same := seen.find(m); same != nil {
			m = same
		}
		done[n] = m
	}
	g := &graph.Func{Name: f.Name, Params: f.Params}
	for _, r := range f.Results {
		g.Results = append(g.Results, graph.Result{Name: r.Name, Node: done[r.Node]})
	}
	return g
}

// seen is nodes by what their values depend on.
type seen struct {
	index      map[*graph.Node]int // equal nodes have the same
	first      map[string]*graph.Node
	signatures map[*graph.Signature]int
	key        []byte
}

func newSeen() *seen {
	return &seen{index: map[*graph.Node]int{}, first: map[string]*graph.Node{},
		signatures: map[*graph.Signature]int{}}
}

// find returns an equal node that came before, or nil. Operands come before their users.
// Every parameter is one of its own.
func (s *seen) find(n *graph.Node) *graph.Node {
	if n.Op() != graph.OpParameter {
		s.key = appendKey(s.key[:0], n, s.index, s.signatures)
		if same := s.first[string(s.key)]; same != nil {
			s.index[n] = s.index[same]
			return same
		}
		s.first[string(s.key)] = n
	}
	s.index[n] = len(s.index)
	return nil
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

// Content prints everything that decides about what a function computes, but no names: two
// functions with the same content compute the same results from the same arguments.
func Content(f *graph.Func) []byte {
	var b []byte
	nodes := f.Nodes()
	index := make(map[*graph.Node]int, len(nodes))
	signatures := map[*graph.Signature]int{}
	for i, n := range nodes {
		index[n] = i
		b = appendKey(binary.AppendVarint(b, int64(len(n.Inputs()))), n, index, signatures)
	}
	b = binary.AppendVarint(append(b, "params"...), int64(len(f.Params)))
	for _, p := range f.Params {
		b = binary.AppendVarint(b, int64(index[p]))
	}
	for _, r := range f.Results {
		b = binary.AppendVarint(b, int64(index[r.Node]))
	}
	return b
}
