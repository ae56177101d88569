package reference

import "math"

type float interface{ float32 | float64 }

type number interface{ float32 | float64 | int32 }

// pairs computes a row of a result: from rows of both operands, from a row of the
// left one and an element of the right one for all of it, or the other way round.
//
// The four operations of arithmetic, which take most of the time outside dot, have
// loops of their own; for the others a call for every element will do.
type pairs[X, Y any] struct {
	both  func(dst []Y, a, b []X)
	right func(dst []Y, a []X, b X)
	left  func(dst []Y, a X, b []X)
}

func each[X, Y any](f func(a, b X) Y) pairs[X, Y] {
	return pairs[X, Y]{
		both: func(dst []Y, a, b []X) {
			for i := range dst {
				dst[i] = f(a[i], b[i])
			}
		},
		right: func(dst []Y, a []X, b X) {
			for i := range dst {
				dst[i] = f(a[i], b)
			}
		},
		left: func(dst []Y, a X, b []X) {
			for i := range dst {
				dst[i] = f(a, b[i])
			}
		},
	}
}

func addition[T number]() pairs[T, T] {
	right := func(dst, a []T, b T) {
		a = a[:len(dst)]
		for i := range dst {
			dst[i] = a[i] + b
		}
	}
	return pairs[T, T]{
		both: func(dst, a, b []T) {
			a, b = a[:len(dst)], b[:len(dst)]
			for i := range dst {
				dst[i] = a[i] + b[i]
			}
		},
		right: right,
		left:  func(dst []T, a T, b []T) { right(dst, b, a) },
	}
}

// scaledSum adds alpha·x to y.
type scaledSum[T float] = func(n int, alpha T, x []T, incX int, y []T, incY int)

// floatAddition is addition whose rows are added by axpy, for which gonum has
// assembly on amd64: with alpha 1 no bit differs, and it takes half the time.
func floatAddition[T float](axpy scaledSum[T]) pairs[T, T] {
	p := addition[T]()
	p.both = func(dst, a, b []T) {
		if &dst[0] == &b[0] { // b is overwritten
			a, b = b, a
		}
		if &dst[0] != &a[0] {
			copy(dst, a)
		}
		axpy(len(dst), 1, b, 1, dst, 1)
	}
	return p
}

func subtraction[T number]() pairs[T, T] {
	return pairs[T, T]{
		both: func(dst, a, b []T) {
			a, b = a[:len(dst)], b[:len(dst)]
			for i := range dst {
				dst[i] = a[i] - b[i]
			}
		},
		right: func(dst, a []T, b T) {
			a = a[:len(dst)]
			for i := range dst {
				dst[i] = a[i] - b
			}
		},
		left: func(dst []T, a T, b []T) {
			b = b[:len(dst)]
			for i := range dst {
				dst[i] = a - b[i]
			}
		},
	}
}

func multiplication[T number]() pairs[T, T] {
	right := func(dst, a []T, b T) {
		a = a[:len(dst)]
		for i := range dst {
			dst[i] = a[i] * b
		}
	}
	return pairs[T, T]{
		both: func(dst, a, b []T) {
			a, b = a[:len(dst)], b[:len(dst)]
			for i := range dst {
				dst[i] = a[i] * b[i]
			}
		},
		right: right,
		left:  func(dst []T, a T, b []T) { right(dst, b, a) },
	}
}

func division[T number]() pairs[T, T] {
	return pairs[T, T]{
		both: func(dst, a, b []T) {
			a, b = a[:len(dst)], b[:len(dst)]
			for i := range dst {
				dst[i] = a[i] / b[i]
			}
		},
		right: func(dst, a []T, b T) {
			a = a[:len(dst)]
			for i := range dst {
				dst[i] = a[i] / b
			}
		},
		left: func(dst []T, a T, b []T) {
			b = b[:len(dst)]
			for i := range dst {
				dst[i] = a / b[i]
			}
		},
	}
}

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

func negate[T float](dst, x []T) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = -x[i]
	}
}

// rounded returns loops that compute in double precision and round once.
func rounded(f func(float64) float64) (func(dst, x []float32), func(dst, x []float64)) {
	return evaluating[float32](f), evaluating[float64](f)
}

func evaluating[T float](f func(float64) float64) func(dst, x []T) {
	return func(dst, x []T) {
		x = x[:len(dst)]
		for i := range dst {
			dst[i] = T(f(float64(x[i])))
		}
	}
}

// roots is rounded(math.Sqrt), which is one instruction in a loop of its own.
func roots[T float](dst, x []T) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = T(math.Sqrt(float64(x[i])))
	}
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
