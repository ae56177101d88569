package reference

import "quickstudy/framework/graph"

const (
	maxOperands = 4 // of a loop: a result and the three operands of select
	maxAxes     = 8 // the most a value has
)

// loop is an index space walked plane by plane in row-major order, with a stride
// per axis for every operand; a repeated axis has stride 0. Neighbouring axes that
// all operands cross in one stride are merged, so that contiguous operands make
// one row. It has at least two axes: the last two are a plane of rows.
type loop struct {
	shape   []int
	strides [][maxOperands]int // by axis
	jumps   [][maxOperands]int // from a plane to the next, by the axis that moves on
}

func newLoop(shape graph.Shape, operands ...[]int) loop {
	l := loop{shape: []int{1}, strides: make([][maxOperands]int, 1)}
	for axis, length := range shape {
		if length == 1 {
			continue
		}
		var stride [maxOperands]int
		merge := len(l.shape) > 1
		last := &l.strides[len(l.strides)-1]
		for k, s := range operands {
			stride[k] = s[axis]
			merge = merge && last[k] == s[axis]*length
		}
		if merge {
			l.shape[len(l.shape)-1] *= length
			*last = stride
			continue
		}
		l.shape, l.strides = append(l.shape, length), append(l.strides, stride)
	}
	if len(l.shape) > 2 {
		l.shape, l.strides = l.shape[1:], l.strides[1:]
	} else if len(l.shape) == 1 {
		l.shape, l.strides = append(l.shape, 1), append(l.strides, [maxOperands]int{})
	}
	planes := len(l.shape) - 2
	l.jumps = make([][maxOperands]int, planes)
	var back [maxOperands]int // to the start of the axes further in
	for axis := planes - 1; axis >= 0; axis-- {
		for k, s := range l.strides[axis] {
			l.jumps[axis][k] = s - back[k]
			back[k] += s * (l.shape[axis] - 1)
		}
	}
	return l
}

// rows returns the number of rows in a plane and their length.
func (l *loop) rows() (rows, length int) {
	return l.shape[len(l.shape)-2], l.shape[len(l.shape)-1]
}

// stride returns an operand's stride from row to row and along a row.
func (l *loop) stride(operand int) (row, inner int) {
	last := len(l.shape) - 1
	return l.strides[last-1][operand], l.strides[last][operand]
}

// walk is a plane of a loop:
//
//	for w := l.planes(); !w.done; w.next() {
type walk struct {
	loop  *loop
	at    [maxOperands]int // offset of the plane's first element in every operand
	index [maxAxes]int
	done  bool
}

func (l *loop) planes() walk { return walk{loop: l} }

func (w *walk) next() {
	axis := len(w.loop.jumps) - 1
	for axis >= 0 && w.index[axis] == w.loop.shape[axis]-1 {
		w.index[axis] = 0
		axis--
	}
	if axis < 0 {
		w.done = true
		return
	}
	w.index[axis]++
	for k, jump := range w.loop.jumps[axis] {
		w.at[k] += jump
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
