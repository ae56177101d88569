package exec

import (
	"unsafe"

	"quickstudy/framework/kernel"
)

// cluster computes members block by block: a block of every temporary value stays in
// the first-level cache. A block is some rows of a plane of the index space, and some of
// its columns.
type cluster struct {
	walk         walk // of the memory operands
	operands     []*value
	rows, cols   int // of a block
	instructions []instruction
	cleared      []clearing
	words        int // of temporaries
	temporaries  []int
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
	lanesForm
	chainForm
)

// instruction is one kernel over a block. Slots are memory operands, then temporaries.
type instruction struct {
	form   form
	unary  kernel.Unary
	binary kernel.Binary
	choice kernel.Ternary
	lanes  kernel.Reduction
	chain  kernel.Reduction
	dst    argument
	in     [3]argument
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

func (s *cluster) run(m *memory) error {
	for _, c := range s.cleared {
		fill(m.floats(c.value), c.start)
	}
	count := len(s.operands)
	slots := m.slots[:count+len(s.temporaries)]
	for i, at := range s.temporaries {
		slots[count+i] = (*float32)(unsafe.Pointer(&m.scratch[at]))
	}
	rows, cols := s.walk.rows()
	for at := s.walk.start(m.offsets); !at.done; at.next() {
		for col := 0; col < cols; col += s.cols {
			width := min(s.cols, cols-col)
			for row := 0; row < rows; row += s.rows {
				height := min(s.rows, rows-row)
				for k, v := range s.operands {
					stepR, stepC := s.walk.stride(k)
					slots[k] = m.at(v, at.offset[k]+row*stepR+col*stepC)
				}
				s.block(slots, height, width)
			}
		}
	}
	return nil
}

func (s *cluster) block(slots []*float32, height, width int) {
	for i := range s.instructions {
		x := &s.instructions[i]
		rows, cols := height, width
		switch x.shape {
		case down:
			cols = 1
		case acrossRows:
			rows, cols = 1, height
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
		case lanesForm:
			x.lanes(dst, a, rows, cols, x.in[0].ld)
		case chainForm:
			x.chain(dst, a, rows, cols, x.in[0].ld)
		}
	}
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}
