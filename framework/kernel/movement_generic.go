package kernel

import (
	"unsafe"

	"quickstudy/framework/philox"
)

// genericMovement holds the loops that define the kernels of every instruction set.
var genericMovement = Movement{
	Transpose: transposeTile,
	Gather:    gatherRows,
	AddRows:   addRows,
	Uniform:   drawUniform,
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

func gatherRows(dst, a *float32, ids *int32, rows, cols, ldd, lda int) {
	for i, id := range unsafe.Slice(ids, rows) {
		copy(span[uint32](dst, i*ldd, cols), span[uint32](a, int(id)*lda, cols))
	}
}

func addRows(dst, a *float32, ids *int32, rows, cols, ldd, lda int) {
	for i, id := range unsafe.Slice(ids, rows) {
		row := span[float32](dst, int(id)*ldd, cols)
		for j, v := range span[float32](a, i*lda, cols) {
			row[j] += v
		}
	}
}

func drawUniform(dst *float32, first, count int, key0, key1 uint32) {
	numbers := span[float32](dst, 0, count)
	for i := 0; i < count; i += 4 {
		block := philox.Block([4]uint32{uint32((first + i) / 4)}, [2]uint32{key0, key1})
		for j, word := range block[:min(4, count-i)] {
			numbers[i+j] = float32(word>>8) * 0x1p-24
		}
	}
}
