package kernel

// Movement is the kernels that carry elements to other places, whatever their bits.
type Movement struct {
	// Transpose copies the transpose of a: dst[i,j] = a[j,i] for rows × cols elements of dst.
	Transpose Unary
}
