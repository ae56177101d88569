package exec

import (
	"slices"

	"quickstudy/framework/kernel"
)

// builder makes a cluster of members, which are in the order of their execution.
type builder struct {
	table    *kernel.Table
	space    indexSpace
	operands []view         // of memory, with strides by the axes of the space
	places   map[*value]int // slot of what the cluster makes
	temps    []temporary
	*cluster
}

// temporary is a slot that lives for a block.
type temporary struct {
	perRow bool // has one value a row
}

// build makes the step of a cluster over a space.
func build(table *kernel.Table, space indexSpace, members []*member) *cluster {
	b := &builder{table: table, space: space, places: map[*value]int{}, cluster: &cluster{}}
	b.lay(members)
	for _, m := range members {
		if m.out.value.inside {
			b.places[m.out.value] = b.temporary(b.once(m))
		}
	}
	for _, m := range members {
		b.compute(m)
	}
	b.join()
	b.share()
	b.size()
	b.stream()
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

// lay makes the walk of what is in memory: first what is read, then what is made.
func (b *builder) lay(members []*member) {
	made := map[*value]bool{}
	for _, m := range members {
		for _, x := range m.in {
			if !made[x.value] {
				b.operand(m, x)
			}
		}
		made[m.out.value] = true
	}
	b.read = len(b.operands)
	for _, m := range members {
		if m.out.value.inside {
			continue
		}
		b.places[m.out.value] = b.operand(m, m.out)
		if m.accumulates() {
			b.cleared = append(b.cleared, clearing{m.out.value, m.reduce.start})
		}
	}
	axes := b.space.axes()
	fixed := len(axes)
	if b.space.row != 0 {
		fixed--
	}
	var from []int
	var strides [][]int
	for _, o := range b.operands {
		from, strides = append(from, o.offset), append(strides, o.strides)
		b.cluster.operands = append(b.cluster.operands, o.value)
	}
	b.walk = newWalk(axes, from, strides, fixed)
}

// operand returns the slot of what is in memory.
func (b *builder) operand(m *member, x view) int {
	x.strides = b.space.strides(m, x)
	for k, o := range b.operands {
		if o.value == x.value && o.offset == x.offset && slices.Equal(o.strides, x.strides) {
			return k
		}
	}
	b.operands = append(b.operands, x)
	return len(b.operands) - 1
}

// temporary adds a slot.
func (b *builder) temporary(perRow bool) int {
	b.temps = append(b.temps, temporary{perRow})
	return len(b.operands) + len(b.temps) - 1
}

// once reports whether a member's result has one value a row.
func (b *builder) once(m *member) bool {
	return m.points() != b.space.size || m.lanes()
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

// compute adds the instructions of a member.
func (b *builder) compute(m *member) {
	var in []int
	for _, x := range m.in {
		slot, made := b.places[x.value]
		if !made {
			slot = b.operand(m, x)
		}
		in = append(in, slot)
	}
	out := b.places[m.out.value]
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
	x := instruction{op: op.op, dst: argument{out, row}}
	single := make([]bool, len(in)) // one value for a whole row
	across := row <= 1              // the rows are neighbours
	for i, slot := range in {
		rowI, innerI := b.stride(slot)
		x.in[i] = argument{slot, rowI}
		single[i] = innerI == 0 && cols > 1
		across = across && rowI <= 1
	}
	if inner == 0 && cols > 1 {
		x.shape = down
		clear(single)
		if across {
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
	copy(x.single[:], single)
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
	b.instructions = append(b.instructions, instruction{form: reduceForm,
		reduce: m.reduce.lanes, dot: m.reduce.lanesDot,
		dst: argument{sums, 1}, in: [3]argument{{x, rowX}}})
	if sums == out {
		return
	}
	if !m.accumulates() {
		b.instructions = append(b.instructions, instruction{form: unaryForm, unary: b.table.Copy,
			dst: argument{out, row}, in: [3]argument{{sums, 1}}, shape: down})
		return
	}
	b.chain(m.reduce, sums, 1, out, down)
}

// chain adds rows to a result, or to every row of it.
func (b *builder) chain(r *reducer, x, rowX, out int, shape shape) {
	rows, _ := b.walk.rows()
	row, _ := b.stride(out)
	if row == 0 || rows == 1 {
		b.instructions = append(b.instructions, instruction{form: reduceForm,
			reduce: r.chain, dot: r.chainDot,
			dst: argument{out, row}, in: [3]argument{{x, rowX}}, shape: shape})
		return
	}
	if shape == down && row == 1 && rowX == 1 {
		shape = acrossRows
	}
	b.instructions = append(b.instructions, instruction{form: binaryForm, binary: r.combine[kernel.VV],
		dst: argument{out, row}, in: [3]argument{{out, row}, {x, rowX}}, shape: shape})
}
