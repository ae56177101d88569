package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unsafe"
)

// reduceSize draws the size of a tile and the distances of its rows.
func reduceSize(r *rand.Rand) (rows, cols, lda, ldb int) {
	rows, cols = 1+r.IntN(64), 1+r.IntN(150)
	return rows, cols, cols + r.IntN(20)*r.IntN(2), cols + r.IntN(20)*r.IntN(2)
}

func drawTile(r *rand.Rand, rows, cols, ld int, draw draws) *tileOf {
	t := newTile(rows, cols, ld)
	for i := range rows {
		for j := range cols {
			*t.at(i, j) = draw(r)
		}
	}
	return t
}

func finite(r *rand.Rand) uint32 { return math.Float32bits(float32(r.NormFloat64())) }

// Every instruction set gives the bits of the generic loops.
func TestReductionsAgree(t *testing.T) {
	kernels := reflect.TypeFor[Reductions]()
	for _, isa := range Available() {
		for k := range kernels.NumField() {
			name := kernels.Field(k).Name
			t.Run(fmt.Sprintf("%v/%s", isa, name), func(t *testing.T) {
				r := rand.New(rand.NewPCG(3, 4))
				for round := range 300 {
					rows, cols, lda, ldb := reduceSize(r)
					if round%5 == 0 {
						lda = 0
					}
					draw := finite
					if round%3 == 0 {
						draw = numbers
					}
					a, b := drawTile(r, rows, cols, lda, draw), drawTile(r, rows, cols, ldb, draw)
					size := map[string]int{"RowSum": rows, "RowMax": rows, "RowDot": rows,
						"SumLanes": rows * Lanes, "MaxLanes": rows * Lanes,
						"ColSum": cols, "ColMax": cols, "ColDot": cols}[name]
					want := drawTile(r, 1, size, size, finite)
					got := want.clone()
					reduceWith(Generic, k, want, a, b, rows, cols, lda, ldb)
					reduceWith(isa, k, got, a, b, rows, cols, lda, ldb)
					if err := got.untouched(); err != nil {
						t.Fatal(err)
					}
					for i := range size {
						if g, w := *got.at(0, i), *want.at(0, i); !sameBits(g, w) {
							t.Fatalf("%d×%d, lda %d: result %d: got %v, want %v", rows, cols, lda, i,
								math.Float32frombits(g), math.Float32frombits(w))
						}
					}
				}
			})
		}
	}
}

func reduceWith(isa ISA, kernel int, dst, a, b *tileOf, rows, cols, lda, ldb int) {
	switch run := reflect.ValueOf(For(isa).Reductions).Field(kernel).Interface().(type) {
	case Reduction:
		run(dst.pointer(), a.pointer(), rows, cols, lda)
	case DotReduction:
		run(dst.pointer(), a.pointer(), b.pointer(), rows, cols, lda, ldb)
	}
}

// The generic loops against sums in double precision and a plain search.
func TestReductionsReduce(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	k := For(Generic)
	for range 100 {
		rows, cols, lda, ldb := reduceSize(r)
		a, b := drawTile(r, rows, cols, lda, finite), drawTile(r, rows, cols, ldb, finite)
		column, row := newTile(1, rows, rows), newTile(1, cols, cols)
		rowSum, rowMax, rowDot := column, column.clone(), column.clone()
		colSum, colMax, colDot := row, row.clone(), row.clone()
		for j := range cols {
			*colSum.at(0, j), *colMax.at(0, j) = 0, math.Float32bits(float32(math.Inf(-1)))
			*colDot.at(0, j) = 0
		}
		k.RowSum(rowSum.pointer(), a.pointer(), rows, cols, lda)
		k.RowMax(rowMax.pointer(), a.pointer(), rows, cols, lda)
		k.RowDot(rowDot.pointer(), a.pointer(), b.pointer(), rows, cols, lda, ldb)
		k.ColSum(colSum.pointer(), a.pointer(), rows, cols, lda)
		k.ColMax(colMax.pointer(), a.pointer(), rows, cols, lda)
		k.ColDot(colDot.pointer(), a.pointer(), b.pointer(), rows, cols, lda, ldb)
		value := func(t *tileOf, i, j int) float64 { return float64(math.Float32frombits(*t.at(i, j))) }
		check := func(name string, got *tileOf, i int, want, size float64) {
			t.Helper()
			if g := value(got, 0, i); !(math.Abs(g-want) <= size*0x1p-24*16) {
				t.Fatalf("%s of %d×%d, result %d: got %v, want %v", name, rows, cols, i, g, want)
			}
		}
		reduce := func(n int, at func(k int) (x, y float64)) (sum, top, dot, size float64) {
			top = math.Inf(-1)
			for k := range n {
				x, y := at(k)
				sum, top, dot = sum+x, math.Max(top, x), dot+x*y
				size += math.Abs(x) + math.Abs(x*y)
			}
			return sum, top, dot, size
		}
		for i := range rows {
			sum, top, dot, size := reduce(cols, func(j int) (x, y float64) {
				return value(a, i, j), value(b, i, j)
			})
			check("RowSum", rowSum, i, sum, size)
			check("RowMax", rowMax, i, top, 0)
			check("RowDot", rowDot, i, dot, size)
		}
		for j := range cols {
			sum, top, dot, size := reduce(rows, func(i int) (x, y float64) {
				return value(a, i, j), value(b, i, j)
			})
			check("ColSum", colSum, j, sum, size)
			check("ColMax", colMax, j, top, 0)
			check("ColDot", colDot, j, dot, size)
		}
	}
}

