package exec

import (
	"slices"

	"quickstudy/framework/kernel"
)

// builder makes a cluster of members, which are in the order of their execution.
type builder struct {
	table    *kernel.Table
	members  []*member
	axes     []int // the index space, outermost axis first
	fixed    int   // axes from here on are not merged with the one before
	operands []operand
	places   map[*value]int // slot of what the cluster makes
	temps    []temporary
	*cluster
}

// operand is a slot of memory: a value read or written by strides of the axes.
type operand struct {
	view
}

// temporary is a slot that lives for a block.
type temporary struct{ perRow bool }

func build(table *kernel.Table, members []*member) *cluster {
	b := &builder{table: table, members: members, places: map[*value]int{}, cluster: &cluster{}}
	b.axes = refine(members)
	b.fixed = len(b.axes)
	for _, m := range members {
		if m.fixed {
			b.fixed = len(b.axes) - 1
		}
	}
	for _, m := range members {
		for _, x := range m.in {
			if _, inside := b.places[x.value]; !inside {
				b.operand(m.dims, x)
			}
		}
		b.places[m.out.value] = b.operand(m.dims, m.out)
		if m.accumulates() {
			b.cleared = append(b.cleared, clearing{m.out.value, m.reduce.start})
		}
	}
	b.lay()
	for _, m := range members {
		b.compute(m)
	}
	b.size()
	return b.cluster
}

// accumulates reports whether the result gathers what several rows give.
func (m *member) accumulates() bool {
	if m.reduce == nil {
		return false
	}
	outer := m.dims
	if m.lanes() {
		outer = m.dims[:len(m.dims)-1]
	}
	for i, length := range outer {
		if length > 1 && m.out.strides[i] == 0 {
			return true
		}
	}
	return false
}

// refine cuts the index space wherever an axis of a member ends.
func refine(members []*member) []int {
	var ends []int // elements from there on
	unit := false
	for _, m := range members {
		size := 1
		for _, length := range slices.Backward(m.dims) {
			size *= length
			ends = append(ends, size)
		}
		unit = unit || m.fixed && m.dims[len(m.dims)-1] == 1
	}
	slices.Sort(ends)
	var axes []int
	before := 1
	for _, size := range slices.Compact(ends) {
		if size > 1 {
			axes = append(axes, size/before)
			before = size
		}
	}
	slices.Reverse(axes)
	if unit {
		axes = append(axes, 1)
	}
	return axes
}

// operand returns the slot of a view with strides by dims, which are groups of axes.
func (b *builder) operand(dims []int, x view) int {
	strides := make([]int, len(b.axes))
	axis := len(b.axes) - 1
	for i := len(dims) - 1; i >= 0; i-- {
		for step, left := x.strides[i], dims[i]; left > 1; axis-- {
			strides[axis] = step
			step *= b.axes[axis]
			left /= b.axes[axis]
		}
		if dims[i] == 1 {
			axis--
		}
	}
	x.strides = strides
	for k, o := range b.operands {
		if o.value == x.value && o.offset == x.offset && slices.Equal(o.strides, x.strides) {
			return k
		}
	}
	b.operands = append(b.operands, operand{x})
	return len(b.operands) - 1
}

// lay makes the walk of the memory operands.
func (b *builder) lay() {
	var from []int
	var strides [][]int
	for _, o := range b.operands {
		from, strides = append(from, o.offset), append(strides, o.strides)
		b.cluster.operands = append(b.cluster.operands, o.value)
	}
	b.walk = newWalk(b.axes, from, strides, b.fixed)
}

// stride returns the distance from row to row and along a row within a slot.
func (b *builder) stride(slot int) (row, inner int) {
	if slot < len(b.operands) {
		return b.walk.stride(slot)
	}
	if b.temps[slot-len(b.operands)].perRow {
		return 1, 0
	}
	_, cols := b.walk.rows()
	return cols, 1
}

// temporary adds a slot.
func (b *builder) temporary(perRow bool) int {
	b.temps = append(b.temps, temporary{perRow})
	return len(b.operands) + len(b.temps) - 1
}

