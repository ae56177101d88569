package kernel

import "unsafe"

// stripGeneric is the loop that every strip of tiles computes:
//
//	for i, j in a tile:
//		sum := 0, or start[i,j] if continued
//		for k := range depth {
//			sum = fma(a[i,k], b[k,j], sum)
//		}
//		if scale: sum *= alpha
//		if addD:  sum += d[i,j]
//		if addColumn: sum += d[i]
//		c[i,j] = sum
func stripGeneric(s *strip, rows, vectors int) {
	for tile := range s.count {
		for i := range rows {
			for j := range (vectors-1)*genericVector + s.tail {
				sum := float32(0)
				if s.flags&continued != 0 {
					sum = *at(s.c, tile*s.nextC+i*s.rowC+j)
				}
				for k := range s.depth {
					a := *at(s.a, tile*s.nextA+i*s.rowA+k*s.colA)
					sum = fma(a, *at(s.b, tile*s.nextB+k*s.rowB+j), sum)
				}
				if s.flags&scale != 0 {
					sum *= s.alpha
				}
				if s.flags&addD != 0 {
					sum = float32(sum) + *at(s.d, tile*s.nextD+i*s.rowD+j)
				}
				if s.flags&addColumn != 0 {
					sum = float32(sum) + *at(s.d, tile*s.nextD+i*s.rowD)
				}
				*at(s.c, tile*s.nextC+i*s.rowC+j) = sum
			}
		}
	}
}

const genericVector = 4

// at returns a pointer to the i-th element after p.
func at(p *float32, i int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(p), i*4))
}
