package kernel

// The loops of this file round the inner result before the outer operation uses it: the
// conversion keeps a compiler from fusing the two, which some targets do.

func mulAddRow(dst, a, b, c []float32, sa, sb, sc int) {
	for j := range dst {
		dst[j] = float32(a[j*sa]*b[j*sb]) + c[j*sc]
	}
}

func mulSubRow(dst, a, b, c []float32, sa, sb, sc int) {
	for j := range dst {
		dst[j] = float32(a[j*sa]*b[j*sb]) - c[j*sc]
	}
}

func subProductRow(dst, a, b, c []float32, sa, sb, sc int) {
	for j := range dst {
		dst[j] = a[j*sa] - float32(b[j*sb]*c[j*sc])
	}
}

func addMulRow(dst, a, b, c []float32, sa, sb, sc int) {
	for j := range dst {
		dst[j] = (a[j*sa] + b[j*sb]) * c[j*sc]
	}
}

func subMulRow(dst, a, b, c []float32, sa, sb, sc int) {
	for j := range dst {
		dst[j] = (a[j*sa] - b[j*sb]) * c[j*sc]
	}
}

func mulMulRow(dst, a, b, c []float32, sa, sb, sc int) {
	for j := range dst {
		dst[j] = a[j*sa] * b[j*sb] * c[j*sc]
	}
}