// slots returns where a member's operands and its result are.
func (b *builder) slots(m *member) (in []int, out int) {
	for _, x := range m.in {
		slot, inside := b.places[x.value]
		if !inside {
			slot = b.operand(m.dims, x)
		}
		in = append(in, slot)
	}
	return in, b.places[m.out.value]
}

// compute adds the instructions of a member.
func (b *builder) compute(m *member) {
	in, out := b.slots(m)
	if m.reduce != nil {
		b.reduce(m, in[0], out)
		return
	}
	b.apply(m.operation, out, in...)
}

// apply adds an operation on slots at every point, or once a row where the result is
// one value a row.
func (b *builder) apply(op operation, out int, in ...int) {
	_, cols := b.walk.rows()
	row, inner := b.stride(out)
	x := instruction{dst: argument{out, row}}
	single := make([]bool, len(in)) // one value for a whole row
	across := true                  // the rows are neighbours
	for i, slot := range in {
		rowI, innerI := b.stride(slot)
		x.in[i] = argument{slot, rowI}
		single[i] = innerI == 0 && cols > 1
		across = across && rowI <= 1
	}
	if inner == 0 && cols > 1 {
		x.shape = down
		clear(single)
		if across && row <= 1 {
			x.shape = acrossRows
			for i := range in {
				single[i] = x.in[i].ld == 0
				x.in[i].ld = 0
			}
			if !slices.Contains(single, false) {
				x.shape = down
				clear(single)
			}
		}
	}
	switch {
	case op.unary != nil:
		x.form, x.unary = unaryForm, op.unary
	case op.binary != nil:
		x.form, x.binary = binaryForm, op.binary[kernel.FormOf(single...)]
	default:
		x.form, x.choice = choiceForm, op.choose[kernel.FormOf(single...)]
	}
	b.instructions = append(b.instructions, x)
}

// spread returns a slot with an operand's value at every point.
func (b *builder) spread(slot int) int {
	_, cols := b.walk.rows()
	row, inner := b.stride(slot)
	if inner == 1 || cols == 1 {
		return slot
	}
	wide := b.temporary(false)
	b.instructions = append(b.instructions, instruction{form: unaryForm, unary: b.table.Fill,
		dst: argument{wide, cols}, in: [3]argument{{slot, row}}})
	return wide
}

// reduce adds the instructions of a reduction.
func (b *builder) reduce(m *member, in, out int) {
	x := b.spread(in)
	rowX, _ := b.stride(x)
	rows, _ := b.walk.rows()
	row, _ := b.stride(out)
	if !m.lanes() {
		b.chain(m.reduce, x, rowX, out, tile)
		return
	}
	sums := out
	if m.accumulates() || row > 1 && rows > 1 {
		sums = b.temporary(true)
	}
	b.instructions = append(b.instructions, instruction{form: lanesForm, lanes: m.reduce.lanes,
		dst: argument{sums, 1}, in: [3]argument{{x, rowX}}})
	if sums == out {
		return
	}
	b.chain(m.reduce, sums, 1, out, down)
}

// chain adds rows to a result, or to every row of it.
func (b *builder) chain(r *reducer, x, rowX, out int, shape shape) {
	rows, _ := b.walk.rows()
	row, _ := b.stride(out)
	if row == 0 || rows == 1 {
		b.instructions = append(b.instructions, instruction{form: chainForm, chain: r.chain,
			dst: argument{out, row}, in: [3]argument{{x, rowX}}, shape: shape})
		return
	}
	if shape == down && row == 1 && rowX == 1 {
		shape = acrossRows
	}
	b.instructions = append(b.instructions, instruction{form: binaryForm, binary: r.combine[kernel.VV],
		dst: argument{out, row}, in: [3]argument{{out, row}, {x, rowX}}, shape: shape})
}

// size chooses the blocks and where the temporaries are.
func (b *builder) size() {
	b.rows, b.cols = b.walk.rows()
	if len(b.temps) > 0 {
		const block = 4096 // words of all operands together
		b.rows = max(1, min(b.rows, block/(b.cols*(len(b.temps)+len(b.operands)))))
	}
	for _, t := range b.temps {
		b.temporaries = append(b.temporaries, b.words)
		words := b.rows * b.cols
		if t.perRow {
			words = b.rows
		}
		b.words += (words + line - 1) / line * line
	}
}
