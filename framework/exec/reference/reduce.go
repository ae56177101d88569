package reference

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
	c.step(n, append(in, c.workspace(inFloat64, n.Shape().Size())), k)
	return nil
}

// summing adds in row-major order in double precision and rounds once.
func summing[T number](l *loop) kernel {
	rows, length := l.rows()
	rowY, innerY := l.stride(0)
	rowX, innerX := l.stride(1)
	return func(out any, in []any) error {
		dst, x, sums := out.([]T), in[0].([]T), in[1].([]float64)
		clear(sums)
		for w := l.planes(); !w.done; w.next() {
			y, p, r := w.at[0], w.at[1], 0
			if innerY == 0 && innerX == 1 && rowY != 0 {
				for ; r+4 <= rows; r += 4 {
					addRows(sums[y:], rowY, x[p:], rowX, length)
					y += 4 * rowY
					p += 4 * rowX
				}
			}
			for ; r < rows; r++ {
				switch {
				case innerY == 0:
					sum := sums[y]
					for i := range length {
						sum += float64(x[p+i*innerX])
					}
					sums[y] = sum
				case innerY == 1 && innerX == 1:
					addTo(sums[y:y+length], x[p:p+length])
				default:
					for i := range length {
						sums[y+i*innerY] += float64(x[p+i*innerX])
					}
				}
				y += rowY
				p += rowX
			}
		}
		for i, sum := range sums {
			dst[i] = T(sum)
		}
		return nil
	}
}

// addRows adds four rows to a sum each. The chains do not wait for each other.
func addRows[T number](sums []float64, rowY int, x []T, rowX, length int) {
	x0, x1, x2, x3 := x[:length], x[rowX:][:length], x[2*rowX:][:length], x[3*rowX:][:length]
	s0, s1, s2, s3 := sums[0], sums[rowY], sums[2*rowY], sums[3*rowY]
	for i := range x0 {
		s0 += float64(x0[i])
		s1 += float64(x1[i])
		s2 += float64(x2[i])
		s3 += float64(x3[i])
	}
	sums[0], sums[rowY], sums[2*rowY], sums[3*rowY] = s0, s1, s2, s3
}

func addTo[T number](sums []float64, x []T) {
	x = x[:len(sums)]
	for i := range sums {
		sums[i] += float64(x[i])
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
	rows, length := l.rows()
	rowY, innerY := l.stride(0)
	rowX, innerX := l.stride(1)
	return func(out any, in []any) error {
		dst, x := out.([]T), in[0].([]T)
		// Every result starts as one of its own elements: the last one visited here.
		for w := l.planes(); !w.done; w.next() {
			y, p := w.at[0], w.at[1]
			for range rows {
				if innerY == 0 {
					dst[y] = x[p]
				} else {
					for i := range length {
						dst[y+i*innerY] = x[p+i*innerX]
					}
				}
				y += rowY
				p += rowX
			}
		}
		for w := l.planes(); !w.done; w.next() {
			y, p := w.at[0], w.at[1]
			for range rows {
				if innerY == 0 {
					top := dst[y]
					for i := range length {
						top = larger(top, x[p+i*innerX])
					}
					dst[y] = top
				} else {
					for i := range length {
						dst[y+i*innerY] = larger(dst[y+i*innerY], x[p+i*innerX])
					}
				}
				y += rowY
				p += rowX
			}
		}
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
	return func(out any, in []any) error {
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

func argMax(c *compiler, n *graph.Node) error {
	x := n.Inputs()[0]
	width := lastAxis(x)
	return typed(c, n, x.DType(), leading[float32](width), leading[float64](width),
		leading[int32](width), nil)
}

// leading returns the index of the largest element of every row, the lowest at a
// tie.
func leading[T number](width int) kernel {
	return func(out any, in []any) error {
		dst, x := out.([]int32), in[0].([]T)
		for r := range dst {
			row, best := x[r*width:(r+1)*width], 0
			for i, v := range row {
				if cmp.Compare(v, row[best]) > 0 {
					best = i
				}
			}
			dst[r] = int32(best)
		}
		return nil
	}
}

func topK(c *compiler, n *graph.Node) error {
	x := n.Inputs()[0]
	width, count := lastAxis(x), n.Attrs().N
	return typed(c, n, x.DType(), ranking[float32](width, count), ranking[float64](width, count),
		ranking[int32](width, count), nil)
}

// ranking returns the indices of the largest elements of every row; the stable
// order puts the lower index first at a tie.
func ranking[T number](width, count int) kernel {
	return func(out any, in []any) error {
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
