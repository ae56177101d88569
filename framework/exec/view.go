package exec

import (
	"cmp"
	"slices"

	"quickstudy/framework/graph"
)

// view is how the elements of a node are read from a value that is stored: from an
// offset, by a stride per axis. A repeated axis has stride 0.
type view struct {
	value   *value
	offset  int
	strides []int
}

// rowMajor returns the strides of a dense value.
func rowMajor(shape []int) []int {
	strides := make([]int, len(shape))
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = step
		step *= shape[i]
	}
	return strides
}

// ordered returns the strides, by axis, of a value that is dense with its axes stored
// in the given order.
func ordered(shape, order []int) []int {
	strides := make([]int, len(shape))
	step := 1
	for i := len(order) - 1; i >= 0; i-- {
		strides[order[i]] = step
		step *= shape[order[i]]
	}
	return strides
}

// dense reports whether the elements lie one after the other in row-major order.
func (v view) dense(shape []int) bool { return contiguous(shape, v.strides) }

func contiguous(shape, strides []int) bool {
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		if shape[i] != 1 && strides[i] != step {
			return false
		}
		step *= shape[i]
	}
	return true
}

// reshape returns the strides under another shape of the same size, or false where
// an axis of it would need more than one stride.
func (v view) reshape(from, to []int) (view, bool) {
	strides := make([]int, len(to))
	i := 0 // axis of from
	for j := 0; j < len(to); {
		if to[j] == 1 {
			j++ // any stride
			continue
		}
		// The smallest groups of axes with the same number of elements.
		for from[i] == 1 {
			i++
		}
		first, last := i, j
		sizeFrom, sizeTo := from[i], to[j]
		for sizeFrom != sizeTo {
			if sizeFrom < sizeTo {
				i++
				sizeFrom *= from[i]
			} else {
				j++
				sizeTo *= to[j]
			}
		}
		inner := i // the group's innermost axis that is not of length 1
		for from[inner] == 1 {
			inner--
		}
		step := v.strides[inner]
		size := from[inner]
		for axis := inner - 1; axis >= first; axis-- {
			if from[axis] == 1 {
				continue
			}
			if v.strides[axis] != step*size {
				return view{}, false
			}
			size *= from[axis]
		}
		for axis := j; axis >= last; axis-- {
			strides[axis] = step
			step *= to[axis]
		}
		i++
		j++
	}
	return view{value: v.value, offset: v.offset, strides: strides}, true
}

func (v view) transpose(axes []int) view {
	strides := make([]int, len(axes))
	for i, a := range axes {
		strides[i] = v.strides[a]
	}
	return view{value: v.value, offset: v.offset, strides: strides}
}

func (v view) broadcast(from, to graph.Shape) view {
	strides := make([]int, len(to))
	missing := len(to) - len(from)
	for i, s := range v.strides {
		if from[i] == to[missing+i] {
			strides[missing+i] = s
		}
	}
	return view{value: v.value, offset: v.offset, strides: strides}
}

func (v view) slice(axis, from int) view {
	v.offset += from * v.strides[axis]
	return v
}

// descending returns the axes from the largest stride to the smallest, nil if one is
// repeated.
func (v view) descending(shape []int) []int {
	for axis, s := range v.strides {
		if s == 0 && shape[axis] > 1 {
			return nil
		}
	}
	order := ascending(len(shape))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(v.strides[b], v.strides[a]) })
	return order
}
