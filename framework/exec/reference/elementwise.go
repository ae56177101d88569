package reference

import (
	"errors"

	"quickstudy/framework/graph"
)

// elementwise adds a step that walks n's index space; build gets its loop with
// the result as operand 0. The result is stored contiguously, and operands are
// read along a row with stride 1, or 0 where they are repeated: a value with
// other strides is copied when it is made.
func elementwise(c *compiler, n *graph.Node, build func(l *loop) kernel) error {
	in := c.inputs(n)
	strides := [][]int{rowMajor(n.Shape())}
	var aligned []bool
	for _, v := range in {
		strides = append(strides, v.strides)
		aligned = append(aligned, v.dense && v.node.Shape().Size() == n.Shape().Size())
	}
	l := newLoop(n.Shape(), strides...)
	c.step(n, in, build(&l))
	c.steps[len(c.steps)-1].aligned = aligned
	return nil
}

// mapping computes a row of the result from a row of the operand.
func mapping[X, Y any](l *loop, f func(dst []Y, x []X)) kernel {
	rows, length := l.rows()
	rowY, _ := l.stride(0)
	rowX, innerX := l.stride(1)
	return func(out any, in []any) error {
		dst, x := out.([]Y), in[0].([]X)
		for w := l.planes(); !w.done; w.next() {
			y, p := w.at[0], w.at[1]
			for range rows {
				if row := dst[y : y+length]; innerX == 1 {
					f(row, x[p:p+length])
				} else {
					f(row[:1], x[p:p+1])
					fill(row, row[0])
				}
				y += rowY
				p += rowX
			}
		}
		return nil
	}
}

func pairing[X, Y any](l *loop, f pairs[X, Y]) kernel {
	rows, length := l.rows()
	rowY, _ := l.stride(0)
	rowA, innerA := l.stride(1)
	rowB, innerB := l.stride(2)
	return func(out any, in []any) error {
		dst, a, b := out.([]Y), in[0].([]X), in[1].([]X)
		for w := l.planes(); !w.done; w.next() {
			y, pa, pb := w.at[0], w.at[1], w.at[2]
			for range rows {
				row := dst[y : y+length]
				switch {
				case innerA == 1 && innerB == 1:
					f.both(row, a[pa:pa+length], b[pb:pb+length])
				case innerA == 1:
					f.right(row, a[pa:pa+length], b[pb])
				case innerB == 1:
					f.left(row, a[pa], b[pb:pb+length])
				default:
					f.both(row[:1], a[pa:pa+1], b[pb:pb+1])
					fill(row, row[0])
				}
				y += rowY
				pa += rowA
				pb += rowB
			}
		}
		return nil
	}
}

func fill[T any](row []T, v T) {
	for i := range row {
		row[i] = v
	}
}

func unary(f32 func(dst, x []float32), f64 func(dst, x []float64)) rule {
	return func(c *compiler, n *graph.Node) error {
		return elementwise(c, n, func(l *loop) kernel {
			if c.storage(n.DType()) == inFloat32 {
				return mapping(l, f32)
			}
			return mapping(l, f64)
		})
	}
}

func arithmetic(f32 pairs[float32, float32], f64 pairs[float64, float64],
	i32 pairs[int32, int32]) rule {
	return func(c *compiler, n *graph.Node) error {
		return elementwise(c, n, func(l *loop) kernel {
			switch c.storage(n.DType()) {
			case inFloat32:
				return pairing(l, f32)
			case inFloat64:
				return pairing(l, f64)
			default:
				return pairing(l, i32)
			}
		})
	}
}

func quotient(c *compiler, n *graph.Node) error {
	if n.DType() != graph.Int32 {
		return arithmetic(division[float32](), division[float64](), pairs[int32, int32]{})(c, n)
	}
	return elementwise(c, n, func(l *loop) kernel {
		divide := pairing(l, division[int32]())
		return func(out any, in []any) error {
			for _, b := range in[1].([]int32) {
				if b == 0 {
					return errors.New("an integer is divided by zero")
				}
			}
			return divide(out, in)
		}
	})
}

