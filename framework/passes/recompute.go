package passes

import (
	"errors"

	"quickstudy/framework/graph"
)

// Recompute returns f with the steps between edges (graph.Edge) computed again for the
// derivative through them, instead of being kept from the first time: what is kept is what
// steps hand on, so that memory hardly grows with their number. The derivative of a step
// needs what the step computed; it gets copies that wait until the derivative has come to
// the step's end. This is checkpointing at every step (Griewank & Walther 2000, "Algorithm
// 799: revolve", https://doi.org/10.1145/347837.347846, with as many checkpoints as steps),
// for derivatives of any order within a step.
//
// Copies compute the same operations on the same numbers, so they have the same bits.
func Recompute(f *graph.Func) (*graph.Func, error) {
	l := newLoop(f)
	if l == nil {
		return f, nil
	}
	return l.rebuild(f)
}

// loop is what is known of the nodes of a function, all by their place in its order.
type loop struct {
	order []*graph.Node
	place map[*graph.Node]int
	// step is the number of the edge after which a node is computed, for one of a step or
	// one that its derivative computes from nothing but these; 0 for others.
	step []int
	// kept is those of a step that others than the derivative of the step read.
	kept []bool
	// crossed is the edges that a derivative has come across, from the end to the beginning.
	crossed []edges
	// ends is the cotangents that arrive at the end of a step first.
	ends map[int][]int
}

// newLoop returns nil when there is no derivative through an edge.
func newLoop(f *graph.Func) *loop {
	l := &loop{order: f.Nodes(), ends: map[int][]int{}}
	l.place = make(map[*graph.Node]int, len(l.order))
	for i, n := range l.order {
		l.place[n] = i
	}
	l.cross()
	if len(l.ends) == 0 {
		return nil
	}
	l.divide()
	return l
}

// isEdge reports whether n is what an edge hands on.
func isEdge(n *graph.Node) bool {
	return n.Op() == graph.OpAfter && n.Attrs().N > 0 && !n.Attrs().Reverse
}

// cross finds out where derivatives cross edges. What crosses one that has been crossed
// before is a derivative of a derivative.
func (l *loop) cross() {
	l.crossed = make([]edges, len(l.order))
	for i, n := range l.order {
		var all edges
		for _, in := range n.Inputs() {
			all = all.with(l.crossed[l.place[in]])
		}
		if a := n.Attrs(); n.Op() == graph.OpAfter && a.Reverse {
			if !all.has(a.N) {
				l.ends[a.N-1] = append(l.ends[a.N-1], i)
			}
			all = all.with(edgesOf(a.N))
		}
		l.crossed[i] = all
	}
}

// divide finds the step of every node, and what is kept of it.
func (l *loop) divide() {
	last := make([]int, len(l.order))  // edge that a node depends on
	used := make([]bool, len(l.order)) // by an edge, directly or not
	for i, n := range l.order {
		for _, in := range n.Inputs() {
			last[i] = max(last[i], last[l.place[in]])
			used[l.place[in]] = used[l.place[in]] || isEdge(n)
		}
		if isEdge(n) {
			last[i] = max(last[i], n.Attrs().N)
		}
	}
	for i := len(l.order) - 1; i >= 0; i-- {
		if used[i] {
			for _, in := range l.order[i].Inputs() {
				used[l.place[in]] = true
			}
		}
	}
	l.step, l.kept = make([]int, len(l.order)), make([]bool, len(l.order))
	shared := make([]bool, len(l.order)) // by several steps, or handed on
	only := make([]int, len(l.order))    // step that reads it
	for i := len(l.order) - 1; i >= 0; i-- {
		n := l.order[i]
		if computed(n) && used[i] {
			switch {
			case last[i] > 0:
				l.step[i] = last[i]
			case !shared[i]: // independent of the loop, but of this step alone, such as its dropout
				l.step[i] = only[i]
			}
			l.kept[i] = shared[i] || only[i] != 0 && only[i] != l.step[i]
		}
		for _, in := range n.Inputs() {
			at := l.place[in]
			switch {
			case isEdge(n) || used[i] && l.step[i] == 0:
				shared[at] = true
			case used[i] && only[at] != 0 && only[at] != l.step[i]:
				shared[at] = true
			case used[i]:
				only[at] = l.step[i]
			}
		}
	}
	for i, n := range l.order {
		if used[i] || !computed(n) {
			continue
		}
		step := last[i]
		for _, in := range n.Inputs() {
			step = max(step, l.step[l.place[in]])
		}
		if !l.crossed[i].has(step + 1) {
			l.step[i] = step
		}
	}
}

