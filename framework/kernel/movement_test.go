package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"quickstudy/framework/philox"
)

func TestTranspose(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		rows, cols := 1+r.IntN(70), 1+r.IntN(70)
		a := newTile(cols, rows, rows+r.IntN(5))
		for i := range cols {
			for j := range rows {
				*a.at(i, j) = r.Uint32()
			}
		}
		for _, isa := range Available() {
			dst := newTile(rows, cols, cols+r.IntN(5))
			For(isa).Transpose(dst.pointer(), a.pointer(), rows, cols, dst.ld, a.ld)
			if err := dst.untouched(); err != nil {
				t.Fatalf("%v: %v", isa, err)
			}
			for i := range rows {
				for j := range cols {
					if got, want := *dst.at(i, j), *a.at(j, i); got != want {
						t.Fatalf("%v: %d×%d: element %d, %d is %#x, want %#x", isa, rows, cols, i, j, got, want)
					}
				}
			}
		}
	}
}

func BenchmarkTranspose(b *testing.B) {
	for _, isa := range Available() {
		for _, s := range [][2]int{{16, 16}, {64, 64}, {67, 45}, {256, 512}} {
			b.Run(fmt.Sprintf("%v/%dx%d", isa, s[0], s[1]), func(b *testing.B) {
				// A line of the cache between them keeps rows off each other's places.
				dst, a := newTile(s[0], s[1], s[1]+Lanes), newTile(s[1], s[0], s[0]+Lanes)
				for b.Loop() {
					For(isa).Transpose(dst.pointer(), a.pointer(), s[0], s[1], dst.ld, a.ld)
				}
				call := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
				b.ReportMetric(call/float64(s[0]*s[1]), "ns/elem")
			})
		}
	}
}

// numbersOf returns ids of rows of a table, some of them twice.
func numbersOf(r *rand.Rand, count, table int) []int32 {
	ids := make([]int32, count)
	for i := range ids {
		ids[i] = int32(r.IntN(table))
	}
	return ids
}

func TestGather(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		rows, cols, length := 1+r.IntN(9), 1+r.IntN(200), 1+r.IntN(9)
		ids := numbersOf(r, rows, length)
		a := drawn(r, length, cols, cols+r.IntN(5))
		for _, isa := range Available() {
			dst := newTile(rows, cols, cols+r.IntN(5))
			For(isa).Gather(dst.pointer(), a.pointer(), &ids[0], rows, cols, dst.ld, a.ld)
			if err := dst.untouched(); err != nil {
				t.Fatalf("%v: %v", isa, err)
			}
			for i, id := range ids {
				for j := range cols {
					if got, want := *dst.at(i, j), *a.at(int(id), j); got != want {
						t.Fatalf("%v: element %d, %d is %#x, want %#x", isa, i, j, got, want)
					}
				}
			}
		}
	}
}

func drawn(r *rand.Rand, rows, cols, ld int) *tileOf {
	t := newTile(rows, cols, ld)
	for i := range rows {
		for j := range cols {
			*t.at(i, j) = numbers(r)
		}
	}
	return t
}

// Rows that are added to the same one come in their order, which shows in the bits.
func TestAddRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		rows, cols, length := 1+r.IntN(9), 1+r.IntN(200), 1+r.IntN(3)
		ids := numbersOf(r, rows, length)
		a, start := drawn(r, rows, cols, cols+r.IntN(5)), drawn(r, length, cols, cols+r.IntN(5))
		want := start.clone()
		for i, id := range ids {
			for j := range cols {
				sum := want.at(int(id), j)
				*sum = math.Float32bits(math.Float32frombits(*sum) + math.Float32frombits(*a.at(i, j)))
			}
		}
		for _, isa := range Available() {
			dst := start.clone()
			For(isa).AddRows(dst.pointer(), a.pointer(), &ids[0], rows, cols, dst.ld, a.ld)
			if err := dst.untouched(); err != nil {
				t.Fatalf("%v: %v", isa, err)
			}
			for i := range length {
				for j := range cols {
					if got, want := *dst.at(i, j), *want.at(i, j); !sameBits(got, want) {
						t.Fatalf("%v: element %d, %d is %#x, want %#x", isa, i, j, got, want)
					}
				}
			}
		}
	}
}

func TestUniform(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, first := range []int{0, 4, 1000, 1<<34 - 64} { // the counter is one of 32 bits
		for count := 1; count <= 140; count++ {
			key := [2]uint32{r.Uint32(), r.Uint32()}
			for _, isa := range Available() {
				dst := newTile(1, count, count)
				For(isa).Uniform(dst.pointer(), first, count, key[0], key[1])
				if err := dst.untouched(); err != nil {
					t.Fatalf("%v: %v", isa, err)
				}
				for i := range count {
					block := philox.Block([4]uint32{uint32((first + i) / 4)}, key)
					want := float32(block[i%4]>>8) * 0x1p-24
					if got := math.Float32frombits(*dst.at(0, i)); got != want {
						t.Fatalf("%v: element %d from %d of %d: %v, want %v", isa, i, first, count, got, want)
					}
				}
			}
		}
	}
	var got [100]float32
	For(Best()).Uniform(&got[0], 8, len(got), 3, 4)
	for i, x := range got {
		if want := float32(philox.Uniform([2]uint32{3, 4}, uint32(8+i))); x != want {
			t.Errorf("element %d of the stream is %v, want %v", 8+i, x, want)
		}
	}
}

func BenchmarkMovement(b *testing.B) {
	const rows, length = 32, 100
	ids := numbersOf(rand.New(rand.NewPCG(1, 2)), rows, length)
	for _, isa := range Available() {
		k := For(isa)
		for _, cols := range []int{16, 64, 100, 256} {
			table, tile := newTile(length, cols, cols), newTile(rows, cols, cols)
			for name, run := range map[string]func(){
				"Gather": func() {
					k.Gather(tile.pointer(), table.pointer(), &ids[0], rows, cols, cols, cols)
				},
				"AddRows": func() {
					k.AddRows(table.pointer(), tile.pointer(), &ids[0], rows, cols, cols, cols)
				},
				"Uniform": func() { k.Uniform(tile.pointer(), 0, rows*cols, 1, 2) },
			} {
				b.Run(fmt.Sprintf("%v/%s/%d", isa, name, cols), func(b *testing.B) {
					for b.Loop() {
						run()
					}
					call := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
					b.ReportMetric(call/float64(rows*cols), "ns/elem")
				})
			}
		}
	}
}
