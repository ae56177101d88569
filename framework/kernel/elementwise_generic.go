package kernel

import (
	"math"
	"unsafe"
)

// genericElementwise holds the loops that define the kernels of every instruction set.
var genericElementwise = Elementwise{
	Copy: unary(func(dst, a []uint32) { copy(dst, a) }),
	Fill: fillRows,
	Neg:  unary(negRow),
	Abs:  unary(absRow),
	Sign: unary(signRow),
	Sqrt: unary(sqrtRow),

	Exp:  unary(expRow),
	Log:  unary(logRow),
	Erf:  unary(erfRow),
	Tanh: unary(tanhRow),
	Sin:  unary(sinRow),
	Cos:  unary(cosRow),

	Add: binary(addRow),
	Sub: binary(subRow),
	Mul: binary(mulRow),
	Div: binary(divRow),
	Max: binary(maxRow),
	Min: binary(minRow),

	Eq:  binary(eqRow[float32]),
	Lt:  binary(ltRow[float32]),
	Le:  binary(leRow[float32]),
	And: binary(andRow),
	Or:  binary(orRow),
	Not: unary(notRow),

	EqInt:  binary(eqRow[int32]),
	LtInt:  binary(ltRow[int32]),
	LeInt:  binary(leRow[int32]),
	Select: ternary(selectRow),

	MulAdd:     ternary(mulAddRow),
	MulSub:     ternary(mulSubRow),
	SubProduct: ternary(subProductRow),
	AddMul:     ternary(addMulRow),
	SubMul:     ternary(subMulRow),
	MulMul:     ternary(mulMulRow),

	FloatFromInt: unary(floatRow),
	IntFromFloat: unary(intRow),
	NonZero:      unary(nonZeroRow[float32]),
	NonZeroInt:   unary(nonZeroRow[int32]),

	MaskFromBool: maskFromBool,
	BoolFromMask: boolFromMask,
	Prefetch:     func(a *float32, rows, cols, lda int) {},
}

// span returns n elements that start at index i of an operand.
func span[T any](p *float32, i, n int) []T {
	return unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(p), 4*i)), n)
}

// unary runs a loop over one row for every row.
func unary[X, Y any](row func(dst []Y, a []X)) Unary {
	return func(dst, a *float32, rows, cols, ldd, lda int) {
		for i := range rows {
			row(span[Y](dst, i*ldd, cols), span[X](a, i*lda, cols))
		}
	}
}

// steps returns the distance between neighbours in a row for each of n operands: 0 where
// the form has one value a row. Such a value is read before the row is written.
func steps(form, n int) (s [3]int) {
	for k := range n {
		s[k] = 1 - form>>(n-1-k)&1
	}
	return s
}

// binary runs a loop over one row, in which a's element j is a[j·sa], for every row.
func binary[X, Y any](row func(dst []Y, a, b []X, sa, sb int)) (forms [3]Binary) {
	for form := range forms {
		s := steps(form, 2)
		forms[form] = func(dst, a, b *float32, rows, cols, ldd, lda, ldb int) {
			var single [2][1]X
			for i := range rows {
				row(span[Y](dst, i*ldd, cols), rowOf(&single[0], a, i*lda, cols, s[0]),
					rowOf(&single[1], b, i*ldb, cols, s[1]), s[0], s[1])
			}
		}
	}
	return forms
}

// ternary is binary for three operands.
func ternary[X any](row func(dst, a, b, c []X, sa, sb, sc int)) (forms [7]Ternary) {
	for form := range forms {
		s := steps(form, 3)
		forms[form] = func(dst, a, b, c *float32, rows, cols, ldd, lda, ldb, ldc int) {
			var single [3][1]X
			for i := range rows {
				row(span[X](dst, i*ldd, cols), rowOf(&single[0], a, i*lda, cols, s[0]),
					rowOf(&single[1], b, i*ldb, cols, s[1]),
					rowOf(&single[2], c, i*ldc, cols, s[2]), s[0], s[1], s[2])
			}
		}
	}
	return forms
}

func rowOf[T any](single *[1]T, p *float32, i, cols, step int) []T {
	if step == 0 {
		single[0] = span[T](p, i, 1)[0]
		return single[:]
	}
	return span[T](p, i, cols)
}

func fillRows(dst, a *float32, rows, cols, ldd, lda int) {
	for i := range rows {
		v := span[uint32](a, i*lda, 1)[0]
		for j, row := 0, span[uint32](dst, i*ldd, cols); j < cols; j++ {
			row[j] = v
		}
	}
}

