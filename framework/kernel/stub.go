package kernel

import (
	"math"
	"unsafe"
)

type ISA uint8

const Generic ISA = 0

func Best() ISA         { return Generic }
func Available() []ISA  { return []ISA{Generic} }
func For(isa ISA) *Table { return table }
func (i ISA) String() string { return "generic" }

type Unary func(dst, a *float32, rows, cols, ldd, lda int)
type Binary func(dst, a, b *float32, rows, cols, ldd, lda, ldb int)
type Select func(dst, mask, a, b *float32, rows, cols, ldd, ldm, lda, ldb int)
type RowReduction func(dst, a *float32, rows, cols, lda int)
type ColumnReduction func(acc, a *float32, rows, cols, lda int)
type Form uint8

const (
	VV Form = iota
	VS
	SV
)

type Choice [8]Select

func (c *Choice) Form(single []bool) Select {
	i := 0
	for k, s := range single {
		if s {
			i |= 1 << k
		}
	}
	return c[i]
}

type Table struct {
	ISA                                                           ISA
	Neg, Exp, Log, Sqrt, Sin, Cos, Tanh, Erf, Abs, Sign, Copy, Fill, Not, FromInt32 Unary
	Add, Sub, Mul, Div, Max, Min, Eq, Lt, Le, And, Or             [3]Binary
	Select                                                        *Choice
	RowSum, RowMax                                                RowReduction
	ColSum, ColMax                                                ColumnReduction
}

func at(p *float32, i int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), i*4)) }

func un(f func(float32) float32) Unary {
	return func(dst, a *float32, rows, cols, ldd, lda int) {
		for i := range rows {
			for j := range cols {
				*at(dst, i*ldd+j) = f(*at(a, i*lda+j))
			}
		}
	}
}
func un64(f func(float64) float64) Unary {
	return un(func(x float32) float32 { return float32(f(float64(x))) })
}
func bin(f func(a, b float32) float32) (r [3]Binary) {
	for form := range r {
		sa, sb := 1, 1
		if Form(form) == VS {
			sb = 0
		}
		if Form(form) == SV {
			sa = 0
		}
		r[form] = func(dst, a, b *float32, rows, cols, ldd, lda, ldb int) {
			for i := range rows {
				for j := range cols {
					*at(dst, i*ldd+j) = f(*at(a, i*lda+j*sa), *at(b, i*ldb+j*sb))
				}
			}
		}
	}
	return r
}
func m(b bool) float32 {
	if b {
		return math.Float32frombits(math.MaxUint32)
	}
	return 0
}
func larger(a, b float32) float32 {
	if a >= b || a != a {
		return a
	}
	return b
}
func smaller(a, b float32) float32 {
	if a <= b || a != a {
		return a
	}
	return b
}

var table = func() *Table {
	t := &Table{
		Neg: un(func(x float32) float32 { return -x }), Exp: un64(math.Exp), Log: un64(math.Log), Sqrt: un64(math.Sqrt),
		Sin: un64(math.Sin), Cos: un64(math.Cos), Tanh: un64(math.Tanh), Erf: un64(math.Erf), Abs: un64(math.Abs),
		Sign: un(func(x float32) float32 {
			switch {
			case x > 0:
				return 1
			case x < 0:
				return -1
			}
			return x
		}),
		Copy: un(func(x float32) float32 { return x }),
		Not:  un(func(x float32) float32 { return m(math.Float32bits(x) == 0) }),
		FromInt32: un(func(x float32) float32 { return float32(int32(math.Float32bits(x))) }),
		Fill: func(dst, a *float32, rows, cols, ldd, lda int) {
			for i := range rows {
				for j := range cols {
					*at(dst, i*ldd+j) = *at(a, i*lda)
				}
			}
		},
		Add: bin(func(a, b float32) float32 { return a + b }), Sub: bin(func(a, b float32) float32 { return a - b }),
		Mul: bin(func(a, b float32) float32 { return a * b }), Div: bin(func(a, b float32) float32 { return a / b }),
		Max: bin(larger), Min: bin(smaller),
		Eq: bin(func(a, b float32) float32 { return m(a == b) }), Lt: bin(func(a, b float32) float32 { return m(a < b) }),
		Le:  bin(func(a, b float32) float32 { return m(a <= b) }),
		And: bin(func(a, b float32) float32 { return math.Float32frombits(math.Float32bits(a) & math.Float32bits(b)) }),
		Or:  bin(func(a, b float32) float32 { return math.Float32frombits(math.Float32bits(a) | math.Float32bits(b)) }),
	}
	t.Select = &Choice{}
	for i := range t.Select {
		s := [3]int{1 - i&1, 1 - i>>1&1, 1 - i>>2&1}
		t.Select[i] = func(dst, mask, a, b *float32, rows, cols, ldd, ldm, lda, ldb int) {
			for i := range rows {
				for j := range cols {
					v := *at(b, i*ldb+j*s[2])
					if math.Float32bits(*at(mask, i*ldm+j*s[0])) != 0 {
						v = *at(a, i*lda+j*s[1])
					}
					*at(dst, i*ldd+j) = v
				}
			}
		}
	}
	t.RowSum = func(dst, a *float32, rows, cols, lda int) {
		for i := range rows {
			var l [16]float32
			for j := range cols {
				l[j%16] += *at(a, i*lda+j)
			}
			for s := 8; s > 0; s /= 2 {
				for k := range s {
					l[k] += l[k+s]
				}
			}
			*at(dst, i) = l[0]
		}
	}
	t.RowMax = func(dst, a *float32, rows, cols, lda int) {
		for i := range rows {
			v := *at(a, i*lda)
			for j := range cols {
				v = larger(v, *at(a, i*lda+j))
			}
			*at(dst, i) = v
		}
	}
	t.ColSum = func(acc, a *float32, rows, cols, lda int) {
		for i := range rows {
			for j := range cols {
				*at(acc, j) += *at(a, i*lda+j)
			}
		}
	}
	t.ColMax = func(acc, a *float32, rows, cols, lda int) {
		for i := range rows {
			for j := range cols {
				*at(acc, j) = larger(*at(acc, j), *at(a, i*lda+j))
			}
		}
	}
	return t
}()

type Strides struct{ Row, Col int }
type BatchAxis struct{ Length, A, B, C, D int }
type Product struct {
	M, N, K    int
	A, B, C, D Strides
	Batch      []BatchAxis
	Alpha      float32
	HasD       bool
}
type Gemm struct{ Product }

func (t *Table) NewProduct(p Product) (*Gemm, error) { return &Gemm{p}, nil }
func (g *Gemm) Workspace() int                        { return 0 }
func (g *Gemm) Run(c, a, b, d, work []float32)        { g.batch(g.Batch, c, a, b) }
func (g *Gemm) batch(axes []BatchAxis, c, a, b []float32) {
	if len(axes) > 0 {
		for i := range axes[0].Length {
			g.batch(axes[1:], c[i*axes[0].C:], a[i*axes[0].A:], b[i*axes[0].B:])
		}
		return
	}
	for i := range g.M {
		for j := range g.N {
			var s float32
			for k := range g.K {
				s += a[i*g.A.Row+k*g.A.Col] * b[k*g.B.Row+j*g.B.Col]
			}
			c[i*g.C.Row+j] = s
		}
	}
}
