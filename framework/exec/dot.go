package exec

import (
	"gonum.org/v1/gonum/blas/gonum"
	"quickstudy/framework/graph"
)

// dot computes every element as one chain over k in ascending order, one
// rounded product added at a time: c += a[:,k]·b[k,:] for every k. What a shape
// adds, more rows or columns, or zeros anywhere along k, then changes no bit of
// what was there. GEMM is not used because its blocking makes the order of a sum
// depend on the shape.
//
// Single precision accumulates in float32. Exact products summed in float64 were
// tried too: closer to the true sum, but 1.6 to 2 times slower in plain Go than
// this, for which gonum has assembly on amd64; Double is there for the better
// sum. Elsewhere gonum's loop is Go that may be compiled to a fused
// multiply-add: other bits than on amd64, the same chain.
func dot(c *compiler, n *graph.Node) error {
	in, a := c.dense(n), n.Attrs()
	left, right := in[0].node.Shape(), in[1].node.Shape()
	rank := len(left)
	d := product{
		m: n.Shape()[rank-2], n: n.Shape()[rank-1], k: left[rank-1],
		batch: n.Shape()[:rank-2].Size(),
		rowA:  left[rank-1], stepA: 1, stepB: right[rank-1], columnB: 1,
	}
	if a.TransA {
		d.k, d.rowA, d.stepA = left[rank-2], 1, left[rank-1]
	}
	if a.TransB {
		d.stepB, d.columnB = 1, right[rank-1]
	}
	if c.storage(n.DType()) == inFloat32 {
		c.step(n, in, func(_ *arena, out any, in []any) error {
			multiply(&d, gonum.Implementation{}.Sger, out.([]float32), in[0].([]float32), in[1].([]float32))
			return nil
		})
		return nil
	}
	c.step(n, in, func(_ *arena, out any, in []any) error {
		multiply(&d, gonum.Implementation{}.Dger, out.([]float64), in[0].([]float64), in[1].([]float64))
		return nil
	})
	return nil
}

// product is a batch of matrix products [m, k] × [k, n]. Strides are those of a
// along m and k, and of b along k and n.
type product struct {
	m, n, k, batch              int
	rowA, stepA, stepB, columnB int
}

// tile is how many elements of a result are worked on at a time: a few rows,
// read and written once for every k, that stay in the first-level cache.
const tile = 4096

// multiply sets c = a·b by rank-one updates. ger adds alpha·x·yᵀ to a matrix.
func multiply[T float](d *product, ger func(m, n int, alpha T, x []T, incX int, y []T, incY int, c []T, ldc int),
	c, a, b []T) {
	clear(c)
	rows := max(tile/d.n/4*4, 4) // whole blocks of the four rows that ger takes together
	for i := range d.batch {
		a, b, c := a[i*d.m*d.k:], b[i*d.k*d.n:], c[i*d.m*d.n:]
		for row := 0; row < d.m; row += rows {
			for k := range d.k {
				ger(min(rows, d.m-row), d.n, 1, a[row*d.rowA+k*d.stepA:], d.rowA,
					b[k*d.stepB:], d.columnB, c[row*d.n:], d.n)
			}
		}
	}
}
