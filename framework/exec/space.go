package exec

import "slices"

// indexSpace is the points at which the members of a cluster are computed, in row-major
// order.
type indexSpace struct {
	size int
	// ends are the numbers of points from an axis on, ascending and without 1: every one
	// divides the next, and the last is size.
	ends []int
	row  int // the length of the last axis if it must stay as it is, else 0
}

// space returns the index space of a member.
func (m *member) space() indexSpace {
	s := indexSpace{size: 1}
	for _, length := range slices.Backward(m.dims) {
		if length > 1 {
			s.size *= length
			s.ends = append(s.ends, s.size)
		}
	}
	if m.fixed {
		s.row = m.dims[len(m.dims)-1]
	}
	return s
}

// points returns the size of a member's index space.
func (m *member) points() int {
	size := 1
	for _, length := range m.dims {
		size *= length
	}
	return size
}

// axes returns the lengths of the axes, outermost first.
func (s indexSpace) axes() []int {
	var axes []int
	before := 1
	for _, end := range s.ends {
		axes = append(axes, end/before)
		before = end
	}
	slices.Reverse(axes)
	if s.row == 1 {
		axes = append(axes, 1)
	}
	return axes
}

// join returns the space for members of both, whose axes are cut where one of the two has
// an end. The points of a smaller space are the rows of the larger one. It reports whether
// there is such a space.
func (s indexSpace) join(t indexSpace) (indexSpace, bool) {
	if s.size < t.size {
		s, t = t, s
	}
	if s.size != t.size {
		row := s.size / t.size
		if row*t.size != s.size || s.row != 0 && s.row != row || t.row != 0 {
			return s, false
		}
		t = t.widened(row)
	}
	joint := indexSpace{size: s.size, row: max(s.row, t.row)}
	if s.row != 0 && t.row != 0 && s.row != t.row {
		return s, false
	}
	joint.ends = slices.Concat(s.ends, t.ends)
	if joint.row > 1 {
		joint.ends = append(joint.ends, joint.row)
	}
	slices.Sort(joint.ends)
	joint.ends = slices.Compact(joint.ends)
	if joint.row > 1 && joint.ends[0] < joint.row {
		return s, false
	}
	for i := 1; i < len(joint.ends); i++ {
		if joint.ends[i]%joint.ends[i-1] != 0 {
			return s, false
		}
	}
	return joint, true
}

// holds reports whether a cluster over a part of the space may be computed over all of it:
// rows are not too long for a block, and none is given up for columns of their own.
func (s indexSpace) holds(part indexSpace) bool {
	return s.row <= maxRow && (s.row != 1 || slices.Equal(s.ends, part.ends))
}

// widened gives every point a row.
func (s indexSpace) widened(row int) indexSpace {
	w := indexSpace{size: s.size * row, ends: []int{row}, row: row}
	for _, end := range s.ends {
		w.ends = append(w.ends, end*row)
	}
	return w
}

// strides returns a view's strides along the axes of a space that holds the member's.
func (s indexSpace) strides(m *member, x view) []int {
	axes := s.axes()
	strides := make([]int, len(axes))
	axis := len(axes) - 1
	if m.points() != s.size {
		axis-- // once a row
	}
	for i := len(m.dims) - 1; i >= 0; i-- {
		for step, left := x.strides[i], m.dims[i]; left > 1; axis-- {
			strides[axis] = step
			step *= axes[axis]
			left /= axes[axis]
		}
		if m.dims[i] == 1 {
			axis--
		}
	}
	return strides
}

// merge makes one axis of neighbours that all views cross in one stride.
func (m *member) merge() {
	views := append([]view{m.out}, m.in...)
	for k := range views {
		views[k].strides = slices.Clone(views[k].strides)
	}
	m.dims = slices.Clone(m.dims)
	last := len(m.dims) - 1
	if m.fixed {
		last--
	}
	for i := last; i > 0; i-- {
		joined := true
		for _, v := range views {
			joined = joined && v.strides[i-1] == v.strides[i]*m.dims[i]
		}
		if !joined {
			continue
		}
		m.dims[i] *= m.dims[i-1]
		m.dims = slices.Delete(m.dims, i-1, i)
		for k := range views {
			views[k].strides = slices.Delete(views[k].strides, i-1, i)
		}
	}
	m.out, m.in = views[0], views[1:]
}
