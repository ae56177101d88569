package kernel

import (
	"fmt"
	"slices"
)

// Strides are the distances, in elements, between neighbours in a column and in a row
// of a matrix. A stride of 0 repeats.
type Strides struct{ Row, Col int }

// BatchAxis is an axis over which a product is repeated, with its stride in every operand.
type BatchAxis struct{ Length, A, B, C, D int }

// Product is C = Alpha·(A·B) + D for matrices of float32, once for every index of the
// batch axes. A is [M, K], B [K, N], C and D [M, N].
//
// An element of A·B is one chain of fused multiply-adds over ascending k from +0,
// whatever the blocking. It is then multiplied by Alpha, unless that is 1 or 0, which stands
// for 1, and D is added, each with a rounding of its own.
type Product struct {
	M, N, K    int
	A, B, C, D Strides // C's columns are neighbours, and D's, unless it has one value a row
	Batch      []BatchAxis
	Alpha      float32
	HasD       bool
}

// Gemm is a product prepared for one instruction set. It is immutable, and any number of
// goroutines may run it.
type Gemm struct {
	Product
	tiles  tileKernels
	kc     int  // of a block of K; the last one may be shorter
	nc     int  // of a block of N
	mc     int  // rows of a tile of work
	packA  bool // copy A, whose rows would fall onto the same lines of the cache
	packB  bool
	batch  int // product of the batch axes
	group  int // batch entries of a tile of work
	blocks int // row blocks of one batch entry; 1 if a tile has more than one entry

	pieces []piece // of a small product
}

const (
	maxKC        = 384     // of a panel of B, which streams from the second-level cache
	shallowKC    = 160     // of one whose next is fetched, if C stays in the cache
	smallC       = 1 << 15 // float32s of such a C
	maxNC        = 512     // a block of B stays in the second-level cache
	maxMC        = 240     // so does a block of A
	smallProduct = 1 << 19 // multiplications up to which packing costs more than it saves
	smallTile    = 1 << 18 // multiplications below which a tile takes further batch entries
	maxBatchAxes = 8
)

// NewProduct prepares a product. It is an error if a size is below 1, a stride negative,
// or the columns of C or D do not lie as Product says.
func (t *Table) NewProduct(p Product) (*Gemm, error) {
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("kernel: product %d×%d×%d: %w", p.M, p.K, p.N, err)
	}
	if p.Alpha == 0 {
		p.Alpha = 1
	}
	p.Batch = slices.DeleteFunc(slices.Clone(p.Batch),
		func(x BatchAxis) bool { return x.Length == 1 })
	if len(p.Batch) > maxBatchAxes {
		return nil, fmt.Errorf("kernel: product with %d batch axes, at most %d", len(p.Batch),
			maxBatchAxes)
	}
	g := &Gemm{Product: p, tiles: t.tiles(), batch: 1, group: 1}
	for _, axis := range p.Batch {
		g.batch *= axis.Length
	}
	size := p.M * p.N * p.K
	g.packB = p.B.Col != 1 || size > smallProduct && p.M > 2*g.tiles.rows
	g.packA = size > smallProduct && p.N > g.tiles.columns() &&
		(conflicting(p.A.Row) || conflicting(p.A.Col))
	g.kc = evenly(p.K, maxKC, 1)
	if g.kc < p.K && p.M*p.N <= smallC {
		g.kc = evenly(p.K, shallowKC, 1)
	}
	g.nc = evenly(p.N, maxNC, g.tiles.columns())
	g.mc = evenly(p.M, maxMC, g.tiles.rows)
	g.blocks = ceil(p.M, g.mc)
	if g.blocks == 1 {
		g.group = min(g.batch, max(1, smallTile/size))
	}
	g.planSmall()
	return g, nil
}

// conflicting reports whether elements so far apart fall onto the same few lines of a
// first-level cache, which repeats every 4 KiB.
func conflicting(stride int) bool { return stride > 0 && stride%256 == 0 }

