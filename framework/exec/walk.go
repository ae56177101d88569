package exec

// walk is an index space gone through plane by plane in row-major order, with a stride
// per axis for every operand. Neighbouring axes that all operands cross in one stride
// are merged. It has at least two axes: the last two are a plane of rows.
type walk struct {
	shape   []int
	strides [][]int // by axis, then operand
	from    []int   // offsets of the first elements
	jumps   [][]int // from a plane to the next, by the axis that moves on, then operand
}

// newWalk makes a walk of operands with strides by axis. Axes from position fixed on are
// never merged with the one before.
func newWalk(shape []int, from []int, operands [][]int, fixed int) walk {
	w := walk{from: from}
	count := len(operands)
	for axis, length := range shape {
		if length == 1 && axis < fixed {
			continue
		}
		stride := make([]int, count)
		merge := len(w.shape) > 0 && axis < fixed
		for k, s := range operands {
			stride[k] = s[axis]
			merge = merge && w.strides[len(w.strides)-1][k] == s[axis]*length
		}
		if merge {
			w.shape[len(w.shape)-1] *= length
			w.strides[len(w.strides)-1] = stride
			continue
		}
		w.shape, w.strides = append(w.shape, length), append(w.strides, stride)
	}
	for len(w.shape) < 2 {
		w.shape = append([]int{1}, w.shape...)
		w.strides = append([][]int{make([]int, count)}, w.strides...)
	}
	planes := len(w.shape) - 2
	w.jumps = make([][]int, planes)
	back := make([]int, count) // to the start of the axes further in
	for axis := planes - 1; axis >= 0; axis-- {
		w.jumps[axis] = make([]int, count)
		for k, s := range w.strides[axis] {
			w.jumps[axis][k] = s - back[k]
			back[k] += s * (w.shape[axis] - 1)
		}
	}
	return w
}

// rows returns the number of rows in a plane and their length.
func (w *walk) rows() (rows, length int) {
	return w.shape[len(w.shape)-2], w.shape[len(w.shape)-1]
}

// stride returns an operand's stride from row to row and along a row.
func (w *walk) stride(operand int) (row, inner int) {
	last := len(w.shape) - 1
	return w.strides[last-1][operand], w.strides[last][operand]
}

// plane is where a walk has come to:
//
//	for at := w.start(offsets); !at.done; at.next() {
type plane struct {
	walk   *walk
	offset []int // of the plane's first element in every operand, in the caller's memory
	index  [maxAxes]int
	done   bool
}

const maxAxes = 16 // more than a value has: a cluster's axes are cut where its members' are

func (w *walk) start(offsets []int) plane {
	return plane{walk: w, offset: append(offsets[:0], w.from...)}
}

func (p *plane) next() {
	axis := len(p.walk.jumps) - 1
	for axis >= 0 && p.index[axis] == p.walk.shape[axis]-1 {
		p.index[axis] = 0
		axis--
	}
	if axis < 0 {
		p.done = true
		return
	}
	p.index[axis]++
	for k, jump := range p.walk.jumps[axis] {
		p.offset[k] += jump
	}
}
