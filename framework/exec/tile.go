package exec

import (
	"unsafe"

	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// cluster computes members block by block: a block of every operand and of every temporary
// value stays in the first-level cache. A block is some rows of a plane of the index space,
// and some of its columns.
type cluster struct {
	walk         walk     // of the memory operands
	operands     []*value // those that are read come first
	read         int
	rows, cols   int // of a block
	instructions []instruction
	cleared      []clearing
	words        int   // of temporaries
	temporaries  []int // where they are
	prefetch     func(a *float32, rows, cols, lda int)
	streams      []int // operands that are fetched a block ahead
}

// clearing says what a value holds before a reduction adds to it.
type clearing struct {
	value *value
	start float32
}

// form is how an instruction calls its kernel.
type form uint8

const (
	unaryForm form = iota
	binaryForm
	choiceForm
	reduceForm
	dotForm
	nothing
)

// instruction is one kernel over a block. Slots are memory operands, then temporaries.
type instruction struct {
	op     graph.Op // as in operation
	form   form
	unary  kernel.Unary
	binary kernel.Binary
	choice kernel.Ternary
	reduce kernel.Reduction
	dot    kernel.DotReduction // what reduce becomes of a product
	dst    argument
	in     [3]argument
	single [3]bool // operands with one value a row
	shape  shape
}

// shape says which part of a block an instruction is about.
type shape uint8

const (
	tile       shape = iota // all of it
	down                    // one value a row
	acrossRows              // one value a row, all of them neighbours: the columns of a single row
)

// argument is a slot with the distance between its rows.
type argument struct{ slot, ld int }

func (s *cluster) scratch() int { return s.words }

// block is a part of a plane.
type block struct {
	row, col      int
	height, width int
	slots         []*float32
}

// blocks goes through the blocks of all planes.
type blocks struct {
	cluster *cluster
	memory  *memory
	plane   plane
	row     int
	col     int
}

// next moves to a block and makes the addresses of its operands; false: there is none left.
func (b *blocks) next(to *block) bool {
	s := b.cluster
	rows, cols := s.walk.rows()
	if b.row >= rows {
		b.row, b.col = 0, b.col+s.cols
	}
	if b.col >= cols {
		b.col = 0
		b.plane.next()
	}
	if b.plane.done {
		return false
	}
	to.row, to.col = b.row, b.col
	to.height, to.width = min(s.rows, rows-b.row), min(s.cols, cols-b.col)
	for k, v := range s.operands {
		row, inner := s.walk.stride(k)
		to.slots[k] = b.memory.at(v, b.plane.offset[k]+b.row*row+b.col*inner)
	}
	b.row += s.rows
	return true
}

func (s *cluster) run(m *memory) error {
	for _, c := range s.cleared {
		fill(m.floats(c.value), c.start)
	}
	count := len(s.operands)
	now, ahead := &block{slots: m.slots[0]}, &block{slots: m.slots[1]}
	for i, at := range s.temporaries {
		place := (*float32)(unsafe.Pointer(&m.scratch[at]))
		now.slots[count+i], ahead.slots[count+i] = place, place
	}
	blocks := &blocks{cluster: s, memory: m, plane: s.walk.start(m.offsets)}
	for more := blocks.next(now); more; now, ahead = ahead, now {
		if more = blocks.next(ahead); more {
			for _, k := range s.streams {
				row, _ := s.walk.stride(k)
				s.prefetch(ahead.slots[k], ahead.height, ahead.width, row)
			}
		}
		s.compute(now)
	}
	return nil
}

// compute runs the instructions on a block.
func (s *cluster) compute(b *block) {
	slots := b.slots
	for i := range s.instructions {
		x := &s.instructions[i]
		rows, cols := b.height, b.width
		switch x.shape {
		case down:
			cols = 1
		case acrossRows:
			rows, cols = 1, b.height
		}
		dst, a := slots[x.dst.slot], slots[x.in[0].slot]
		switch x.form {
		case unaryForm:
			x.unary(dst, a, rows, cols, x.dst.ld, x.in[0].ld)
		case binaryForm:
			x.binary(dst, a, slots[x.in[1].slot], rows, cols, x.dst.ld, x.in[0].ld, x.in[1].ld)
		case choiceForm:
			x.choice(dst, a, slots[x.in[1].slot], slots[x.in[2].slot], rows, cols,
				x.dst.ld, x.in[0].ld, x.in[1].ld, x.in[2].ld)
		case reduceForm:
			x.reduce(dst, a, rows, cols, x.in[0].ld)
		case dotForm:
			x.dot(dst, a, slots[x.in[1].slot], rows, cols, x.in[0].ld, x.in[1].ld)
		}
	}
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}
