package kernel

import "math"

// The functions of this file are the definitions that the assembly follows operation by
// operation: fma is one fused multiply-add and any other operation rounds once, so that
// every instruction set gives the same bits. Bounds are in units in the last place of the
// float32 result, against the exact value, over every float32 argument, subnormal
// arguments and results included. The coefficients are minimax fits of the relative error
// by the exchange algorithm, rounded and then moved by a few units where the result's rounding
// was better for it.

// wholeShift, added to a number below 2²² and subtracted again, rounds it to a whole
// number, which the lowest digits of the sum hold.
const wholeShift = 0x1.8p23

// The constants of exp.
const (
	expLow, expHigh = -104, 89 // beyond these results are 0 and +Inf
	log2E           = 0x1.715476p+0
	ln2High         = 0x1.62e43p-1
	ln2Low          = -0x1.05c61p-29

	exp2 = 0x1.fffffcp-2
	exp3 = 0x1.55548cp-3
	exp4 = 0x1.55585ap-5
	exp5 = 0x1.123d72p-7
	exp6 = 0x1.6ab908p-10
)

// exp returns eˣ with an error below 1 ulp. It overflows to +Inf and underflows gradually
// to 0.
//
// x = n·ln 2 + r with n whole and |r| ≤ ln 2/2, and eˣ = 2ⁿ·eʳ.
func exp(x float32) float32 {
	x = bounded(x, expLow, expHigh)
	shifted := fma(x, log2E, wholeShift)
	n := shifted - wholeShift
	r := fma(n, -ln2High, x)
	r = fma(n, -ln2Low, r)

	y := fma(exp6, r, exp5)
	y = fma(y, r, exp4)
	y = fma(y, r, exp3)
	y = fma(y, r, exp2)
	y = fma(y, r, 1)
	y = fma(y, r, 1)

	// 2ⁿ itself may have no place, its two halves have.
	digits := math.Float32bits(shifted)
	half := digits >> 1
	y *= powerOfTwo(half)
	return y * powerOfTwo(digits-half)
}

// powerOfTwo returns 2ⁿ for the low digits of n.
func powerOfTwo(n uint32) float32 { return math.Float32frombits(n<<23 + 127<<23) }

// bounded returns x, or the bound it exceeds; NaN stays.
func bounded(x, low, high float32) float32 {
	if x < low {
		return low
	}
	if x > high {
		return high
	}
	return x
}

// The constants of log.
const (
	rootHalfBits = 0x3f3504f3 // of √½
	minNormal    = 0x1p-126

	log3  = 0x1.555554p-2
	log4  = -0x1.000228p-2
	log5  = 0x1.99a036p-3
	log6  = -0x1.547226p-3
	log7  = 0x1.22d5dep-3
	log8  = -0x1.0d81bep-3
	log9  = 0x1.0577a4p-3
	log10 = -0x1.390fccp-4
)

// log returns ln x with an error below 1 ulp: -Inf for 0, NaN below.
//
// x = 2ᵏ·(1 + f) with √½ ≤ 1 + f < √2, and ln x = k·ln 2 + ln(1 + f).
func log(x float32) float32 {
	scaled, bias := x, float32(0)
	if x < minNormal {
		scaled, bias = x*0x1p24, 24
	}
	digits := math.Float32bits(scaled) - rootHalfBits
	k := float32(int32(digits)>>23) - bias
	f := math.Float32frombits(digits&(1<<23-1)+rootHalfBits) - 1

	y := fma(log10, f, log9)
	y = fma(y, f, log8)
	y = fma(y, f, log7)
	y = fma(y, f, log6)
	y = fma(y, f, log5)
	y = fma(y, f, log4)
	y = fma(y, f, log3)
	y = fma(y, f, -0.5)
	y = fma(k, ln2Low, float32(y*float32(f*f)))
	y = fma(k, ln2High, f+y)

	switch {
	case x == 0:
		return float32(math.Inf(-1))
	case !(x >= 0):
		return float32(math.NaN())
	case math.IsInf(float64(x), 1):
		return x
	}
	return y
}

// The constants of erf.
const (
	erfHigh = 3.9229 // from here on the result is 1, and there are no more cells

	erfCellsPerUnit = 0x1.f9ba9cp+1
	erfCellWidth    = 0x1.032ca6p-2
)

// erf returns the error function, 2/√π ∫₀ˣ exp(-t²) dt, with an error below 2.5 ulp.
//
// It is x times a polynomial in the distance of |x| from the middle of the nearest cell.
func erf(x float32) float32 {
	x = bounded(x, -erfHigh, erfHigh)
	a := math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
	shifted := fma(a, erfCellsPerUnit, wholeShift)
	n := shifted - wholeShift
	r := fma(n, -erfCellWidth, a)

	cell := math.Float32bits(shifted) % 16
	y := fma(erfCells[5][cell], r, erfCells[4][cell])
	y = fma(y, r, erfCells[3][cell])
	y = fma(y, r, erfCells[2][cell])
	y = fma(y, r, erfCells[1][cell])
	y = fma(y, r, erfCells[0][cell])
	return bounded(y*x, -1, 1)
}

