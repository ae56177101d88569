package kernel_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"quickstudy/framework/kernel"
)

// BenchmarkProduct multiplies matrices of the shapes that Transformers have, in the four
// cases of transposed operands, on one core.
func BenchmarkProduct(b *testing.B) {
	for _, isa := range kernel.Available()[1:] {
		for _, s := range [][4]int{{1, 256, 256, 256}, {1, 1024, 1024, 1024}, {1, 800, 64, 64},
			{1, 800, 256, 64}, {1, 800, 64, 256}, {1, 64, 256, 800}, {1, 256, 64, 800},
			{1, 64, 64, 800}, {1, 4096, 1024, 256}, {100, 32, 32, 16}, {100, 32, 16, 32}} {
			for _, layout := range []string{"NN", "NT", "TN", "TT"} {
				batch, m, n, k := s[0], s[1], s[2], s[3]
				b.Run(fmt.Sprintf("%v/%dx%dx%dx%d/%s", isa, batch, m, n, k, layout), func(b *testing.B) {
					product(b, kernel.For(isa), batch, m, n, k, layout[0] == 'T', layout[1] == 'T')
				})
			}
		}
	}
}

func product(b *testing.B, table *kernel.Table, batch, m, n, k int, transA, transB bool) {
	p := kernel.Product{M: m, N: n, K: k, A: kernel.Strides{Row: k, Col: 1},
		B: kernel.Strides{Row: n, Col: 1}, C: kernel.Strides{Row: n, Col: 1},
		Batch: []kernel.BatchAxis{{Length: batch, A: m * k, B: k * n, C: m * n}}}
	if transA {
		p.A = kernel.Strides{Row: 1, Col: m}
	}
	if transB {
		p.B = kernel.Strides{Row: 1, Col: k}
	}
	g, err := table.NewProduct(p)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	random := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x
	}
	c, left, right := random(batch*m*n), random(batch*m*k), random(batch*k*n)
	work := random(g.Workspace())
	for b.Loop() {
		g.Run(c, left, right, nil, work)
	}
	b.ReportMetric(2*float64(g.Multiplications())*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
