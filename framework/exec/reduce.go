package exec

import (
	"cmp"
	"slices"

	"quickstudy/framework/graph"
)

// reduction returns the loop over the operand's index space: the result is
// operand 0 with stride 0 along the axes that are dropped.
func (c *compiler) reduction(n *graph.Node) ([]*value, *loop) {
	in := c.inputs(n)
	x := in[0].node.Shape()
	strides, kept := make([]int, len(x)), rowMajor(n.Shape())
	for i := range x {
		if !slices.Contains(n.Attrs().Axes, i) {
			strides[i], kept = kept[0], kept[1:]
		}
	}
	l := newLoop(x, strides, in[0].strides)
	return in, &l
}

func reduceSum(c *compiler, n *graph.Node) error {
	in, l := c.reduction(n)
	k := summing[int32](l)
	switch c.storage(n.DType()) {
	case inFloat32:
		k = summing[float32](l)
	case inFloat64:
		k = summing[float64](l)
	}
	c.step(n, in, k)
	return nil
}

// summing adds in row-major order in double precision and rounds once.
func summing[T number](l *loop) kernel {
	so, sx := l.inner(0), l.inner(1)
	return func(m *arena, out any, in []any) error {
		dst, x := out.([]T), in[0].([]T)
		memory := m.take(inFloat64, len(dst))
		defer m.give(memory)
		sums := memory.([]float64)
		clear(sums)
		l.rows(func(n int, at []int) {
			if so == 0 {
				sum := sums[at[0]]
				for i := range n {
					sum += float64(x[at[1]+i*sx])
				}
				sums[at[0]] = sum
				return
			}
			for i := range n {
				sums[at[0]+i*so] += float64(x[at[1]+i*sx])
			}
		})
		for i, sum := range sums {
			dst[i] = T(sum)
		}
		return nil
	}
}

func reduceMax(c *compiler, n *graph.Node) error {
	in, l := c.reduction(n)
	k := maximum[int32](l)
	switch c.storage(n.DType()) {
	case inFloat32:
		k = maximum[float32](l)
	case inFloat64:
		k = maximum[float64](l)
	}
	c.step(n, in, k)
	return nil
}

func maximum[T number](l *loop) kernel {
	so, sx := l.inner(0), l.inner(1)
	return func(_ *arena, out any, in []any) error {
		dst, x := out.([]T), in[0].([]T)
		// Every result starts as one of its own elements: the last one visited here.
		l.rows(func(n int, at []int) {
			for i := range n {
				dst[at[0]+i*so] = x[at[1]+i*sx]
			}
		})
		l.rows(func(n int, at []int) {
			for i := range n {
				dst[at[0]+i*so] = larger(dst[at[0]+i*so], x[at[1]+i*sx])
			}
		})
		return nil
	}
}

func cumSum(c *compiler, n *graph.Node) error {
	axis := n.Attrs().Axis
	length, step := n.Shape()[axis], rowMajor(n.Shape())[axis]
	in := c.dense(n)
	k := running[int32](length, step, n.Attrs().Reverse)
	switch c.storage(n.DType()) {
	case inFloat32:
		k = running[float32](length, step, n.Attrs().Reverse)
	case inFloat64:
		k = running[float64](length, step, n.Attrs().Reverse)
	}
	c.step(n, in, k)
	return nil
}

func running[T number](length, step int, reverse bool) kernel {
	return func(_ *arena, out any, in []any) error {
		dst, x := out.([]T), in[0].([]T)
		for block := 0; block < len(x); block += length * step {
			for j := range step {
				var sum float64
				for i := range length {
					at := block + i*step + j
					if reverse {
						at = block + (length-1-i)*step + j
					}
					sum += float64(x[at])
					dst[at] = T(sum)
				}
			}
		}
		return nil
	}
}

func argMax(c *compiler, n *graph.Node) error { return ranked(c, n, 1) }

func topK(c *compiler, n *graph.Node) error { return ranked(c, n, n.Attrs().N) }

func ranked(c *compiler, n *graph.Node, count int) error {
	in := c.dense(n)
	x := in[0].node
	width := x.Shape()[len(x.Shape())-1]
	k := ranking[int32](width, count)
	switch c.storage(x.DType()) {
	case inFloat32:
		k = ranking[float32](width, count)
	case inFloat64:
		k = ranking[float64](width, count)
	}
	c.step(n, in, k)
	return nil
}

// ranking returns the indices of the largest elements of every row; the stable
// order puts the lower index first at a tie.
func ranking[T number](width, count int) kernel {
	return func(_ *arena, out any, in []any) error {
		dst, x := out.([]int32), in[0].([]T)
		order := make([]int32, width)
		for r := range len(x) / width {
			row := x[r*width : (r+1)*width]
			for i := range order {
				order[i] = int32(i)
			}
			slices.SortStableFunc(order, func(i, j int32) int { return cmp.Compare(row[j], row[i]) })
			copy(dst[r*count:(r+1)*count], order)
		}
		return nil
	}
}
