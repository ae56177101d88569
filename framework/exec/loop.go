package exec

import "quickstudy/framework/graph"

// loop is an index space walked row by row, with a stride per axis for every
// operand; a repeated axis has stride 0. Neighbouring axes that all operands
// cross in one stride are merged, so that contiguous operands make one row.
type loop struct {
	shape   []int
	strides [][]int // [operand][axis]
}

func newLoop(shape graph.Shape, strides ...[]int) loop {
	l := loop{strides: make([][]int, len(strides))}
	for axis, length := range shape {
		if length == 1 {
			continue
		}
		last := len(l.shape) - 1
		merge := last >= 0
		for k, s := range strides {
			merge = merge && l.strides[k][last] == s[axis]*length
		}
		if merge {
			l.shape[last] *= length
			for k, s := range strides {
				l.strides[k][last] = s[axis]
			}
			continue
		}
		l.shape = append(l.shape, length)
		for k, s := range strides {
			l.strides[k] = append(l.strides[k], s[axis])
		}
	}
	if len(l.shape) == 0 {
		l.shape = []int{1}
		for k := range l.strides {
			l.strides[k] = []int{0}
		}
	}
	return l
}

// inner returns an operand's stride along a row.
func (l *loop) inner(operand int) int { return l.strides[operand][len(l.shape)-1] }

// rows calls f for every row in row-major order with its length and the offset
// of its first element in every operand.
func (l *loop) rows(f func(n int, at []int)) {
	last := len(l.shape) - 1
	index := make([]int, last)
	at := make([]int, len(l.strides))
	for {
		f(l.shape[last], at)
		axis := last - 1
		for ; axis >= 0; axis-- {
			index[axis]++
			for k := range at {
				at[k] += l.strides[k][axis]
			}
			if index[axis] < l.shape[axis] {
				break
			}
			for k := range at {
				at[k] -= l.strides[k][axis] * l.shape[axis]
			}
			index[axis] = 0
		}
		if axis < 0 {
			return
		}
	}
}

// rowMajor returns the strides of a dense value.
func rowMajor(shape graph.Shape) []int {
	strides := make([]int, len(shape))
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = step
		step *= shape[i]
	}
	return strides
}
