package kernel

// Lanes is the number of partial results of a reduction along a row.
const Lanes = 16

// Reductions is the kernels that combine the elements of a tile.
//
// Along a row, lane l combines the elements of the columns l, l+16, l+32, … in ascending
// order. Lanes are then folded by halves: l with l+8, then l+4, l+2, l+1. A sum's lanes
// start at +0 and a maximum's at -Inf, so that columns of +0, or of -Inf, appended to a
// row change no bit. Over rows, dst, which starts at +0 or -Inf, is combined with one row
// after the other, so that it makes no difference where rows are cut, or whether there are
// rows of +0 or -Inf between them.
//
// A maximum is that of Elementwise.Max, a the one with the lower index. The products of a
// dot are rounded before they are added.
type Reductions struct {
	RowSum, RowMax Reduction    // dst[i] = Σⱼ aᵢⱼ or maxⱼ aᵢⱼ; dst is contiguous
	RowDot         DotReduction // dst[i] = Σⱼ aᵢⱼ·bᵢⱼ

	// SumLanes and MaxLanes combine the elements of a part of every row, which starts at an
	// absolute multiple of 16 columns, with the row's lanes: dst is [rows, 16] and starts
	// at +0 or -Inf. RowSum or RowMax of the 16 columns of dst folds them.
	SumLanes, MaxLanes Reduction

	ColSum Reduction    // dst[j] = ((dst[j] + a₀ⱼ) + a₁ⱼ) + …
	ColMax Reduction    // dst[j] = max(max(dst[j], a₀ⱼ), a₁ⱼ) …
	ColDot DotReduction // dst[j] = ((dst[j] + a₀ⱼ·b₀ⱼ) + a₁ⱼ·b₁ⱼ) + …
}

// Reduction combines the elements of a along an axis.
type Reduction func(dst, a *float32, rows, cols, lda int)

// DotReduction combines the products of the elements of a and b along an axis.
type DotReduction func(dst, a, b *float32, rows, cols, lda, ldb int)
