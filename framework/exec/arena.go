package exec

import (
	"cmp"
	"slices"
)

// plan gives every value of the arena an offset. Values that are alive at the same time
// do not overlap.
func plan(units []*unit) (words int) {
	var values []*value
	for i, u := range units {
		for _, v := range u.writes {
			v.first, v.last = i, i
			if v.space == inArena {
				values = append(values, v)
			}
		}
		for _, v := range u.reads {
			v.last = i
		}
	}
	// The largest first: what is placed later fits into the gaps that are left.
	order := slices.Clone(values)
	slices.SortStableFunc(order, func(a, b *value) int { return cmp.Compare(b.words(), a.words()) })
	var placed []*value // by offset
	for _, v := range order {
		v.offset = gap(placed, v)
		at, _ := slices.BinarySearchFunc(placed, v, func(a, b *value) int {
			return cmp.Compare(a.offset, b.offset)
		})
		placed = slices.Insert(placed, at, v)
		words = max(words, v.offset+lines(v.words()))
	}
	return words
}

// gap returns the offset of the smallest gap between the values that are alive together
// with v which has room for it.
func gap(placed []*value, v *value) int {
	best, least, end := -1, 0, 0
	for _, p := range placed {
		if p.last < v.first || v.last < p.first {
			continue
		}
		if room := p.offset - end; room >= v.words() && (best < 0 || room < least) {
			best, least = end, room
		}
		end = max(end, p.offset+lines(p.words()))
	}
	if best < 0 {
		return end
	}
	return best
}

// lines rounds words up to whole cache lines.
func lines(words int) int { return (words + line - 1) / line * line }
