//go:generate go -C ../../tools/asm run ./product ../../framework/kernel

package kernel

// tile is a small block of C, as high and wide as the registers hold.
type tile struct {
	c, start, a, b, d                      *float32
	depth                                  int // of K
	rowC, rowStart, rowA, colA, rowB, rowD int // strides in elements
	flags                                  int
	alpha                                  float32
}

// What a tile does besides its products.
const (
	continued = 1 << iota // chains go on from start, not from 0
	scale                 // times alpha
	addD                  // plus d
)

// tileKernel computes a tile of as many rows and vectors as it is made for. The last vector
// has tail columns; nothing beyond them is read or written.
type tileKernel func(c, start, a, b, d *float32, depth, rowC, rowStart, rowA, colA, rowB, rowD,
	tail, flags int, alpha float32)

// tileKernels are the tiles of an instruction set.
type tileKernels struct {
	rows    int // of the highest tile
	vector  int // columns of a vector
	kernels [maxTileRows + 1][tileVectors + 1]tileKernel
	// packTransposed fills a panel of the given width from b, whose rows are neighbours.
	packTransposed func(panel *float32, b operand, width, depth, columns int)
}

const (
	maxTileRows = 12
	tileVectors = 2 // of the widest tile
)

// columns returns the width of the widest tile, which is that of a panel of B.
func (t *tileKernels) columns() int { return tileVectors * t.vector }

func (t *tileKernels) compute(at *tile, rows, columns int) {
	vectors := ceil(columns, t.vector)
	t.kernels[rows][vectors](at.c, at.start, at.a, at.b, at.d, at.depth, at.rowC, at.rowStart,
		at.rowA, at.colA, at.rowB, at.rowD, columns-(vectors-1)*t.vector, at.flags, at.alpha)
}

// packPanels copies depth × columns elements of b into panels as wide as a tile, one after
// the other, each row by row: the order in which tiles read them. The last panel is filled
// up with zeros.
func (t *tileKernels) packPanels(to []float32, b operand, depth, columns int) {
	width := t.columns()
	for j := 0; j < columns; j += width {
		panel, here := to[j*depth:][:width*depth], min(width, columns-j)
		from := operand{b.data[j*b.Col:], b.Strides}
		switch {
		case b.Col == 1:
			packRows(panel, from, width, depth, here)
		default:
			t.packTransposed(&panel[0], from, width, depth, here)
		}
	}
}

func packRows(panel []float32, b operand, width, depth, columns int) {
	for k := range depth {
		line := panel[k*width:][:width]
		copy(line[:columns], b.data[k*b.Row:])
		clear(line[columns:])
	}
}
