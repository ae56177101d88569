package kernel_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"quickstudy/framework/kernel"
)

// exact rounds a·b + c once, by arithmetic of any length.
func exact(a, b, c float32) float32 {
	x := new(big.Float).SetPrec(700)
	x.Mul(new(big.Float).SetPrec(700).SetFloat64(float64(a)), big.NewFloat(float64(b)))
	x.Add(x, big.NewFloat(float64(c)))
	f, _ := x.Float32()
	return f
}

func TestFMA(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	check := func(a, b, c float32) {
		t.Helper()
		if got, want := kernel.FMA(a, b, c), exact(a, b, c); got != want {
			t.Errorf("fma(%x, %x, %x) = %x, want %x", a, b, c, got, want)
		}
	}
	for range 200000 {
		// Few digits and far exponents: sums halfway between two float32 are common.
		a, b := float32(r.IntN(1<<12)-1<<11), float32(r.IntN(1<<12)-1<<11)
		c := float32(math.Ldexp(float64(r.IntN(64)-32), r.IntN(80)-40))
		check(a, b, c)
		check(a, b, c+c*0x1p-23)
		small := float32(math.Ldexp(float64(r.IntN(1<<20)), -149+r.IntN(4)))
		check(float32(r.NormFloat64())*0x1p-70, float32(r.NormFloat64())*0x1p-70, small)
		check(float32(r.NormFloat64()), float32(r.NormFloat64()), float32(r.NormFloat64()))
	}
	// Halfway but for a digit that float64 loses.
	check(1+0x1p-12, 1+0x1p-12, 0x1p-60)
	check(0x1p-12, 0x1p-12*(1+0x1p-23), 1)
	check(math.MaxFloat32, 1, math.MaxFloat32*0x1p-24)
	inf := float32(math.Inf(1))
	if got := kernel.FMA(inf, 0, 1); got == got {
		t.Errorf("∞·0 + 1 = %v, want NaN", got)
	}
	if got := kernel.FMA(inf, 2, 1); got != inf {
		t.Errorf("∞·2 + 1 = %v", got)
	}
}
