package kernel

// genericMovement holds the loops that define the kernels of every instruction set.
var genericMovement = Movement{
	Transpose: transposeTile,
}

// transposeTile goes square by square, so that what it reads stays in the first-level cache.
func transposeTile(dst, a *float32, rows, cols, ldd, lda int) {
	const side = 16
	for j0 := 0; j0 < cols; j0 += side {
		for i0 := 0; i0 < rows; i0 += side {
			for i := i0; i < min(rows, i0+side); i++ {
				row := span[uint32](dst, i*ldd, cols)
				for j := j0; j < min(cols, j0+side); j++ {
					row[j] = span[uint32](a, j*lda+i, 1)[0]
				}
			}
		}
	}
}
