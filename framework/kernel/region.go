package kernel

// region is memory that is fetched into the second-level cache while tiles are computed, a
// line in every step of their sums. Blocks that stream from further away wait for it otherwise.
type region []float32

const (
	lineWords = 16      // float32s of a line of the cache
	maxRegion = 1 << 17 // float32s, half of a second-level cache
)

// region returns a block of a matrix with what lies between its rows. It is empty if that is
// more than the block itself, or all too much.
func (s Strides) region(data []float32, row, column, rows, columns int) region {
	start := row*s.Row + column*s.Col
	if s.Row < s.Col {
		s, rows, columns = Strides{s.Col, s.Row}, columns, rows
	}
	size := (rows-1)*s.Row + columns
	if s.Col != 1 || size > min(2*rows*columns, maxRegion) {
		return nil
	}
	return data[start:][:size]
}

// fetch has a strip fetch what of the region it can, and reports whether there was any left.
func (r *region) fetch(s *strip) bool {
	if len(*r) == 0 {
		return false
	}
	s.ahead, s.step = &(*r)[0], lineWords
	*r = (*r)[min(len(*r), s.count*s.depth*lineWords):]
	return true
}
