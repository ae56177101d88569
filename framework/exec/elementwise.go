package exec

import (
	"errors"

	"quickstudy/framework/graph"
)

type float interface{ float32 | float64 }

type number interface{ float32 | float64 | int32 }

func neg[T float](x T) T { return -x }

// rounded computes in double precision and rounds once.
func rounded(f func(float64) float64) (func(float32) float32, func(float64) float64) {
	return func(x float32) float32 { return float32(f(float64(x))) }, f
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0, or NaN
}

func add[T number](a, b T) T          { return a + b }
func sub[T number](a, b T) T          { return a - b }
func mul[T number](a, b T) T          { return a * b }
func div[T number](a, b T) T          { return a / b }
func equal[T comparable](a, b T) bool { return a == b }
func less[T number](a, b T) bool      { return a < b }
func atMost[T number](a, b T) bool    { return a <= b }
func lessBool(a, b bool) bool         { return !a && b }
func atMostBool(a, b bool) bool       { return !a || b }

// larger returns a at a tie, and NaN when either is.
func larger[T number](a, b T) T {
	if a >= b || a != a {
		return a
	}
	return b
}

// smaller returns a at a tie, and NaN when either is.
func smaller[T number](a, b T) T {
	if a <= b || a != a {
		return a
	}
	return b
}

// elementwise adds a step that walks n's index space; kernel gets its loop
// with the result as operand 0.
func elementwise(c *compiler, n *graph.Node, build func(l *loop) kernel) error {
	in := c.inputs(n)
	strides := [][]int{rowMajor(n.Shape())}
	for _, v := range in {
		strides = append(strides, v.strides)
	}
	l := newLoop(n.Shape(), strides...)
	c.step(n, in, build(&l))
	return nil
}

func map1[X, Y any](l *loop, f func(X) Y) kernel {
	sx := l.inner(1)
	return func(_ *arena, out any, in []any) error {
		dst, x := out.([]Y), in[0].([]X)
		l.rows(func(n int, at []int) {
			row, px := dst[at[0]:at[0]+n], at[1]
			for i := range row {
				row[i] = f(x[px])
				px += sx
			}
		})
		return nil
	}
}

func map2[X, Y any](l *loop, f func(a, b X) Y) kernel {
	sa, sb := l.inner(1), l.inner(2)
	return func(_ *arena, out any, in []any) error {
		dst, a, b := out.([]Y), in[0].([]X), in[1].([]X)
		l.rows(func(n int, at []int) {
			row, pa, pb := dst[at[0]:at[0]+n], at[1], at[2]
			for i := range row {
				row[i] = f(a[pa], b[pb])
				pa += sa
				pb += sb
			}
		})
		return nil
	}
}

func unary(f32 func(float32) float32, f64 func(float64) float64) rule {
	return func(c *compiler, n *graph.Node) error {
		return elementwise(c, n, func(l *loop) kernel {
			if c.storage(n.DType()) == inFloat32 {
				return map1(l, f32)
			}
			return map1(l, f64)
		})
	}
}

func arithmetic(f32 func(a, b float32) float32, f64 func(a, b float64) float64, i32 func(a, b int32) int32) rule {
	return func(c *compiler, n *graph.Node) error {
		return elementwise(c, n, func(l *loop) kernel {
			switch c.storage(n.DType()) {
			case inFloat32:
				return map2(l, f32)
			case inFloat64:
				return map2(l, f64)
			default:
				return map2(l, i32)
			}
		})
	}
}

func quotient(c *compiler, n *graph.Node) error {
	if n.DType() != graph.Int32 {
		return arithmetic(div[float32], div[float64], nil)(c, n)
	}
	return elementwise(c, n, func(l *loop) kernel {
		divide := map2(l, div[int32])
		return func(m *arena, out any, in []any) error {
			for _, b := range in[1].([]int32) {
				if b == 0 {
					return errors.New("an integer is divided by zero")
				}
			}
			return divide(m, out, in)
		}
	})
}

func comparison(f32 func(a, b float32) bool, f64 func(a, b float64) bool, i32 func(a, b int32) bool, b func(a, b bool) bool) rule {
	return func(c *compiler, n *graph.Node) error {
		return elementwise(c, n, func(l *loop) kernel {
			switch c.storage(n.Inputs()[0].DType()) {
			case inFloat32:
				return map2(l, f32)
			case inFloat64:
				return map2(l, f64)
			case inInt32:
				return map2(l, i32)
			default:
				return map2(l, b)
			}
		})
	}
}

func logical(f func(a, b bool) bool) rule {
	return func(c *compiler, n *graph.Node) error {
		return elementwise(c, n, func(l *loop) kernel { return map2(l, f) })
	}
}

func not(c *compiler, n *graph.Node) error {
	return elementwise(c, n, func(l *loop) kernel { return map1(l, func(x bool) bool { return !x }) })
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
	sc, sa, sb := l.inner(1), l.inner(2), l.inner(3)
	return func(_ *arena, out any, in []any) error {
		dst, cond, a, b := out.([]T), in[0].([]bool), in[1].([]T), in[2].([]T)
		l.rows(func(n int, at []int) {
			row := dst[at[0] : at[0]+n]
			for i := range row {
				if cond[at[1]+i*sc] {
					row[i] = a[at[2]+i*sa]
				} else {
					row[i] = b[at[3]+i*sb]
				}
			}
		})
		return nil
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
		number := func(x bool) int32 {
			if x {
				return 1
			}
			return 0
		}
		switch to {
		case inFloat32:
			return map1(l, func(x bool) float32 { return float32(number(x)) })
		case inFloat64:
			return map1(l, func(x bool) float64 { return float64(number(x)) })
		case inInt32:
			return map1(l, number)
		default:
			return map1(l, func(x bool) bool { return x })
		}
	})
}

func converting[T number](l *loop, to storage) kernel {
	switch to {
	case inFloat32:
		return map1(l, func(x T) float32 { return float32(x) })
	case inFloat64:
		return map1(l, func(x T) float64 { return float64(x) })
	case inInt32:
		return map1(l, func(x T) int32 { return int32(x) })
	default:
		return map1(l, func(x T) bool { return x != 0 })
	}
}
