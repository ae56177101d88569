package reference

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
// tried too: closer to the true sum, but half as fast in plain Go as this, for
// which gonum has assembly on amd64; Double is there for the better sum. Elsewhere
// gonum's loop is Go that may be compiled to a fused multiply-add: other bits than
// on amd64, the same chain.
func dot(c *compiler, n *graph.Node) error {
	in, a := c.dense(n), n.Attrs()
	left, right := in[0].node.Shape(), in[1].node.Shape()
	rank := len(left)
	d := product{
		m: n.Shape()[rank-2], n: n.Shape()[rank-1], k: left[rank-1], batch: n.Shape()[:rank-2].Size(),
		a: panel{stride: left[rank-1], step: 1}, b: panel{stride: 1, step: right[rank-1]},
	}
	if a.TransA {
		d.k, d.a = left[rank-2], panel{stride: 1, step: left[rank-1]}
	}
	if a.TransB {
		d.b = panel{stride: right[rank-1], step: 1}
	}
	d.columns = min(d.n, 128)
	d.rows = min(d.m, 4096/d.columns/4*4)
	kind := c.storage(n.DType())
	in = append(in, c.workspace(kind, d.a.packed(d.rows, d.k, d.n)),
		c.workspace(kind, d.b.packed(d.columns, d.k, d.m)))
	if kind == inFloat32 {
		c.step(n, in, multiplying(&d, gonum.Implementation{}.Sger))
	} else {
		c.step(n, in, multiplying(&d, gonum.Implementation{}.Dger))
	}
	return nil
}

// product is a batch of matrix products [m, k] × [k, n]. A tile of the result,
// rows × columns, is read and written once for every k and should stay in the
// first-level cache; gonum's kernels take four rows at a time.
type product struct {
	m, n, k, batch int
	rows, columns  int
	a, b           panel
}

// panel is how an operand is read: stride from row to row of a, or from column to
// column of b, and step from one k to the next.
type panel struct{ stride, step int }

// packed returns how many elements must be copied to read count of them side by
// side at every k. That is worth it if they are used by many rows or columns of the
// other operand, or are so far apart that they evict each other from the cache.
func (p panel) packed(count, k, uses int) int {
	const many, far = 64, 256
	if p.stride == 1 || p.stride < far && uses < many {
		return 0
	}
	return count * k
}

// pack returns count rows of x for reading, side by side in memory if that is not
// empty.
func pack[T float](p panel, memory, x []T, count, k int) ([]T, panel) {
	if len(memory) == 0 {
		return x, p
	}
	for row := range count {
		for i, v := range x[row*p.stride:][:k] { // packed operands have step 1
			memory[i*count+row] = v
		}
	}
	return memory, panel{stride: 1, step: count}
}

// rankOne adds alpha·x·yᵀ to an m×n matrix.
type rankOne[T float] = func(m, n int, alpha T, x []T, incX int, y []T, incY int, c []T, ldc int)

func multiplying[T float](d *product, ger rankOne[T]) kernel {
	return func(out any, in []any) error {
		c, a, b := out.([]T), in[0].([]T), in[1].([]T)
		memoryA, memoryB := in[2].([]T), in[3].([]T)
		clear(c)
		for i := range d.batch {
			a, b, c := a[i*d.m*d.k:], b[i*d.k*d.n:], c[i*d.m*d.n:]
			for column := 0; column < d.n; column += d.columns {
				columns := min(d.columns, d.n-column)
				b, pb := pack(d.b, memoryB, b[column*d.b.stride:], columns, d.k)
				for row := 0; row < d.m; row += d.rows {
					rows := min(d.rows, d.m-row)
					a, pa := pack(d.a, memoryA, a[row*d.a.stride:], rows, d.k)
					tile := c[row*d.n+column:]
					for k := range d.k {
						ger(rows, columns, 1, a[k*pa.step:], pa.stride, b[k*pb.step:], pb.stride, tile, d.n)
					}
				}
			}
		}
		return nil
	}
}
