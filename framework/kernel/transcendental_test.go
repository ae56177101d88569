package kernel

import (
	"flag"
	"fmt"
	"math"
	"testing"
)

var exhaustive = flag.Bool("exhaustive", false, "check the functions at every float32")

// transcendentals lists the functions with the exact value, in double precision, and the
// bound of the error in ulp that the documentation states.
var transcendentals = []struct {
	name   string
	pick   func(t *Table) Unary
	scalar func(float32) float32
	exact  func(float64) float64
	ulp    float64
}{
	{"exp", func(t *Table) Unary { return t.Exp }, exp, math.Exp, 1},
	{"log", func(t *Table) Unary { return t.Log }, log, math.Log, 1},
	{"erf", func(t *Table) Unary { return t.Erf }, erf, math.Erf, 2.5},
	{"tanh", func(t *Table) Unary { return t.Tanh }, tanh, math.Tanh, 5},
	{"sin", func(t *Table) Unary { return t.Sin }, sin, math.Sin, 2},
	{"cos", func(t *Table) Unary { return t.Cos }, cos, math.Cos, 2},
}

// errorInULP returns the distance of got from the exact value, in units of the last place
// of the nearest float32.
func errorInULP(got float32, exact float64) float64 {
	nearest := float32(exact)
	if got == nearest || got != got && exact != exact {
		return 0
	}
	if got != got || exact != exact || math.IsInf(float64(got), 0) {
		return math.Inf(1)
	}
	_, e := math.Frexp(exact)
	return math.Abs(float64(got)-exact) / math.Ldexp(1, max(e-24, -149))
}

// TestTranscendentals checks the bounds at a sample of all float32, or at all of them, and
// that every instruction set gives the bits of the functions in Go.
//
//	go test -run Transcendentals -timeout 2h -exhaustive ./framework/kernel
func TestTranscendentals(t *testing.T) {
	step := uint64(3001)
	if *exhaustive {
		step = 1
	}
	if testing.Short() {
		step = 40009
	}
	for _, f := range transcendentals {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			const block = 1 << 12
			in, want, got := make([]float32, block), make([]float32, block), make([]float32, block)
			worst, where := 0.0, float32(0)
			for first := uint64(0); first < 1<<32; first += step * block {
				for i := range in {
					in[i] = math.Float32frombits(uint32(first + uint64(i)*step))
					want[i] = f.scalar(in[i])
					if e := errorInULP(want[i], f.exact(float64(in[i]))); e > worst {
						worst, where = e, in[i]
					}
				}
				for _, isa := range Available() {
					f.pick(For(isa))(&got[0], &in[0], 1, block, block, block)
					for i := range got {
						if !sameBits(math.Float32bits(got[i]), math.Float32bits(want[i])) {
							t.Fatalf("%v: %s(%v): got %v, want %v", isa, f.name, in[i], got[i], want[i])
						}
					}
				}
			}
			t.Logf("%s: at most %.3f ulp, at %v (%#x)", f.name, worst, where, math.Float32bits(where))
			if worst > f.ulp {
				t.Errorf("%s(%v) is %.3f ulp off, want at most %v", f.name, where, worst, f.ulp)
			}
		})
	}
}

func TestTranscendentalsAtTheEdges(t *testing.T) {
	inf, nan, negativeZero := float32(math.Inf(1)), float32(math.NaN()), float32(math.Copysign(0, -1))
	const tiny = math.SmallestNonzeroFloat32
	rows := map[string][][2]float32{
		"exp": {{0, 1}, {negativeZero, 1}, {inf, inf}, {-inf, 0}, {nan, nan},
			{88.72283, 3.4027985e38}, {88.72284, inf}, {math.MaxFloat32, inf},
			{-103.97207, tiny}, {-103.97209, 0}, {-1e30, 0},
			{-87.33655, 1.1754907e-38}, {-95, 5.521082e-42}},
		"log": {{1, 0}, {0, -inf}, {negativeZero, -inf}, {inf, inf}, {-inf, nan}, {-1, nan}, {-tiny, nan},
			{nan, nan}, {tiny, -103.27893}, {math.MaxFloat32, 88.72284}},
		"erf": {{0, 0}, {negativeZero, negativeZero}, {inf, 1}, {-inf, -1}, {nan, nan}, {4, 1},
			{-1e30, -1},
			{tiny, tiny}},
		"tanh": {{0, 0}, {negativeZero, negativeZero}, {inf, 1}, {-inf, -1}, {nan, nan}, {10, 1},
			{-1e30, -1},
			{tiny, tiny}},
		"sin": {{0, 0}, {negativeZero, negativeZero}, {inf, nan}, {-inf, nan}, {nan, nan}, {tiny, tiny},
			{-tiny, -tiny}},
		"cos": {{0, 1}, {negativeZero, 1}, {inf, nan}, {-inf, nan}, {nan, nan}, {tiny, 1}},
	}
	for _, f := range transcendentals {
		for _, row := range rows[f.name] {
			for _, isa := range Available() {
				var got [1]float32
				f.pick(For(isa))(&got[0], &row[0], 1, 1, 1, 1)
				if !sameBits(math.Float32bits(got[0]), math.Float32bits(row[1])) {
					t.Errorf("%v: %s(%v): got %v, want %v", isa, f.name, row[0], got[0], row[1])
				}
			}
		}
	}
}

// What saturates never passes its bound.
func TestSaturatingFunctionsStayInside(t *testing.T) {
	for i := range uint32(1 << 16) {
		x := math.Float32frombits(0x3f000000 + i<<9)
		for _, y := range []float32{erf(x), tanh(x), sin(x), cos(x)} {
			if !(y >= -1 && y <= 1) {
				t.Fatalf("at %v: got %v, outside [-1, 1]", x, y)
			}
		}
	}
}

func BenchmarkGenericFunctions(b *testing.B) {
	in, out := make([]float32, 1024), make([]float32, 1024)
	for i := range in {
		in[i] = float32(i)/128 - 4
	}
	for _, f := range transcendentals {
		b.Run(fmt.Sprint(f.name), func(b *testing.B) {
			for b.Loop() {
				f.pick(For(Generic))(&out[0], &in[0], 1, len(in), len(in), len(in))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(in)), "ns/elem")
		})
	}
}
