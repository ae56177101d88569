package train

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"gorgonia.org/tensor"

	"quickstudy/framework/train/program"
)

// The sum of a tree is the pairwise sum in order, whatever n, and it holds no more
// than the logarithm of what it was given.
func TestTreeSumsPairwiseInOrder(t *testing.T) {
	draws := rand.New(rand.NewPCG(1, 2))
	for n := range 70 {
		var sum tree
		var spare program.Spare
		var values []float32
		for i := range n {
			x := float32(draws.NormFloat64())
			values = append(values, x)
			v := program.Values{"x": tensor.New(tensor.WithBacking([]float32{x}))}
			if i%3 == 0 { // a name that only some have
				v["y"] = tensor.New(tensor.FromScalar(float64(i)))
			}
			if err := sum.add(v, &spare); err != nil {
				t.Fatal(err)
			}
			if len(sum.digits) > bits.Len(uint(i+1)) {
				t.Fatalf("%d digits for %d values", len(sum.digits), i+1)
			}
		}
		got, err := sum.sum(&spare)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			if len(got) != 0 {
				t.Errorf("the sum of nothing is %v", got)
			}
			continue
		}
		if x := got["x"].Float32s()[0]; x != pairwise(values) {
			t.Errorf("%d values: %v, want %v", n, x, pairwise(values))
		}
		want := 0.0
		for i := 0; i < n; i += 3 {
			want += float64(i)
		}
		if y := got["y"].Float64s()[0]; y != want {
			t.Errorf("%d values: y is %v, want %v", n, y, want)
		}
	}
}

// pairwise splits off the largest power of two from the front, as a full binary
// counter does.
func pairwise(x []float32) float32 {
	if len(x) == 1 {
		return x[0]
	}
	half := 1 << (bits.Len(uint(len(x)-1)) - 1)
	return pairwise(x[:half]) + pairwise(x[half:])
}

func TestTreeRefusesOtherShapes(t *testing.T) {
	var sum tree
	var spare program.Spare
	for i, v := range []*tensor.Dense{
		tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{1, 2})),
		tensor.New(tensor.WithShape(3), tensor.WithBacking([]float32{1, 2, 3})),
	} {
		if err := sum.add(program.Values{"x": v}, &spare); (err != nil) != (i == 1) {
			t.Errorf("value %d: %v", i, err)
		}
	}
}

// Every element of a run has a key of its own, and has it again.
func TestKeysDiffer(t *testing.T) {
	seen := map[[2]uint32]string{}
	for seed := range uint64(3) {
		for step := range int64(20) {
			for pick := range 8 {
				for part := range 8 {
					k := key(seed, step, pick, part)
					what := fmt.Sprint(seed, step, pick, part)
					if before, twice := seen[k]; twice {
						t.Errorf("%s has the key of %s", what, before)
					}
					seen[k] = what
					if key(seed, step, pick, part) != k {
						t.Errorf("%s has two keys", what)
					}
				}
			}
		}
	}
}

// The first number that is not finite is found wherever it is, and nothing else is.
func TestNonFinite(t *testing.T) {
	for n := range 40 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(math.Pow(-1, float64(i))) * math.MaxFloat32
		}
		find := func() (int, float64) { return nonFiniteOf(x) }
		if i, v := find(); i != -1 || v != 0 {
			t.Errorf("of %d finite numbers number %d is %v", n, i, v)
		}
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for at := range x {
				before := x[at]
				x[at] = float32(bad)
				if at+1 < n {
					x[at+1] = float32(math.Inf(1)) // not the first
				}
				if i, v := find(); i != at || v != bad && !(math.IsNaN(v) && math.IsNaN(bad)) {
					t.Errorf("of %d numbers number %d is %v, found %d, %v", n, at, bad, i, v)
				}
				if x[at] = before; at+1 < n {
					x[at+1] = -before
				}
			}
		}
	}
}

func BenchmarkNonFinite(b *testing.B) {
	x := make([]float32, 1<<16)
	b.SetBytes(4 << 16)
	for b.Loop() {
		if i, _ := nonFiniteOf(x); i >= 0 {
			b.Fatal(i)
		}
	}
}
