package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
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
