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
// result is combined with what acc holds, which starts at +0 or -Inf; the caller cuts
// at absolute multiples of TileRows rows.
//
// A maximum is that of Elementwise.Max, a the one with the lower index. The products of a
// dot are rounded before they are added.
type Reductions struct {
	RowSum func(dst, a *float32, rows, cols, lda int)         // dst[i] = Σⱼ aᵢⱼ
	RowMax func(dst, a *float32, rows, cols, lda int)         // dst[i] = maxⱼ aᵢⱼ
	RowDot func(dst, a, b *float32, rows, cols, lda, ldb int) // dst[i] = Σⱼ aᵢⱼ·bᵢⱼ

	// SumLanes and MaxLanes combine the elements of a part of every row, which starts at an
	// absolute multiple of 16 columns, with the row's lanes: acc is [rows, 16] and starts
	// at +0 or -Inf. RowSum or RowMax of the 16 columns of acc folds them.
	SumLanes func(acc, a *float32, rows, cols, lda int)
	MaxLanes func(acc, a *float32, rows, cols, lda int)

	ColSum func(acc, a *float32, rows, cols, lda int)         // acc[j] += Σᵢ aᵢⱼ
	ColMax func(acc, a *float32, rows, cols, lda int)         // acc[j] = max(acc[j], maxᵢ aᵢⱼ)
	ColDot func(acc, a, b *float32, rows, cols, lda, ldb int) // acc[j] += Σᵢ aᵢⱼ·bᵢⱼ

	// SumRows and DotRows do a part of the rows of a tile: acc[j] = ((acc[j] + x₀) + x₁) + …,
	// where acc starts at +0 with the tile. Added to the sum of the tiles before, it gives the
	// bits of ColSum or ColDot.
	SumRows func(acc, a *float32, rows, cols, lda int)
	DotRows func(acc, a, b *float32, rows, cols, lda, ldb int)
}
