package exec

import (
	"gonum.org/v1/gonum/blas"
	gemm "gonum.org/v1/gonum/blas/gonum"
	"quickstudy/framework/graph"
)

func dot(c *compiler, n *graph.Node) error {
	in, a := c.dense(n), n.Attrs()
	left, right := in[0].node.Shape(), in[1].node.Shape()
	rank := len(left)
	d := product{
		transA: flag(a.TransA), transB: flag(a.TransB),
		m: n.Shape()[rank-2], n: n.Shape()[rank-1], k: left[rank-1],
		lda: left[rank-1], ldb: right[rank-1], batch: n.Shape()[:rank-2].Size(),
	}
	if a.TransA {
		d.k = left[rank-2]
	}
	if c.storage(n.DType()) == inFloat32 {
		c.step(n, in, func(_ *arena, out any, in []any) error {
			multiply(&d, gemm.Implementation{}.Sgemm, out.([]float32), in[0].([]float32), in[1].([]float32))
			return nil
		})
		return nil
	}
	c.step(n, in, func(_ *arena, out any, in []any) error {
		multiply(&d, gemm.Implementation{}.Dgemm, out.([]float64), in[0].([]float64), in[1].([]float64))
		return nil
	})
	return nil
}

// product is a batch of matrix products [m, k] × [k, n] of row-major matrices.
type product struct {
	transA, transB  blas.Transpose
	m, n, k         int
	lda, ldb, batch int
}

func flag(transposed bool) blas.Transpose {
	if transposed {
		return blas.Trans
	}
	return blas.NoTrans
}

func multiply[T float](d *product, gemm func(tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T,
	ldb int, beta T, c []T, ldc int), c, a, b []T) {
	mk, kn, mn := d.m*d.k, d.k*d.n, d.m*d.n
	for i := range d.batch {
		gemm(d.transA, d.transB, d.m, d.n, d.k, 1, a[i*mk:(i+1)*mk], d.lda, b[i*kn:(i+1)*kn], d.ldb,
			0, c[i*mn:(i+1)*mn], d.n)
	}
}
