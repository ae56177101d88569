package kernel

import "unsafe"

// genericTiles are tiles in Go.
var genericTiles = tileKernels{rows: 4, vector: 4, kernels: genericKernels(),
	packTransposed: packTransposed}

func genericKernels() (k [maxTileRows + 1][tileVectors + 1]tileKernel) {
	for rows := 1; rows <= 4; rows++ {
		for vectors := 1; vectors <= tileVectors; vectors++ {
			k[rows][vectors] = genericTile(rows, vectors)
		}
	}
	return k
}

// genericTile returns the loop that every tile kernel computes:
//
//	for i, j in the tile:
//		sum := 0, or start[i,j] if continued
//		for k := range depth {
//			sum = fma(a[i,k], b[k,j], sum)
//		}
//		if scale: sum *= alpha
//		if addD:  sum += d[i,j]
//		c[i,j] = sum
func genericTile(rows, vectors int) tileKernel {
	return func(c, start, a, b, d *float32, depth, rowC, rowStart, rowA, colA, rowB, rowD, tail,
		flags int, alpha float32) {
		for i := range rows {
			for j := range (vectors-1)*4 + tail {
				sum := float32(0)
				if flags&continued != 0 {
					sum = *at(start, i*rowStart+j)
				}
				for k := range depth {
					sum = fma(*at(a, i*rowA+k*colA), *at(b, k*rowB+j), sum)
				}
				if flags&scale != 0 {
					sum *= alpha
				}
				if flags&addD != 0 {
					sum = float32(sum) + *at(d, i*rowD+j)
				}
				*at(c, i*rowC+j) = sum
			}
		}
	}
}

// at returns a pointer to the i-th element after p.
func at(p *float32, i int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(p), i*4))
}

func packTransposed(panel *float32, b operand, width, depth, columns int) {
	to := unsafe.Slice(panel, width*depth)
	for k := range depth {
		line := to[k*width:][:width]
		for j := range columns {
			line[j] = b.data[k*b.Row+j*b.Col]
		}
		clear(line[columns:])
	}
}
