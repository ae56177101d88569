package kernel

// Lanes is the number of partial results of a reduction along a row.
const Lanes = 16

// TileRows is the number of rows that a reduction over rows combines at most in one call.
const TileRows = 64

// Reductions is the kernels that combine the elements of a tile.
//
// Along a row, lane l combines the elements of the columns l, l+16, l+32, … in ascending
// order. Lanes are then folded by halves: l with l+8, then l+4, l+2, l+1. A sum's lanes
// start at +0 and a maximum's at -Inf, so that columns of +0, or of -Inf, appended to a
// row change no bit. Over rows, the rows of a tile are combined in ascending order and the
// result is combined with what dst holds, which starts at +0 or -Inf; the caller cuts
// at absolute multiples of TileRows rows.
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

	ColSum Reduction    // dst[j] += Σᵢ aᵢⱼ
	ColMax Reduction    // dst[j] = max(dst[j], maxᵢ aᵢⱼ)
	ColDot DotReduction // dst[j] += Σᵢ aᵢⱼ·bᵢⱼ

	// SumRows and DotRows do a part of the rows of a tile: dst[j] = ((dst[j] + x₀) + x₁) + …,
	// where dst starts at +0 with the tile. Added to the sum of the tiles before, it gives the
	// bits of ColSum or ColDot.
	SumRows Reduction
	DotRows DotReduction
}

// Reduction combines the elements of a along an axis.
type Reduction func(dst, a *float32, rows, cols, lda int)

// DotReduction combines the products of the elements of a and b along an axis.
type DotReduction func(dst, a, b *float32, rows, cols, lda, ldb int)
