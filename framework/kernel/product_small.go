package kernel

import "slices"

// planSmall makes the strips of a product that is a single block of C and copies no A. They
// are the same for all entries of the batch.
func (g *Gemm) planSmall() {
	if g.blocks == 1 && g.kc == g.K && g.nc == g.N && !g.packA {
		g.pieces = slices.Collect(g.tiles.pieces(g.M, g.N))
	}
}

// runSmall computes the entries from first to end of the batch of a small product.
func (g *Gemm) runSmall(first, end int, c, a, b, d, work []float32) {
	s := g.strip(g.A, g.B, g.K)
	s.rowC, s.flags = g.C.Row, g.epilogue()
	entry := g.at(first)
	for range end - first {
		next := entry // its operands are fetched meanwhile, a row in every step of a sum
		if next.next(); next.done {
			next = entry
		}
		entryB := b[entry.B:]
		if g.packB {
			g.tiles.packPanels(work, operand{entryB, g.B}, g.K, g.N)
			entryB = work
		}
		for i := range g.pieces {
			p := &g.pieces[i]
			s.cut(p)
			s.a, s.b = &a[entry.A+p.row*s.rowA], &entryB[p.panel*s.panel]
			s.c = &c[entry.C+p.row*s.rowC+p.column]
			if g.HasD {
				s.d = &d[entry.D+p.row*s.rowD+p.column*g.D.Col]
			}
			if i == 0 {
				s.fetchAhead(&a[next.A], max(g.A.Row, g.A.Col))
			} else {
				s.fetchAhead(&b[next.B], max(g.B.Row, g.B.Col))
			}
			g.tiles.compute(&s, p.rows, p.vectors)
		}
		entry = next
	}
}
