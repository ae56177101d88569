package kernel

import (
	"math"
	"math/bits"
)

// The constants of sin and cos.
const (
	// trigHigh bounds what is reduced by fused multiply-adds: below it n·halfPi0 loses
	// nothing to the argument's last digit, and n has a place beside wholeShift.
	trigHigh = 1 << 17

	twoOverPi = 0x1.45f306p-1
	halfPi0   = 0x1.921fb6p+0
	halfPi1   = -0x1.777a5cp-25
	halfPi2   = -0x1.ee59dap-50

	sin3 = -0x1.555544p-3
	sin5 = 0x1.1106c6p-7
	sin7 = -0x1.991c26p-13

	cos4 = 0x1.55554ap-5
	cos6 = -0x1.6c0c1ap-10
	cos8 = 0x1.99e14ap-16
)

// sin returns the sine with an error below 2 ulp; NaN for ±Inf.
func sin(x float32) float32 {
	a := math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
	r, quadrant := reduced(a)
	y := inQuadrant(r, quadrant)
	return math.Float32frombits(math.Float32bits(y) ^ math.Float32bits(x)&(1<<31))
}

// cos returns the cosine with an error below 2 ulp; NaN for ±Inf.
func cos(x float32) float32 {
	a := math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
	r, quadrant := reduced(a)
	return inQuadrant(r, quadrant+1)
}

// reduced returns a - n·π/2 for the nearest whole n, and n modulo 4. a is not negative.
func reduced(a float32) (r float32, quadrant uint32) {
	if !(a < trigHigh) {
		return farReduced(a)
	}
	shifted := fma(a, twoOverPi, wholeShift)
	n := shifted - wholeShift
	r = fma(n, -halfPi0, a)
	r = fma(n, -halfPi1, r)
	r = fma(n, -halfPi2, r)
	return r, math.Float32bits(shifted) & 3
}

// inQuadrant returns sin(r + quadrant·π/2) for |r| not much above π/4.
func inQuadrant(r float32, quadrant uint32) float32 {
	t := r * r
	s := fma(sin7, t, sin5)
	s = fma(s, t, sin3)
	y := fma(s, float32(t*r), r)
	if quadrant&1 == 1 {
		c := fma(cos8, t, cos6)
		c = fma(c, t, cos4)
		c = fma(c, t, -0.5)
		y = fma(c, t, 1)
	}
	return math.Float32frombits(math.Float32bits(y) ^ quadrant&2<<30)
}

// twoOverPiDigits are the binary digits of 2/π after the point.
var twoOverPiDigits = [...]uint64{
	0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
}

// farReduced is reduced for large a: it multiplies by the digits of 2/π that matter to the
// product modulo 4. Payne and Hanek 1983, "Radian reduction for trigonometric functions",
// https://doi.org/10.1145/1057600.1057602.
func farReduced(a float32) (r float32, quadrant uint32) {
	if !(a <= math.MaxFloat32) {
		return float32(math.NaN()), 0
	}
	b := math.Float32bits(a)
	m, e := uint64(b&(1<<23-1)|1<<23), int(b>>23)-150 // a = m·2ᵉ
	// 128 digits of 2/π, the first of which counts 2 in the product.
	hi, lo := windowOf(e-2), windowOf(e-2+64)
	carry, _ := bits.Mul64(m, lo)
	high := m*hi + carry // modulo 4, in units of 2⁻⁶²
	const quarter = 1 << 62
	n := (high + quarter/2) >> 62
	rest := int64(high - n*quarter)
	return float32(float64(rest) * (math.Pi / 2 / quarter)), uint32(n)
}

// windowOf returns the 64 digits of 2/π from the one after position first; those before
// the point are 0.
func windowOf(first int) uint64 {
	if first < 0 {
		return twoOverPiDigits[0] >> -first
	}
	word, shift := first/64, first%64
	return twoOverPiDigits[word]<<shift | twoOverPiDigits[word+1]>>(64-shift)
}

func sinRow(dst, a []float32) {
	for j, v := range a {
		dst[j] = sin(v)
	}
}

func cosRow(dst, a []float32) {
	for j, v := range a {
		dst[j] = cos(v)
	}
}