func negRow(dst, a []uint32) {
	for j := range dst {
		dst[j] = a[j] ^ 1<<31
	}
}

func absRow(dst, a []uint32) {
	for j := range dst {
		dst[j] = a[j] &^ (1 << 31)
	}
}

func signRow(dst, a []float32) {
	for j, v := range a {
		switch {
		case v > 0:
			v = 1
		case v < 0:
			v = -1
		}
		dst[j] = v
	}
}

func sqrtRow(dst, a []float32) {
	for j, v := range a {
		dst[j] = float32(math.Sqrt(float64(v)))
	}
}

func addRow(dst, a, b []float32, sa, sb int) {
	for j := range dst {
		dst[j] = a[j*sa] + b[j*sb]
	}
}

func subRow(dst, a, b []float32, sa, sb int) {
	for j := range dst {
		dst[j] = a[j*sa] - b[j*sb]
	}
}

func mulRow(dst, a, b []float32, sa, sb int) {
	for j := range dst {
		dst[j] = a[j*sa] * b[j*sb]
	}
}

func divRow(dst, a, b []float32, sa, sb int) {
	for j := range dst {
		dst[j] = a[j*sa] / b[j*sb]
	}
}

func maxRow(dst, a, b []float32, sa, sb int) {
	for j := range dst {
		dst[j] = larger(a[j*sa], b[j*sb])
	}
}

func minRow(dst, a, b []float32, sa, sb int) {
	for j := range dst {
		dst[j] = smaller(a[j*sa], b[j*sb])
	}
}

// larger returns a at a tie, and NaN when either is.
func larger(a, b float32) float32 {
	if a >= b || a != a {
		return a
	}
	return b
}

// smaller returns a at a tie, and NaN when either is.
func smaller(a, b float32) float32 {
	if a <= b || a != a {
		return a
	}
	return b
}

func maskOf(v bool) uint32 {
	if v {
		return math.MaxUint32
	}
	return 0
}

type number interface{ float32 | int32 }

func eqRow[T number](dst []uint32, a, b []T, sa, sb int) {
	for j := range dst {
		dst[j] = maskOf(a[j*sa] == b[j*sb])
	}
}

func ltRow[T number](dst []uint32, a, b []T, sa, sb int) {
	for j := range dst {
		dst[j] = maskOf(a[j*sa] < b[j*sb])
	}
}

func leRow[T number](dst []uint32, a, b []T, sa, sb int) {
	for j := range dst {
		dst[j] = maskOf(a[j*sa] <= b[j*sb])
	}
}

func nonZeroRow[T number](dst []uint32, a []T) {
	for j := range dst {
		dst[j] = maskOf(a[j] != 0)
	}
}

func andRow(dst, a, b []uint32, sa, sb int) {
	for j := range dst {
		dst[j] = a[j*sa] & b[j*sb]
	}
}

func orRow(dst, a, b []uint32, sa, sb int) {
	for j := range dst {
		dst[j] = a[j*sa] | b[j*sb]
	}
}

func notRow(dst, a []uint32) {
	for j := range dst {
		dst[j] = ^a[j]
	}
}

func selectRow(dst, mask, a, b []uint32, sm, sa, sb int) {
	for j := range dst {
		v := b[j*sb]
		if mask[j*sm] != 0 {
			v = a[j*sa]
		}
		dst[j] = v
	}
}

func floatRow(dst []float32, a []int32) {
	for j := range dst {
		dst[j] = float32(a[j])
	}
}

func intRow(dst []int32, a []float32) {
	for j, v := range a {
		if v >= -0x1p31 && v < 0x1p31 {
			dst[j] = int32(v)
		} else {
			dst[j] = math.MinInt32
		}
	}
}

func maskFromBool(dst *float32, a *bool, rows, cols, ldd, lda int) {
	for i := range rows {
		row := unsafe.Slice((*bool)(unsafe.Add(unsafe.Pointer(a), i*lda)), cols)
		for j, to := 0, span[uint32](dst, i*ldd, cols); j < cols; j++ {
			to[j] = maskOf(row[j])
		}
	}
}

func boolFromMask(dst *bool, a *float32, rows, cols, ldd, lda int) {
	for i := range rows {
		to := unsafe.Slice((*bool)(unsafe.Add(unsafe.Pointer(dst), i*ldd)), cols)
		for j, row := 0, span[uint32](a, i*lda, cols); j < cols; j++ {
			to[j] = row[j] != 0
		}
	}
}
