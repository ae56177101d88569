package kernel

// A tile of an operand is rows × cols elements of float32 memory: element (i, j) is
// p[i·ld + j]. An ld of 0 repeats one row. An operand with one value a row, for which a
// kernel has a form of its own, is p[i·ld] for every j. rows and cols are at least 1.
//
// A result may lie on an operand when both have the same address and ld; otherwise they
// do not overlap. Nothing outside the tiles is read or written. Sums, products, quotients
// and roots are rounded once, as IEEE 754 says; no kernel joins two roundings. All NaN
// count as one value: which of them a result is, is left open. Copy, Fill, Neg, Abs, Select
// and the bitwise kernels carry any bits. Assembly cannot be interrupted by the scheduler: a
// call should not take more than some 100 µs.

// Unary computes dst from a.
type Unary func(dst, a *float32, rows, cols, ldd, lda int)

// Binary computes dst from a and b.
type Binary func(dst, a, b *float32, rows, cols, ldd, lda, ldb int)

// Ternary computes dst from a, b and c.
type Ternary func(dst, a, b, c *float32, rows, cols, ldd, lda, ldb, ldc int)

// Form says of a kernel with two or three operands which of them have one value a row: the
// digits of a binary number, the last operand's lowest. Where all of them have, the result
// has one too, and the kernel is that of vectors, VV or VVV, with one column.
type Form uint8

// The forms of kernels with two operands, in their order: V has an element for every
// column, S one value a row.
const (
	VV Form = iota
	VS
	SV
)

// The forms of kernels with three operands.
const (
	VVV Form = iota
	VVS
	VSV
	VSS
	SVV
	SVS
	SSV
)

// FormOf returns the form for operands of which single tells whether they have one value a
// row.
func FormOf(single ...bool) (f Form) {
	for _, s := range single {
		f <<= 1
		if s {
			f |= 1
		}
	}
	return f
}

// Elementwise is the kernels that compute a tile element by element.
//
// A mask is a float32 slot with the bits of uint32 0 (false) or 0xffffffff (true). And of
// a mask with the number 1 gives 1 or 0, in float32 or int32. Integers are int32 bits in
// float32 slots.
type Elementwise struct {
	Copy Unary // a
	Fill Unary // a's one value a row
	Neg  Unary // -a
	Abs  Unary // |a|
	Sign Unary // -1, 0 or 1; 0 keeps its sign, NaN stays
	Sqrt Unary // √a, rounded correctly

	// The error is below the stated units in the last place, of normal and of subnormal
	// results, for every float32. NaN stays.
	Exp  Unary // eᵃ, 1 ulp; overflows to +Inf and underflows gradually
	Log  Unary // ln a, 1 ulp; -Inf for ±0 and NaN below
	Erf  Unary // 2/√π ∫₀ᵃ exp(-t²) dt, 2.5 ulp; keeps the sign of 0
	Tanh Unary // tanh a, 5 ulp; keeps the sign of 0
	Sin  Unary // sin a for radians of any size, 2 ulp; NaN for ±Inf; keeps the sign of 0
	Cos  Unary // cos a for radians of any size, 2 ulp; NaN for ±Inf

	Add [3]Binary // a + b
	Sub [3]Binary // a - b
	Mul [3]Binary // a · b
	Div [3]Binary // a / b
	Max [3]Binary // the larger; a at a tie; NaN when either is
	Min [3]Binary // the smaller; a at a tie; NaN when either is

	Eq  [3]Binary // mask of a = b
	Lt  [3]Binary // mask of a < b
	Le  [3]Binary // mask of a ≤ b
	And [3]Binary // bitwise a ∧ b
	Or  [3]Binary // bitwise a ∨ b
	Not Unary     // bitwise ¬a

	EqInt  [3]Binary  // mask of a = b for integers
	LtInt  [3]Binary  // mask of a < b for integers
	LeInt  [3]Binary  // mask of a ≤ b for integers
	Select [7]Ternary // b where mask a is true, else c

	MulAdd     [7]Ternary // a·b + c, the product and the sum each rounded
	MulSub     [7]Ternary // a·b - c, likewise
	SubProduct [7]Ternary // a - b·c, likewise
	AddMul     [7]Ternary // (a + b)·c, likewise
	SubMul     [7]Ternary // (a - b)·c, likewise
	MulMul     [7]Ternary // (a·b)·c, likewise

	FloatFromInt Unary // integer → number, rounded to nearest even
	IntFromFloat Unary // number → integer, towards zero; math.MinInt32 where it has no place
	NonZero      Unary // mask of a ≠ 0; true for NaN
	NonZeroInt   Unary // mask of a ≠ 0 for integers

	MaskFromBool func(dst *float32, a *bool, rows, cols, ldd, lda int)
	BoolFromMask func(dst *bool, a *float32, rows, cols, ldd, lda int)

	// Prefetch asks for the lines of a tile, to be in the second-level cache when a later
	// kernel reads them.
	Prefetch func(a *float32, rows, cols, lda int)
}
