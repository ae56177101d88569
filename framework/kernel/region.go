package kernel

// region is a block of a matrix that is fetched into the second-level cache while tiles are
// computed, a line in every step of their sums. Blocks that stream from further away wait for
// it otherwise.
type region struct {
	data    []float32
	columns int // that are left
	stride  int // from row to row
	dense   bool
}

const (
	lineWords = 16      // float32s of a line of the cache
	maxRegion = 1 << 17 // float32s, half of a second-level cache
)

// region returns a block of a matrix, an empty one if it is too large.
func (s Strides) region(data []float32, row, column, rows, columns int) region {
	start := row*s.Row + column*s.Col
	if s.Row < s.Col {
		s, rows, columns = Strides{s.Col, s.Row}, columns, rows
	}
	if s.Col != 1 || rows*columns > maxRegion {
		return region{}
	}
	size := (rows-1)*s.Row + columns
	return region{data[start:][:size], columns, s.Row, size <= 2*rows*columns}
}

// fetch has a strip fetch what of the region it can, and reports whether there was any left:
// line by line where rows are close to each other, else down the rows, a line of each in every
// tile.
func (r *region) fetch(s *strip) bool {
	switch {
	case len(r.data) == 0 || r.columns <= 0:
		return false
	case r.dense:
		s.fetchAhead(&r.data[0], lineWords)
		r.data = r.data[min(len(r.data), s.count*s.depth*lineWords):]
	default:
		s.ahead, s.step, s.nextAhead = &r.data[0], r.stride, lineWords
		r.data, r.columns = r.data[min(len(r.data), s.count*lineWords):], r.columns-s.count*lineWords
	}
	return true
}

// fetchAhead has a strip fetch lines some elements apart.
func (s *strip) fetchAhead(from *float32, step int) {
	s.ahead, s.step, s.nextAhead = from, step, s.depth*step
}
