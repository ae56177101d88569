package exec

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// dot is the rule of a matrix product.
func dot(c *compiler, n *graph.Node) (view, error) {
	return c.product(n, epilogue{dot: n, factor: 1})
}

// product adds a matrix product that ends with n. It reads its operands and writes its
// result by strides.
func (c *compiler) product(end *graph.Node, e epilogue) (view, error) {
	n := e.dot
	in, shape := c.inputs(n), n.Shape()
	rank := len(shape)
	row, col := rank-2, rank-1
	a, b := in[0], in[1]
	p := kernel.Product{M: shape[row], N: shape[col], Alpha: e.factor}
	p.K, p.A, p.B = n.Inputs()[0].Shape()[col], matrix(a, row, col), matrix(b, row, col)
	if n.Attrs().TransA {
		p.K, p.A = n.Inputs()[0].Shape()[row], matrix(a, col, row)
	}
	if n.Attrs().TransB {
		p.B = matrix(b, col, row)
	}
	order := c.orders[end]
	if order == nil || order[rank-1] < row { // columns of the result must be neighbours
		order = ascending(rank)
	}
	out := ordered(shape, order)
	p.C = kernel.Strides{Row: out[row], Col: out[col]}
	d := view{strides: make([]int, rank)}
	if e.addend != nil {
		d = c.addend(end, c.views[e.addend], shape, out, order[rank-1])
		p.HasD, p.D = true, matrix(d, row, col)
	}
	for axis, length := range shape[:row] {
		if length > 1 {
			p.Batch = append(p.Batch, kernel.BatchAxis{Length: length,
				A: a.strides[axis], B: b.strides[axis], C: out[axis], D: d.strides[axis]})
		}
	}
	if order[rank-1] == row && p.M > 1 { // the transpose of the result is Bᵀ·Aᵀ
		exchange(&p)
		a, b = b, a
	}
	p.C.Col = 1
	mergeRows(&p)
	gemm, err := c.table.NewProduct(p)
	if err != nil {
		return view{}, err
	}
	s := &multiplication{gemm: gemm, a: a, b: b, d: d}
	s.flops = 2 * int64(shape.Size()) * int64(p.K)
	read := []view{a, b}
	if p.HasD {
		read = append(read, d)
	}
	s.c = c.make(n, inFloat32, shape.Size(), s, read...)
	return view{value: s.c, strides: out}, nil
}

// addend returns x with neighbours, or one value, along the axis along which the result has
// neighbours: a copy, if need be.
func (c *compiler) addend(n *graph.Node, x view, shape graph.Shape, out []int, inner int) view {
	if x.strides[inner] <= 1 || shape[inner] == 1 {
		return x
	}
	return c.copied(n, x, shape, out)
}

func matrix(x view, row, col int) kernel.Strides {
	return kernel.Strides{Row: x.strides[row], Col: x.strides[col]}
}

func exchange(p *kernel.Product) {
	p.M, p.N = p.N, p.M
	p.A, p.B = transposedStrides(p.B), transposedStrides(p.A)
	p.C, p.D = transposedStrides(p.C), transposedStrides(p.D)
	for i, x := range p.Batch {
		p.Batch[i].A, p.Batch[i].B = x.B, x.A
	}
}

func transposedStrides(s kernel.Strides) kernel.Strides {
	return kernel.Strides{Row: s.Col, Col: s.Row}
}

// mergeRows makes more rows of batch axes along which B does not change.
func mergeRows(p *kernel.Product) {
	for last := len(p.Batch) - 1; last >= 0; last-- {
		axis := p.Batch[last]
		if axis.B != 0 || axis.A != p.M*p.A.Row || axis.C != p.M*p.C.Row ||
			axis.D != p.M*p.D.Row {
			return
		}
		p.M *= axis.Length
		p.Batch = p.Batch[:last]
	}
}

// multiplication runs a product.
type multiplication struct {
	gemm  *kernel.Gemm
	a, b  view
	d     view // without a value if there is no addend
	c     *value
	flops int64
}

func (s *multiplication) scratch() int { return s.gemm.Workspace() }

func (s *multiplication) run(m *memory) error {
	var d []float32
	if s.d.value != nil {
		d = m.floats(s.d.value)[s.d.offset:]
	}
	s.gemm.Run(m.floats(s.c), m.floats(s.a.value)[s.a.offset:], m.floats(s.b.value)[s.b.offset:], d,
		m.scratch)
	return nil
}
