package kernel_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"quickstudy/framework/kernel"
)

// matrix is a strided operand in a slice with guard cells on both sides.
type matrix struct {
	kernel.Strides
	data []float32 // from the first element
	all  []float32
}

const guard = 37

var sentinel = math.Float32frombits(0x7fc0dead)

func newMatrix(r *rand.Rand, rows, cols, pad int, transposed bool, copies int) matrix {
	m := matrix{Strides: kernel.Strides{Row: cols + pad, Col: 1}}
	if transposed {
		m.Strides = kernel.Strides{Row: 1, Col: rows + pad}
	}
	size := ((rows-1)*m.Row + (cols-1)*m.Col + 1) * copies
	m.all = make([]float32, size+2*guard)
	for i := range m.all {
		m.all[i] = sentinel
	}
	m.data = m.all[guard : guard+size]
	for i := range m.data {
		m.data[i] = float32(r.NormFloat64())
	}
	return m
}

func (m matrix) span(rows, cols int) int { return (rows-1)*m.Row + (cols-1)*m.Col + 1 }

// chain is the definition: one chain over ascending k, each step rounded once, which
// TestFMA holds fma to.
func chain(p kernel.Product, a, b, c, d []float32) {
	for i := range p.M {
		for j := range p.N {
			sum := float32(0)
			for k := range p.K {
				sum = kernel.FMA(a[i*p.A.Row+k*p.A.Col], b[k*p.B.Row+j*p.B.Col], sum)
			}
			if p.Alpha != 0 && p.Alpha != 1 {
				sum *= p.Alpha
			}
			if p.HasD {
				sum = float32(sum) + d[i*p.D.Row+j*p.D.Col]
			}
			c[i*p.C.Row+j] = sum
		}
	}
}

func TestProduct(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	cases := 150
	if testing.Short() {
		cases = 40
	}
	for i := range cases {
		size := func(most int) int { return 1 + r.IntN(most) }
		p := kernel.Product{M: size(70), N: size(70), K: size(40), HasD: r.IntN(2) == 0}
		switch r.IntN(6) {
		case 0:
			p.M, p.K = size(500), size(900) // several blocks
		case 1:
			p.N, p.K = size(1100), size(900)
		}
		if p.M*p.N*p.K > 8e6 {
			p.M = 1 + p.M/8
		}
		if r.IntN(2) == 0 {
			p.Alpha = float32(r.NormFloat64())
		}
		copies := 1 + r.IntN(3)
		pad := func() int { return []int{0, 0, 1, 5}[r.IntN(4)] }
		a := newMatrix(r, p.M, p.K, pad(), r.IntN(2) == 0, copies)
		b := newMatrix(r, p.K, p.N, pad(), r.IntN(2) == 0, copies)
		c := newMatrix(r, p.M, p.N, pad(), false, copies)
		d := newMatrix(r, p.M, p.N, pad(), false, copies)
		p.A, p.B, p.C, p.D = a.Strides, b.Strides, c.Strides, d.Strides
		p.Batch = []kernel.BatchAxis{{Length: copies, A: a.span(p.M, p.K), B: b.span(p.K, p.N),
			C: c.span(p.M, p.N), D: d.span(p.M, p.N)}}
		switch r.IntN(6) {
		case 0:
			p.D = kernel.Strides{Col: 1} // a row for all
		case 1:
			p.D = kernel.Strides{Row: 1} // a column for all
		case 2:
			p.D = kernel.Strides{Row: d.Row}
		}
		if r.IntN(4) == 0 { // a special value goes where IEEE says
			a.data[r.IntN(len(a.data))] = []float32{float32(math.Inf(1)), float32(math.NaN()), 0}[r.IntN(3)]
		}
		want := append([]float32(nil), c.all...)
		for e := range copies {
			at := p.Batch[0]
			chain(p, a.data[e*at.A:], b.data[e*at.B:], want[guard+e*at.C:], d.data[e*at.D:])
		}
		start := append([]float32(nil), c.all...)
		for _, isa := range kernel.Available() {
			t.Run(fmt.Sprintf("%d/%v", i, isa), func(t *testing.T) {
				copy(c.all, start)
				g, err := kernel.For(isa).NewProduct(p)
				if err != nil {
					t.Fatal(err)
				}
				work := make([]float32, g.Workspace())
				for _, tile := range r.Perm(g.Tiles()) {
					g.RunTile(tile, c.data, a.data, b.data, d.data, work)
				}
				for k, got := range c.all {
					if !same(got, want[k]) {
						t.Fatalf("%+v: element %d is %v, want %v", p, k-guard, got, want[k])
					}
				}
			})
		}
	}
}

// same reports whether two floats have the same bits, or both are not a number.
func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

func TestProductRefuses(t *testing.T) {
	square := kernel.Strides{Row: 2, Col: 1}
	good := kernel.Product{M: 2, N: 2, K: 2, A: square, B: square, C: square}
	for _, test := range []struct {
		name   string
		change func(*kernel.Product)
		want   string
	}{
		{"no rows", func(p *kernel.Product) { p.M = 0 }, "sizes must be at least 1"},
		{"negative stride", func(p *kernel.Product) { p.A.Row = -2 }, "a stride of -2"},
		{"columns apart", func(p *kernel.Product) { p.C.Col = 2 }, "columns of the result lie 2 apart"},
		{"empty batch", func(p *kernel.Product) { p.Batch = []kernel.BatchAxis{{}} }, "length 0"},
	} {
		p := good
		test.change(&p)
		_, err := kernel.For(kernel.Generic).NewProduct(p)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q in it", test.name, err, test.want)
		}
	}
}
