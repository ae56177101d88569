package exec

import (
	"slices"

	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// join makes one instruction of a sum, difference or product, whose result is in a slot
// that is read once, and the one that reads it. Both still round.
func (b *builder) join() {
	reads, maker := make([]int, b.count()), make([]int, b.count())
	for i := range maker {
		maker[i] = -1
	}
	for i := range b.instructions {
		for _, a := range b.instructions[i].inputs() {
			reads[a.slot]++
		}
	}
	for i := range b.instructions {
		x := &b.instructions[i]
		for k, a := range x.inputs() {
			if from := maker[a.slot]; from >= 0 && reads[a.slot] == 1 {
				y := &b.instructions[from]
				if y.shape == x.shape && b.joined(x, y, k) {
					y.form = nothing
					break
				}
			}
		}
		if x.dst.slot >= len(b.operands) {
			maker[x.dst.slot] = i
		}
	}
	b.instructions = slices.DeleteFunc(b.instructions,
		func(x instruction) bool { return x.form == nothing })
}

// count returns the number of slots.
func (b *builder) count() int { return len(b.operands) + len(b.temps) }

// inputs returns the operands.
func (x *instruction) inputs() []argument {
	switch x.form {
	case unaryForm, reduceForm:
		return x.in[:1]
	case binaryForm, dotForm:
		return x.in[:2]
	default:
		return x.in[:]
	}
}

// joined makes x do what y does, too, which makes operand k of x.
func (b *builder) joined(x, y *instruction, k int) bool {
	if y.form != binaryForm {
		return false
	}
	if x.form == reduceForm {
		if y.op != graph.OpMul || x.dot == nil || y.single[0] || y.single[1] {
			return false
		}
		x.form, x.in = dotForm, y.in
		return true
	}
	if x.form != binaryForm {
		return false
	}
	var kernels *[7]kernel.Ternary
	other := 1 - k
	order := [3]int{0, 1, 2} // y's operands, then x's other one
	switch [2]graph.Op{y.op, x.op} {
	case [2]graph.Op{graph.OpMul, graph.OpAdd}:
		kernels = &b.table.MulAdd
	case [2]graph.Op{graph.OpMul, graph.OpMul}:
		kernels = &b.table.MulMul
	case [2]graph.Op{graph.OpAdd, graph.OpMul}:
		kernels = &b.table.AddMul
	case [2]graph.Op{graph.OpSub, graph.OpMul}:
		kernels = &b.table.SubMul
	case [2]graph.Op{graph.OpMul, graph.OpSub}:
		kernels = &b.table.MulSub
		if k == 1 {
			kernels, order = &b.table.SubProduct, [3]int{2, 0, 1}
		}
	default:
		return false
	}
	in := [3]argument{y.in[0], y.in[1], x.in[other]}
	single := [3]bool{y.single[0], y.single[1], x.single[other]}
	for i, from := range order {
		x.in[i], x.single[i] = in[from], single[from]
	}
	form := kernel.FormOf(x.single[:]...)
	x.form, x.op, x.choice = choiceForm, 0, kernels[form]
	return true
}

// share lets temporaries that are not alive at the same time share a slot, and a result lie
// on an operand that is not needed any more.
func (b *builder) share() {
	count := len(b.operands)
	last := make([]int, len(b.temps))
	for i := range b.instructions {
		for _, a := range b.instructions[i].inputs() {
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
	for i := range b.instructions {
		x := &b.instructions[i]
		var done []int // places of operands that end here
		for k, a := range x.inputs() {
			if t := a.slot - count; t >= 0 && last[t] == i && !repeated(x.inputs()[:k], a) {
				done = append(done, place[t])
			}
		}
		if t := x.dst.slot - count; t >= 0 && place[t] < 0 {
			if x.form <= choiceForm { // a result may lie on an operand
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
	shared := func(slot int) int {
		if slot < count {
			return slot
		}
		return count + place[slot-count]
	}
	for i := range b.instructions {
		x := &b.instructions[i]
		x.dst.slot = shared(x.dst.slot)
		for k, a := range x.inputs() {
			x.in[k].slot = shared(a.slot)
		}
	}
	b.temps = places
}

func repeated(before []argument, a argument) bool {
	return slices.ContainsFunc(before, func(x argument) bool { return x.slot == a.slot })
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
	b.prefetch = b.table.Prefetch
	for k, v := range b.cluster.operands[:b.read] {
		if _, inner := b.walk.stride(k); inner == 1 && v.size >= small {
			b.streams = append(b.streams, k)
		}
	}
}