// computed reports whether a node takes work or memory of its own.
func computed(n *graph.Node) bool {
	switch n.Op() {
	case graph.OpParameter, graph.OpConstant, graph.OpIota, graph.OpAfter:
		return false
	}
	return true
}

// role is a node in the function that is made: itself, its copy for the derivative of its
// step, or itself for the copies of a step. Without a node it is what these wait for.
type role struct {
	node int // -1: none
	as   roleKind
	step int // of those that wait
}

type roleKind uint8

const (
	itself roleKind = iota
	again
	waiting
)

// operands lists what a role is made of.
func (l *loop) operands(r role) []role {
	switch {
	case r.node < 0:
		var ends []role
		for _, i := range l.ends[r.step] {
			ends = append(ends, role{node: i})
		}
		return ends
	case r.as == waiting:
		return []role{{node: r.node}, {node: -1, step: r.step}}
	}
	var in []role
	for _, x := range l.order[r.node].Inputs() {
		i := l.place[x]
		one := role{node: i}
		step := l.step[i]
		switch {
		case r.as == again && step == l.step[r.node] && !l.kept[i]:
			one.as = again
		case r.as == again && x.Op() != graph.OpConstant && x.Op() != graph.OpIota:
			one.as, one.step = waiting, l.step[r.node]
		case r.as == itself && step > 0 && !l.kept[i] && l.step[r.node] != step &&
			l.crossed[r.node].has(step+1):
			one.as = again
		}
		in = append(in, one)
	}
	return in
}

// rebuild makes the function. A role is visited twice: its operands are made in between.
func (l *loop) rebuild(f *graph.Func) (*graph.Func, error) {
	made, begun := map[role]*graph.Node{}, map[role]bool{}
	var stack []role
	for _, result := range f.Results {
		stack = append(stack, role{node: l.place[result.Node]})
	}
	for len(stack) > 0 {
		r := stack[len(stack)-1]
		if made[r] != nil {
			stack = stack[:len(stack)-1]
			continue
		}
		operands := l.operands(r)
		if !begun[r] {
			begun[r] = true
			for i := len(operands) - 1; i >= 0; i-- { // the first is made first
				o := operands[i]
				if made[o] == nil && begun[o] { // it waits for this one
					return nil, errors.New("a step would be computed again for what it depends on itself; " +
						"leave out recompute")
				}
				stack = append(stack, o)
			}
			continue
		}
		stack = stack[:len(stack)-1]
		in := make([]*graph.Node, len(operands))
		for i, o := range operands {
			in[i] = made[o]
		}
		if r.as == waiting || r.node < 0 {
			made[r] = graph.After(in[0], in[1:]...)
		} else {
			made[r] = l.order[r.node].WithInputs(in)
		}
	}
	g := &graph.Func{Name: f.Name, Params: f.Params}
	for _, r := range f.Results {
		g.Results = append(g.Results,
			graph.Result{Name: r.Name, Node: made[role{node: l.place[r.Node]}]})
	}
	return g, nil
}

// edges is a set of edges by their numbers. Sets are not changed, so that many nodes share
// one.
type edges []uint64

func edgesOf(number int) edges {
	e := make(edges, number/64+1)
	e[number/64] = 1 << (number % 64)
	return e
}

func (e edges) has(number int) bool {
	return number/64 < len(e) && e[number/64]>>(number%64)&1 != 0
}

// with returns the union.
func (e edges) with(other edges) edges {
	if len(e) < len(other) {
		e, other = other, e
	}
	more := false
	for i, w := range other {
		more = more || w&^e[i] != 0
	}
	if !more {
		return e
	}
	union := append(edges{}, e...)
	for i, w := range other {
		union[i] |= w
	}
	return union
}
