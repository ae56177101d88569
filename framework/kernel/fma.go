package kernel

import "math"

// fma returns a·b + c rounded once, as the processor's fused multiply-add does.
//
// The product of two float32 is exact in float64. Their sum with c is rounded to
// float64 and then to float32; the second rounding sees the first only where the
// float64 lies halfway between two float32, or where float32 has fewer digits
// (below its normal numbers). There the first rounding is made to odd: Boldo and
// Melquiond 2008, https://hal.science/inria-00080427, theorem 2.
func fma(a, b, c float32) float32 {
	product, addend := float64(a)*float64(b), float64(c)
	sum := product + addend
	const rest = 1<<29 - 1 // the digits that float32 lacks
	if bits := math.Float64bits(sum); bits&rest != 1<<28 && math.Abs(sum) >= 0x1p-126 {
		return float32(sum)
	}
	return float32(roundedToOdd(product, addend, sum))
}

// roundedToOdd returns a + b with the last digit odd unless the sum is exact.
func roundedToOdd(a, b, sum float64) float64 {
	virtual := sum - a
	lost := (a - (sum - virtual)) + (b - virtual) // Knuth's two-sum
	bits := math.Float64bits(sum)
	if lost == 0 || math.IsNaN(lost) || bits&1 == 1 {
		return sum
	}
	if (lost > 0) == (sum > 0) {
		return math.Float64frombits(bits | 1)
	}
	return math.Float64frombits(bits - 1)
}
