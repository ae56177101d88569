package kernel

// Movement is the kernels that carry elements to other places, and the one that draws them.
type Movement struct {
	// Transpose copies the transpose of a, whatever its bits: dst[i,j] = a[j,i] for rows × cols
	// elements of dst.
	Transpose Unary

	// Gather copies the rows of a that ids name, whatever their bits: dst[i,j] = a[ids[i],j].
	Gather Indexed
	// AddRows adds the rows of a to those of dst that ids name, one row after the other:
	// dst[ids[i],j] += a[i,j] for ascending i. dst does not overlap a.
	AddRows Indexed

	// Uniform draws the elements from first on of a key's stream of numbers in [0, 1), as
	// philox.Uniform does. first is a multiple of 4, count at least 1.
	Uniform func(dst *float32, first, count int, key0, key1 uint32)
}

// Indexed works on rows × cols elements, where ids, contiguous, has a row's number for every
// row. The caller has checked the numbers.
type Indexed func(dst, a *float32, ids *int32, rows, cols, ldd, lda int)