func comparison(f32 func(a, b float32) bool, f64 func(a, b float64) bool, i32 func(a, b int32) bool,
	boolean func(a, b bool) bool) rule {
	return func(c *compiler, n *graph.Node) error {
		return elementwise(c, n, func(l *loop) kernel {
			switch c.storage(n.Inputs()[0].DType()) {
			case inFloat32:
				return pairing(l, each(f32))
			case inFloat64:
				return pairing(l, each(f64))
			case inInt32:
				return pairing(l, each(i32))
			default:
				return pairing(l, each(boolean))
			}
		})
	}
}

func logical(f func(a, b bool) bool) rule { return comparison(nil, nil, nil, f) }

func not(c *compiler, n *graph.Node) error {
	return elementwise(c, n, func(l *loop) kernel {
		return mapping(l, func(dst, x []bool) {
			for i := range dst {
				dst[i] = !x[i]
			}
		})
	})
}

func choose(c *compiler, n *graph.Node) error {
	return elementwise(c, n, func(l *loop) kernel {
		switch c.storage(n.DType()) {
		case inFloat32:
			return selecting[float32](l)
		case inFloat64:
			return selecting[float64](l)
		case inInt32:
			return selecting[int32](l)
		default:
			return selecting[bool](l)
		}
	})
}

func selecting[T any](l *loop) kernel {
	rows, length := l.rows()
	rowY, _ := l.stride(0)
	rowC, innerC := l.stride(1)
	rowA, innerA := l.stride(2)
	rowB, innerB := l.stride(3)
	return func(out any, in []any) error {
		dst, cond, a, b := out.([]T), in[0].([]bool), in[1].([]T), in[2].([]T)
		for w := l.planes(); !w.done; w.next() {
			y, pc, pa, pb := w.at[0], w.at[1], w.at[2], w.at[3]
			for range rows {
				row := dst[y : y+length]
				switch {
				case innerC == 1 && innerA == 1 && innerB == 0:
					keep(row, cond[pc:pc+length], a[pa:pa+length], b[pb])
				default:
					for i := range row {
						if cond[pc+i*innerC] {
							row[i] = a[pa+i*innerA]
						} else {
							row[i] = b[pb+i*innerB]
						}
					}
				}
				y += rowY
				pc += rowC
				pa += rowA
				pb += rowB
			}
		}
		return nil
	}
}

// keep selects elements that are not hidden by a mask, the commonest use.
func keep[T any](dst []T, cond []bool, a []T, b T) {
	cond, a = cond[:len(dst)], a[:len(dst)]
	for i := range dst {
		v := b
		if cond[i] {
			v = a[i]
		}
		dst[i] = v
	}
}

func convert(c *compiler, n *graph.Node) error {
	return elementwise(c, n, func(l *loop) kernel {
		to := c.storage(n.DType())
		switch c.storage(n.Inputs()[0].DType()) {
		case inFloat32:
			return converting[float32](l, to)
		case inFloat64:
			return converting[float64](l, to)
		case inInt32:
			return converting[int32](l, to)
		}
		switch to {
		case inFloat32:
			return mapping(l, ones[float32])
		case inFloat64:
			return mapping(l, ones[float64])
		case inInt32:
			return mapping(l, ones[int32])
		default:
			return mapping(l, func(dst, x []bool) { copy(dst, x) })
		}
	})
}

func converting[T number](l *loop, to storage) kernel {
	switch to {
	case inFloat32:
		return mapping(l, cast[T, float32])
	case inFloat64:
		return mapping(l, cast[T, float64])
	case inInt32:
		return mapping(l, cast[T, int32])
	default:
		return mapping(l, func(dst []bool, x []T) {
			for i := range dst {
				dst[i] = x[i] != 0
			}
		})
	}
}

func cast[X, Y number](dst []Y, x []X) {
	for i := range dst {
		dst[i] = Y(x[i])
	}
}

// ones is 1 for true.
func ones[T number](dst []T, x []bool) {
	for i := range dst {
		dst[i] = 0
		if x[i] {
			dst[i] = 1
		}
	}
}
