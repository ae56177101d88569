package kernel

// entry is one matrix product of a batch while it is computed.
type entry struct {
	*Gemm
	c, a, b, d, work []float32
	nextA, nextB     region // of A and B, which the next blocks read
}

// operand is a matrix as the innermost loop reads it.
type operand struct {
	data []float32
	Strides
}

// rows computes the rows m0 to m1 of C, block by block of N, K and M.
func (w *entry) rows(m0, m1 int) {
	panels, rest := []float32(nil), w.work
	if w.packB {
		panels, rest = w.work[:w.packedB()], w.work[w.packedB():]
	}
	for n0 := 0; n0 < w.N; n0 += w.nc {
		n1 := min(w.N, n0+w.nc)
		for k0 := 0; k0 < w.K; k0 += w.kc {
			k1 := min(w.K, k0+w.kc)
			b := operand{w.b[k0*w.B.Row+n0*w.B.Col:], w.B}
			if w.packB {
				w.tiles.packPanels(panels, b, k1-k0, n1-n0)
			}
			w.nextB = region{}
			if k1 < w.K {
				w.nextB = w.B.region(w.b, k1, n0, min(w.kc, w.K-k1), n1-n0)
			}
			for r0 := m0; r0 < m1; r0 += w.mc {
				r1 := min(m1, r0+w.mc)
				switch {
				case r1 < m1:
					w.nextA = w.A.region(w.a, r1, k0, min(w.mc, m1-r1), k1-k0)
				case k1 < w.K:
					w.nextA = w.A.region(w.a, m0, k1, min(w.mc, m1-m0), min(w.kc, w.K-k1))
				default:
					w.nextA = region{}
				}
				a := operand{w.a[r0*w.A.Row+k0*w.A.Col:], w.A}
				if w.packA {
					a = w.copyA(rest, a, r1-r0, k1-k0)
				}
				w.block(a, b, panels, r0, r1, n0, n1, k0, k1)
			}
		}
	}
}

// packedB is the floats of a packed block of B.
func (g *Gemm) packedB() int { return g.kc * ceil(g.nc, g.tiles.columns()) * g.tiles.columns() }

// packedA is the floats of a block of A: one line of the cache more than its rows need,
// so that they do not fall onto the same lines.
func (g *Gemm) packedA() int { return g.mc*(g.kc+16) + g.kc*16 }

// copyA copies a block of A along the axis that is contiguous.
func (w *entry) copyA(to []float32, a operand, rows, depth int) operand {
	if a.Row == 1 {
		stride := w.mc + 16
		w.tiles.lay(&to[0], operand{a.data, Strides{a.Col, 1}}, depth, rows, stride)
		return operand{to, Strides{1, stride}}
	}
	stride := w.kc + 16
	w.tiles.lay(&to[0], a, rows, depth, stride)
	return operand{to, Strides{stride, 1}}
}

// block computes one block of C, strip by strip.
func (w *entry) block(a, b operand, panels []float32, m0, m1, n0, n1, k0, k1 int) {
	s := w.strip(a.Strides, b.Strides, k1-k0)
	s.flags = fetch
	if k1 == w.K {
		s.flags |= w.epilogue()
	}
	if k0 > 0 {
		s.flags |= continued
	}
	if w.packB {
		b.data = panels
	}
	c := operand{w.c[m0*w.C.Row+n0:], w.C}
	s.rowC = c.Row
	for p := range w.tiles.pieces(m1-m0, n1-n0) {
		s.cut(&p)
		s.a, s.b = &a.data[p.row*s.rowA], &b.data[p.panel*s.panel]
		s.c = &c.data[p.row*s.rowC+p.column]
		if w.HasD {
			s.d = &w.d[(m0+p.row)*s.rowD+(n0+p.column)*w.D.Col]
		}
		if !w.nextA.fetch(&s) && !w.nextB.fetch(&s) {
			s.fetchAhead(s.c, 0)
		}
		w.tiles.compute(&s, p.rows, p.vectors)
	}
}

// strip returns what the strips of blocks with so deep sums have in common, but for C.
func (g *Gemm) strip(a, b Strides, depth int) strip {
	s := strip{depth: depth, rowA: a.Row, colA: a.Col, rowB: b.Row, rowD: g.D.Row, alpha: g.Alpha}
	s.panel = g.tiles.columns() * b.Col
	if g.packB {
		s.rowB, s.panel = g.tiles.columns(), g.tiles.columns()*depth
	}
	return s
}

// epilogue returns the flags of strips that end their sums.
func (g *Gemm) epilogue() (flags int) {
	if g.Alpha != 1 {
		flags |= scale
	}
	switch {
	case g.HasD && g.D.Col == 0:
		flags |= addColumn
	case g.HasD:
		flags |= addD
	}
	return flags
}
