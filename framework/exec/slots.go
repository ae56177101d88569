package exec

import "slices"

// count returns the number of slots.
func (b *builder) count() int { return len(b.operands) + len(b.temps) }

// share lets temporaries that are not alive at the same time share a slot, and a result lie
// on an operand that is not needed any more.
func (b *builder) share() {
	count := len(b.operands)
	last := make([]int, len(b.temps))
	for i, x := range b.accesses() {
		for _, a := range x.in {
			if a.slot >= count {
				last[a.slot-count] = i
			}
		}
	}
	var places []temporary
	place := make([]int, len(b.temps))
	for t := range place {
		place[t] = -1
	}
	var free []int
	for i, x := range b.accesses() {
		var done []int // places of operands that end here
		for k, a := range x.in {
			if t := a.slot - count; t >= 0 && last[t] == i && !repeated(x.in[:k], *a) {
				done = append(done, place[t])
			}
		}
		if x.dst != nil && x.dst.slot >= count && place[x.dst.slot-count] < 0 {
			t := x.dst.slot - count
			if x.onto {
				place[t] = take(&done, places, b.temps[t])
			}
			if place[t] < 0 {
				place[t] = take(&free, places, b.temps[t])
			}
			if place[t] < 0 {
				place[t] = len(places)
				places = append(places, b.temps[t])
			}
		}
		free = append(free, done...)
	}
	for _, x := range b.accesses() {
		for _, a := range append(x.in, x.dst) {
			if a != nil && a.slot >= count {
				a.slot = count + place[a.slot-count]
			}
		}
	}
	b.temps = places
}

// accesses returns those of all instructions in their order.
func (b *builder) accesses() (all []access) {
	for i := range b.instructions {
		all = append(all, b.instructions[i].accesses()...)
	}
	return all
}

func repeated(before []*argument, a argument) bool {
	return slices.ContainsFunc(before, func(x *argument) bool { return x.slot == a.slot })
}

// take removes a place for a temporary from a list, -1 if there is none.
func take(from *[]int, places []temporary, t temporary) int {
	for i, p := range *from {
		if places[p] == t {
			*from = slices.Delete(*from, i, i+1)
			return p
		}
	}
	return -1
}

// blockWords is how many words all operands and temporaries of a block have together: a
// half of the first-level cache.
const blockWords = 8192

// size chooses the blocks and where the temporaries are.
func (b *builder) size() {
	rows, cols := b.walk.rows()
	wide := 0 // slots with elements of their own for every row and column
	for slot := range b.count() {
		if row, inner := b.stride(slot); inner == 1 && (row != 0 || rows == 1) {
			wide++
		}
	}
	wide = max(wide, 1)
	b.rows, b.cols = max(1, min(rows, blockWords/(cols*wide))), cols
	if b.space.row == 0 && cols*wide > blockWords {
		b.cols = min(cols, max(line, blockWords/wide/line*line))
	}
	for _, t := range b.temps {
		b.temporaries = append(b.temporaries, b.words)
		words := b.rows * b.cols
		if t.perRow {
			words = b.rows
		}
		b.words += lines(words)
	}
}

// stream chooses the operands that are fetched ahead: those that have other elements in the
// next block.
func (b *builder) stream() {
	const small = 1024 // elements that stay in the cache anyway
	b.prefetch, b.runSteps = b.table.Prefetch, b.table.Chain
	for k, v := range b.cluster.operands[:b.read] {
		if _, inner := b.walk.stride(k); inner == 1 && v.size >= small {
			b.streams = append(b.streams, k)
		}
	}
}