// Columns of zeros at the end of a row, or of -Inf for a maximum, change no bit; neither
// does cutting a row at a multiple of 16.
func TestRowReductionsIgnorePaddingAndCuts(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, isa := range Available() {
		k := For(isa)
		for range 200 {
			rows, cols, _, _ := reduceSize(r)
			padded, cut := cols+r.IntN(70), Lanes*r.IntN(1+cols/Lanes)
			for _, c := range []struct {
				name         string
				pad          float32
				whole, lanes Reduction
			}{
				{"RowSum", 0, k.RowSum, k.SumLanes},
				{"RowMax", float32(math.Inf(-1)), k.RowMax, k.MaxLanes},
			} {
				a := drawTile(r, rows, padded, padded, finite)
				for i := range rows {
					if i%5 == 0 {
						*a.at(i, 0) = 1 << 31 // -0, alone in a row of one column
					}
					for j := cols; j < padded; j++ {
						*a.at(i, j) = math.Float32bits(c.pad)
					}
				}
				want, got := newTile(1, rows, rows), newTile(1, rows, rows)
				c.whole(want.pointer(), a.pointer(), rows, cols, padded)
				c.whole(got.pointer(), a.pointer(), rows, padded, padded)
				inTwo, lanes := newTile(1, rows, rows), newTile(rows, Lanes, Lanes)
				for i := range rows {
					for l := range Lanes {
						*lanes.at(i, l) = math.Float32bits(c.pad)
					}
				}
				if cut > 0 {
					c.lanes(lanes.pointer(), a.pointer(), rows, cut, padded)
				}
				if cut < cols {
					rest := tileOf{a.cells[cut:], rows, cols - cut, padded}
					c.lanes(lanes.pointer(), rest.pointer(), rows, cols-cut, padded)
				}
				c.whole(inTwo.pointer(), lanes.pointer(), rows, Lanes, Lanes)
				for i := range rows {
					w := *want.at(0, i)
					if g, two := *got.at(0, i), *inTwo.at(0, i); g != w || two != w {
						t.Fatalf("%v: %s of %d columns, row %d: got %#x padded to %d, %#x cut at %d, want %#x",
							isa, c.name, cols, i, g, padded, two, cut, w)
					}
				}
			}
		}
	}
}

// Rows that are combined in parts give the bits of all at once.
func TestColumnSumsInParts(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, isa := range Available() {
		k := For(isa)
		for range 200 {
			rows, cols, lda, ldb := reduceSize(r)
			a, b := drawTile(r, rows, cols, lda, finite), drawTile(r, rows, cols, ldb, finite)
			cut := r.IntN(rows)
			for i := range rows {
				if cols > 1 {
					*a.at(i, 1) = 1 << 31 // -0
				}
			}
			whole := drawTile(r, 2, cols, cols, finite)
			parts := whole.clone()
			lower := tileOf{a.cells[cut*lda:], rows - cut, cols, lda}
			lowerB := tileOf{b.cells[cut*ldb:], rows - cut, cols, ldb}
			row := func(t *tileOf, i int) *float32 { return (*float32)(unsafe.Pointer(t.at(i, 0))) }
			k.ColSum(row(whole, 0), a.pointer(), rows, cols, lda)
			k.ColDot(row(whole, 1), a.pointer(), b.pointer(), rows, cols, lda, ldb)
			if cut > 0 {
				k.ColSum(row(parts, 0), a.pointer(), cut, cols, lda)
				k.ColDot(row(parts, 1), a.pointer(), b.pointer(), cut, cols, lda, ldb)
			}
			k.ColSum(row(parts, 0), lower.pointer(), rows-cut, cols, lda)
			k.ColDot(row(parts, 1), lower.pointer(), lowerB.pointer(), rows-cut, cols, lda, ldb)
			if !slices.Equal(parts.cells, whole.cells) {
				t.Fatalf("%v: %d×%d cut at row %d: the parts give other sums", isa, rows, cols, cut)
			}
		}
	}
}
