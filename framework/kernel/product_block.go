package kernel

// entry is one matrix product of a batch while it is computed.
type entry struct {
	*Gemm
	c, a, b, d, work []float32
}

// operand is a matrix as the innermost loop reads it.
type operand struct {
	data []float32
	Strides
}

// rows computes the rows m0 to m1 of C, block by block of N and K. Rows beyond mc are not
// asked for.
func (w *entry) rows(m0, m1 int) {
	panels, rest := w.split(w.packB, w.kc*ceil(w.nc, w.tiles.columns())*w.tiles.columns())
	for n0 := 0; n0 < w.N; n0 += w.nc {
		n1 := min(w.N, n0+w.nc)
		for k0 := 0; k0 < w.K; k0 += w.kc {
			k1 := min(w.K, k0+w.kc)
			b := operand{w.b[k0*w.B.Row+n0*w.B.Col:], w.B}
			if w.packB {
				w.tiles.packPanels(panels, b, k1-k0, n1-n0)
			}
			a := operand{w.a[m0*w.A.Row+k0*w.A.Col:], w.A}
			packed, sums := rest, rest
			if w.packA {
				packed, sums = rest[:w.packedA()], rest[w.packedA():]
				a = w.copyA(packed, a, m1-m0, k1-k0)
			}
			w.block(a, b, panels, sums, m0, m1, n0, n1, k0, k1)
		}
	}
}

func (w *entry) split(used bool, size int) (first, rest []float32) {
	if !used {
		return nil, w.work
	}
	return w.work[:size], w.work[size:]
}

// packedA is the floats of a block of A: one line of the cache more than its rows need,
// so that they do not fall onto the same lines.
func (g *Gemm) packedA() int { return g.mc*(g.kc+16) + g.kc*16 }

// copyA copies a block of A along the axis that is contiguous.
func (w *entry) copyA(to []float32, a operand, rows, depth int) operand {
	if a.Col <= a.Row {
		stride := w.kc + 16
		for i := range rows {
			line := to[i*stride:][:depth]
			if a.Col == 1 {
				copy(line, a.data[i*a.Row:])
				continue
			}
			for k := range line {
				line[k] = a.data[i*a.Row+k*a.Col]
			}
		}
		return operand{to, Strides{stride, 1}}
	}
	stride := w.mc + 16
	for k := range depth {
		line := to[k*stride:][:rows]
		if a.Row == 1 {
			copy(line, a.data[k*a.Col:])
			continue
		}
		for i := range line {
			line[i] = a.data[i*a.Row+k*a.Col]
		}
	}
	return operand{to, Strides{1, stride}}
}

// block computes one block of C, tile by tile: rows are split evenly, so that no tile
// is much lower than the others.
func (w *entry) block(a, b operand, panels, sums []float32, m0, m1, n0, n1, k0, k1 int) {
	width, depth := w.tiles.columns(), k1-k0
	t := tile{depth: depth, rowA: a.Row, colA: a.Col, rowB: b.Row, rowC: w.C.Row, rowD: w.D.Row,
		alpha: w.Alpha}
	last := k1 == w.K
	if last && w.Alpha != 1 {
		t.flags |= scale
	}
	if last && w.HasD {
		t.flags |= addD
	}
	if k0 > 0 {
		t.flags |= continued
	}
	if w.packB {
		t.rowB = width
	}
	partial := w.partial()
	if t.rowStart = w.C.Row; partial {
		t.rowStart = n1 - n0
		if !last {
			t.rowC = n1 - n0
		}
	}
	tiles := ceil(m1-m0, w.tiles.rows)
	for j := n0; j < n1; j += width {
		columns := min(width, n1-j)
		if w.packB {
			t.b = &panels[(j-n0)*depth]
		} else {
			t.b = &b.data[(j-n0)*b.Col]
		}
		for i := range tiles {
			r0, r1 := m0+i*(m1-m0)/tiles, m0+(i+1)*(m1-m0)/tiles
			t.a = &a.data[(r0-m0)*a.Row]
			t.c = &w.c[r0*w.C.Row+j]
			t.start = t.c
			if partial {
				if t.start = &sums[(r0-m0)*(n1-n0)+j-n0]; !last {
					t.c = t.start
				}
			}
			if w.HasD {
				t.d = &w.d[r0*w.D.Row+j]
			}
			w.tiles.compute(&t, r1-r0, columns)
		}
	}
}
