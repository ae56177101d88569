package exec

import (
	"slices"

	"quickstudy/framework/graph"
)

// orders decides in which order the axes of every node that is computed are stored.
// Where a value is used as the transpose of itself, it is better stored that way, so
// that the transpose and a reshape after it are other ways to read it. Nodes that are
// not in the map are stored in row-major order.
func orders(nodes []*graph.Node) map[*graph.Node][]int {
	wanted := map[*graph.Node][]int{}
	votes := map[*graph.Node][][]int{}
	for _, n := range slices.Backward(nodes) {
		order := elected(votes[n], len(n.Shape()))
		if order != nil && !identity(order) {
			wanted[n] = order
		}
		for _, in := range n.Inputs() {
			if vote := vote(n, in, order); vote != nil {
				votes[in] = append(votes[in], vote)
			}
		}
	}
	return wanted
}

// vote is how a user that is stored in some order would like its operand; nil: no
// preference.
func vote(n, in *graph.Node, order []int) []int {
	switch n.Op() {
	case graph.OpTranspose:
		if order == nil {
			order = ascending(len(n.Shape()))
		}
		axes := make([]int, len(order))
		for i, axis := range order {
			axes[i] = n.Attrs().Axes[axis]
		}
		return axes
	case graph.OpReshape, graph.OpSum, graph.OpMaxOf, graph.OpConcat, graph.OpPad:
		return ascending(len(in.Shape()))
	case graph.OpDot, graph.OpBroadcast:
		return nil
	case graph.OpAfter:
		if in != n.Inputs()[0] {
			return nil
		}
	}
	if in.Shape().Equal(n.Shape()) {
		return order
	}
	return nil
}

// elected returns the order with the most votes, the first of them at a tie.
func elected(votes [][]int, rank int) []int {
	best, most := []int(nil), 0
	for _, v := range votes {
		count := 0
		for _, w := range votes {
			if slices.Equal(v, w) {
				count++
			}
		}
		if count > most && len(v) == rank {
			best, most = v, count
		}
	}
	return best
}

func ascending(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

func identity(order []int) bool {
	for i, axis := range order {
		if axis != i {
			return false
		}
	}
	return true
}