func (p *Product) check() error {
	if p.M < 1 || p.N < 1 || p.K < 1 {
		return fmt.Errorf("sizes must be at least 1")
	}
	all := []int{p.A.Row, p.A.Col, p.B.Row, p.B.Col, p.C.Row, p.C.Col, p.D.Row, p.D.Col}
	for _, axis := range p.Batch {
		if axis.Length < 1 {
			return fmt.Errorf("batch axis of length %d, want at least 1", axis.Length)
		}
		all = append(all, axis.A, axis.B, axis.C, axis.D)
	}
	if i := slices.IndexFunc(all, func(s int) bool { return s < 0 }); i >= 0 {
		return fmt.Errorf("a stride of %d, want none below 0", all[i])
	}
	if p.C.Col != 1 && p.N > 1 || p.HasD && p.D.Col > 1 && p.N > 1 {
		return fmt.Errorf("columns of the result lie %d apart, want 1, and of the addend %d, want 0 or 1",
			p.C.Col, p.D.Col)
	}
	return nil
}

// evenly returns the block size that cuts n into as few blocks as limit allows, all about
// equally large, rounded up to a multiple of unit.
func evenly(n, limit, unit int) int {
	size := ceil(n, ceil(n, limit))
	return min(n, ceil(size, unit)*unit)
}

func ceil(a, b int) int { return (a + b - 1) / b }

// Multiplications returns M·N·K times the batch entries.
func (g *Gemm) Multiplications() int { return g.M * g.N * g.K * g.batch }

// Batches returns the number of batch entries.
func (g *Gemm) Batches() int { return g.batch }

// Workspace returns how many float32 of scratch memory a run needs. Every goroutine
// needs its own.
func (g *Gemm) Workspace() int {
	size := 0
	if g.packB {
		size += g.packedB()
	}
	if g.packA {
		size += g.packedA()
	}
	return size
}

// Tiles returns the number of parts that a product's work has, fixed by its shape. They
// are independent.
func (g *Gemm) Tiles() int { return ceil(g.batch, g.group) * g.blocks }

// Run computes the product. d is read if the product has a D. C must not overlap an operand,
// nor D.
func (g *Gemm) Run(c, a, b, d, work []float32) {
	if g.blocks > 1 { // packs B once for all rows
		for i := range g.batch {
			g.run(i, 0, g.M, c, a, b, d, work)
		}
		return
	}
	for tile := range g.Tiles() {
		g.RunTile(tile, c, a, b, d, work)
	}
}

// RunTile computes one part of the product.
func (g *Gemm) RunTile(tile int, c, a, b, d, work []float32) {
	first, block := tile/g.blocks*g.group, tile%g.blocks
	end := min(g.batch, first+g.group)
	if g.pieces != nil {
		g.runSmall(first, end, c, a, b, d, work)
		return
	}
	m0 := block * g.mc
	m1 := min(g.M, m0+g.mc)
	for i := first; i < end; i++ {
		g.run(i, m0, m1, c, a, b, d, work)
	}
}

// run computes the rows m0 to m1 of one batch entry.
func (g *Gemm) run(i, m0, m1 int, c, a, b, d, work []float32) {
	at := g.at(i)
	w := entry{Gemm: g, work: work, c: c[at.C:], a: a[at.A:], b: b[at.B:]}
	if g.HasD {
		w.d = d[at.D:]
	}
	w.rows(m0, m1)
}

// position is an entry of the batch and where its operands begin.
type position struct {
	axes       []BatchAxis
	index      [maxBatchAxes]int
	A, B, C, D int
	done       bool
}

// at returns the position of an entry.
func (g *Gemm) at(entry int) position {
	p := position{axes: g.Batch}
	for i := len(p.axes) - 1; i >= 0; i-- {
		axis := &p.axes[i]
		p.index[i] = entry % axis.Length
		entry /= axis.Length
		p.move(axis, p.index[i])
	}
	return p
}

// next moves on to the next entry. After the last one there is none.
func (p *position) next() {
	for i := len(p.axes) - 1; i >= 0; i-- {
		axis := &p.axes[i]
		if p.index[i]++; p.index[i] < axis.Length {
			p.move(axis, 1)
			return
		}
		p.index[i] = 0
		p.move(axis, 1-axis.Length)
	}
	p.done = true
}

func (p *position) move(axis *BatchAxis, by int) {
	p.A, p.B, p.C, p.D = p.A+by*axis.A, p.B+by*axis.B, p.C+by*axis.C, p.D+by*axis.D
}