// erfCells are the coefficients of erf(x)/x: erfCells[k][n] is that of rᵏ about
// x = n·erfCellWidth.
var erfCells = [6][16]float32{
	{
		0x1.20dd76p+0, 0x1.1ad04ap+0, 0x1.09fa8ep+0, 0x1.e38a2cp-1,
		0x1.acbfccp-1, 0x1.76d838p-1, 0x1.467340p-1, 0x1.1d7474p-1,
		0x1.f79c28p-2, 0x1.c0f6a6p-2, 0x1.94719ep-2, 0x1.6fc5c6p-2,
		0x1.512592p-2, 0x1.373780p-2, 0x1.20fce2p-2, 0x1.0db8dcp-2,
	},
	{
		-0x1.025962p-25, -0x1.774784p-3, -0x1.4f1ed2p-2, -0x1.a2ab00p-2,
		-0x1.b57abcp-2, -0x1.9856d2p-2, -0x1.621e76p-2, -0x1.25fadcp-2,
		-0x1.de8610p-3, -0x1.848800p-3, -0x1.3e1584p-3, -0x1.07d67cp-3,
		-0x1.bbdf82p-4, -0x1.7a5110p-4, -0x1.4638d2p-4, -0x1.1c2d84p-4,
	},
	{
		-0x1.81269cp-2, -0x1.5664fap-2, -0x1.d07db0p-3, -0x1.873380p-4,
		0x1.186410p-6, 0x1.66ee62p-4, 0x1.d8359ap-4, 0x1.cf76c2p-4,
		0x1.8c0dfep-4, 0x1.3b597ap-4, 0x1.e76f48p-5, 0x1.771654p-5,
		0x1.23612cp-5, 0x1.cb8cbcp-6, 0x1.703178p-6, 0x1.2b6704p-6,
	},
	{
		-0x1.894e60p-14, 0x1.b1706cp-4, 0x1.5768f8p-3, 0x1.58d850p-3,
		0x1.f80536p-4, 0x1.0107bcp-4, 0x1.b1bba4p-7, -0x1.f5d7ccp-7,
		-0x1.a33156p-6, -0x1.9c3a88p-6, -0x1.51abd0p-6, -0x1.ff47e4p-7,
		-0x1.78c4a2p-7, -0x1.15cc8ep-7, -0x1.9f0c22p-8, -0x1.3b5a5cp-8,
	},
	{
		0x1.d40d8ep-4, 0x1.689d34p-4, 0x1.f8eaecp-6, -0x1.ae2c8ep-6,
		-0x1.d32d2ap-5, -0x1.d35e34p-5, -0x1.3eb74ap-5, -0x1.296ba4p-6,
		-0x1.e13550p-9, 0x1.a8e9b4p-9, 0x1.4c1e1ap-8, 0x1.2c92dcp-8,
		0x1.cae3d4p-9, 0x1.490648p-9, 0x1.d16f56p-10, 0x1.4c19f6p-10,
	},
	{
		-0x1.4b400ep-7, -0x1.26fe46p-5, -0x1.97791ep-5, -0x1.2d708cp-5,
		-0x1.6fba6ap-7, 0x1.3525aap-7, 0x1.1880aap-6, 0x1.db4d80p-7,
		0x1.0e178ap-7, 0x1.8d570ap-9, 0x1.cf9e0ep-13, -0x1.91ebeep-11,
		-0x1.c57b8ep-11, -0x1.668636p-11, -0x1.fa03e8p-12, -0x1.5835acp-12,
	},
}

// The constants of tanh.
const (
	tanhHigh = 9.02 // from here on the result is 1

	tanhP1 = 0x1.12043cp-3
	tanhP2 = 0x1.c9f85p-9
	tanhP3 = 0x1.595554p-16
	tanhP4 = 0x1.c9a38ap-27

	tanhQ1 = 0x1.de5764p-2
	tanhQ2 = 0x1.a7df22p-6
	tanhQ3 = 0x1.5841c6p-12
	tanhQ4 = 0x1.a0b874p-21
)

// tanh returns the hyperbolic tangent with an error below 5 ulp.
//
// It is x·P(x²)/Q(x²); that no coefficient is negative keeps P and Q exact to a few
// roundings.
func tanh(x float32) float32 {
	x = bounded(x, -tanhHigh, tanhHigh)
	t := x * x
	p := fma(tanhP4, t, tanhP3)
	p = fma(p, t, tanhP2)
	p = fma(p, t, tanhP1)
	p = fma(p, t, 1)
	q := fma(tanhQ4, t, tanhQ3)
	q = fma(q, t, tanhQ2)
	q = fma(q, t, tanhQ1)
	q = fma(q, t, 1)
	return bounded(x*float32(p/q), -1, 1)
}

func expRow(dst, a []float32) {
	for j, v := range a {
		dst[j] = exp(v)
	}
}

func logRow(dst, a []float32) {
	for j, v := range a {
		dst[j] = log(v)
	}
}

func erfRow(dst, a []float32) {
	for j, v := range a {
		dst[j] = erf(v)
	}
}

func tanhRow(dst, a []float32) {
	for j, v := range a {
		dst[j] = tanh(v)
	}
}
