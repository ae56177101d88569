//go:generate go -C ../../tools/asm run ./product ../../framework/kernel

package kernel

import "iter"

// strip is tiles of C of equal size, one beside or below the other. A tile is a small block,
// as high and wide as the registers hold. The assembly knows the order of the fields.
type strip struct {
	a, b, c, d, ahead                     *float32 // of the first tile
	nextA, nextB, nextC, nextD, nextAhead int      // from tile to tile, in elements
	rowA, colA, rowB, rowC, rowD          int      // strides in elements
	count                                 int      // tiles
	depth                                 int      // of K
	tail                                  int      // columns of the last vector
	flags                                 int
	alpha                                 float32
	step                                  int // of ahead, which is fetched in every step of a sum

	panel int // from a panel of B to the next; not for the assembly
}

// What a tile does besides its products.
const (
	continued = 1 << iota // chains go on from what is in c, not from 0
	scale                 // times alpha
	addD                  // plus d
	fetch                 // asks for the lines of c and d before it computes them
	addColumn             // plus d, one value a row
)

// tileKernels are the tiles of an instruction set and what its products are packed with.
type tileKernels struct {
	isa       ISA
	rows      int   // of the highest tile
	vector    int   // columns of a vector
	copy      Unary // Elementwise.Copy
	transpose Unary // Movement.Transpose
}

// tileVectors is the width of the widest tile.
const tileVectors = 2

// columns returns the width of the widest tile, which is that of a panel of B.
func (t *tileKernels) columns() int { return tileVectors * t.vector }

// compute computes a strip of tiles. The last vector of a row has s.tail columns; nothing
// beyond them is read or written.
func (t *tileKernels) compute(s *strip, rows, vectors int) {
	switch t.isa {
	case AVX512:
		stripAVX512(s, rows, vectors)
	case AVX2:
		stripAVX2(s, rows, vectors)
	default:
		stripGeneric(s, rows, vectors)
	}
}

// piece is where a strip lies in a block of C: tiles below each other within a panel of B.
type piece struct {
	row, column, panel         int // of the first tile
	rows, vectors, tail, count int
}

// pieces cuts a block of C into strips. Rows are split evenly, so that no tile is much lower
// than the others: the first ones of a panel are higher by a row.
func (t *tileKernels) pieces(rows, columns int) iter.Seq[piece] {
	return func(yield func(piece) bool) {
		tiles := ceil(rows, t.rows)
		low, high := rows/tiles, rows%tiles
		for column := 0; column < columns; column += t.columns() {
			here := min(t.columns(), columns-column)
			p := piece{column: column, panel: column / t.columns(), vectors: ceil(here, t.vector)}
			p.tail = here - (p.vectors-1)*t.vector
			if p.rows, p.count = low+1, high; high > 0 && !yield(p) {
				return
			}
			p.row, p.rows, p.count = high*(low+1), low, tiles-high
			if !yield(p) {
				return
			}
		}
	}
}

// cut fits a strip to a piece.
func (s *strip) cut(p *piece) {
	s.count, s.tail = p.count, p.tail
	s.nextA, s.nextC, s.nextD = p.rows*s.rowA, p.rows*s.rowC, p.rows*s.rowD
}

// packPanels copies depth × columns elements of b into panels as wide as a tile, one after
// the other, each row by row: the order in which tiles read them. What is beyond the columns
// in the last panel is left as it is.
func (t *tileKernels) packPanels(to []float32, b operand, depth, columns int) {
	width := t.columns()
	for j := 0; j < columns; j += width {
		panel, here := to[j*depth:][:width*depth], min(width, columns-j)
		t.lay(&panel[0], operand{b.data[j*b.Col:], b.Strides}, depth, here, width)
	}
}

// lay copies rows × cols elements to rows a distance apart.
func (t *tileKernels) lay(to *float32, from operand, rows, cols, distance int) {
	switch {
	case from.Col == 1:
		t.copy(to, &from.data[0], rows, cols, distance, from.Row)
	case from.Row == 1:
		t.transpose(to, &from.data[0], rows, cols, distance, from.Col)
	default:
		for i := range rows {
			for j := range cols {
				*at(to, i*distance+j) = from.data[i*from.Row+j*from.Col]
			}
		}
	}
}
