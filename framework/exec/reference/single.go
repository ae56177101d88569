package reference

import "math"

// The functions of this file give the bits of float32(math.F(float64(x))) in less
// time. They compute in float64 with a relative error below 2⁻⁴⁵, math's is below
// 2⁻⁵¹, and both round to the same float32 unless a boundary between two of them is
// that near; then math is asked. A target that fuses multiply-adds gets the same bits.

// doubtful reports whether y is so near a boundary of rounding to float32, within
// 2⁻⁴³ relative, that its error may decide.
func doubtful(y float64) bool {
	const boundary, margin = 1 << 28, 1 << 9 // of the 29 bits that rounding drops
	return math.Float64bits(y)&(1<<29-1)-(boundary-margin) < 2*margin
}

// powers are 2^(i/32).
var powers = func() (p [32]float64) {
	for i := range p {
		p[i] = math.Exp2(float64(i) / 32)
	}
	return p
}()

// exponentials is e^x = 2^(k/32)·e^r with k whole and |r| ≤ ln 2/64.
func exponentials(dst, x []float32) {
	const (
		high  = 0x1.62e42fefa3800p-06 // ln 2/32 to 42 bits: k·high is exact
		low   = math.Ln2/32 - high
		whole = 0x1.8p52 // adding it rounds to a whole number, kept in the low bits
	)
	x = x[:len(dst)]
	for i, v := range x {
		v := float64(v)
		if !(v > -87 && v < 88) { // subnormal, infinite or NaN in single precision
			dst[i] = float32(math.Exp(v))
			continue
		}
		shifted := v*(32/math.Ln2) + whole
		k := int64(math.Float64bits(shifted)) << 32 >> 32
		n := shifted - whole
		r := v - n*high - n*low
		y := r + r*r*(1.0/2+r*(1.0/6+r*(1.0/24+r*(1.0/120+r*(1.0/720)))))
		scale := math.Float64frombits(math.Float64bits(powers[k&31]) + uint64(k>>5)<<52)
		y = scale + scale*y
		if doubtful(y) {
			y = math.Exp(v)
		}
		dst[i] = float32(y)
	}
}

const (
	erfCells  = 16 // cells per unit
	erfBound  = 4  // from here on erf rounds to ±1
	erfDegree = 8
)

// erfCell holds erf(a)/a as a polynomial in the distance from a cell's middle.
var erfCell = func() (cells [erfBound * erfCells][erfDegree + 1]float64) {
	for i := range cells {
		// erf = Σ e[n]·tⁿ about c. Its derivative f = 2/√π·e^(-a²) has f' = -2a·f, which
		// gives the coefficients d[n] of f: (n+1)·d[n+1] = -2(c·d[n] + d[n-1]).
		c := (float64(i) + 0.5) / erfCells
		d, before := 2/math.Sqrt(math.Pi)*math.Exp(-c*c), 0.0
		e := math.Erf(c)
		quotient := 0.0 // by a = c + t
		for n := range cells[i] {
			quotient = (e - quotient) / c
			cells[i][n] = quotient
			e = d / float64(n+1)
			d, before = -2*(c*d+before)/float64(n+1), d
		}
	}
	return cells
}()

func errorFunctions(dst, x []float32) {
	x = x[:len(dst)]
	for i, v := range x {
		v := float64(v)
		a := math.Abs(v)
		if !(a > 0x1p-100 && a < erfBound) { // 0, subnormal, ±1 or NaN in single precision
			dst[i] = float32(math.Erf(v))
			continue
		}
		n := int(a * erfCells)
		t := a - (float64(n)+0.5)/erfCells
		p := &erfCell[n&(len(erfCell)-1)]
		y := p[0] + t*(p[1]+t*(p[2]+t*(p[3]+t*(p[4]+t*(p[5]+t*(p[6]+t*(p[7]+t*p[8])))))))
		y *= v
		if doubtful(y) {
			y = math.Erf(v)
		}
		dst[i] = float32(y)
	}
}
