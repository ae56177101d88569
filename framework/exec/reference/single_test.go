package reference

import (
	"flag"
	"math"
	"math/rand/v2"
	"testing"
)

var everyFloat = flag.Bool("every-float", false, "compare at all 2³² numbers, two minutes")

// TestSinglePrecisionBits compares with math's functions rounded once, at random bit
// patterns and at numbers of the size that a model computes with.
func TestSinglePrecisionBits(t *testing.T) {
	for name, f := range map[string]struct {
		got  func(dst, x []float32)
		want func(float64) float64
	}{"exp": {exponentials, math.Exp}, "erf": {errorFunctions, math.Erf}} {
		x, got := make([]float32, 1<<16), make([]float32, 1<<16)
		check := func() bool {
			f.got(got, x)
			for i, v := range x {
				want := float32(f.want(float64(v)))
				if math.Float32bits(got[i]) != math.Float32bits(want) && !(got[i] != got[i] && want != want) {
					t.Errorf("%s(%b) is %b, want %b", name, v, got[i], want)
					return false
				}
			}
			return true
		}
		draws := rand.New(rand.NewPCG(5, 6))
		for range 16 {
			for i := range x {
				x[i] = float32(draws.NormFloat64() * 3)
				if i%2 == 0 {
					x[i] = math.Float32frombits(draws.Uint32())
				}
			}
			check()
		}
		for block := 0; *everyFloat && block < 1<<16; block++ {
			for i := range x {
				x[i] = math.Float32frombits(uint32(block<<16 + i))
			}
			if !check() {
				break
			}
		}
	}
}
