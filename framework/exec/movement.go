package exec

import (
	"fmt"
	"math"

	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

func parameter(c *compiler, n *graph.Node) (view, error) {
	v := &value{node: n, kind: storageOf(n.DType()), size: n.Shape().Size(),
		space: inArguments + space(c.arguments[n])}
	if n.DType() == graph.Bool { // bool in memory, masks to compute with
		raw := *v
		s := &masking{from: &raw}
		s.to = c.make(n, inMask, v.size, s, view{value: &raw})
		v = s.to
	}
	return whole(v, n.Shape()), nil
}

// constant holds its values rounded; one value for all is read with stride 0.
func constant(c *compiler, n *graph.Node) (view, error) {
	values, kind := n.Attrs().Values, storageOf(n.DType())
	if kind == inFloat64 {
		var words []uint32
		for i := range n.Shape().Size() {
			bits := math.Float64bits(values[min(i, len(values)-1)])
			words = append(words, uint32(bits), uint32(bits>>32))
		}
		return whole(c.constant(n, kind, words), n.Shape()), nil
	}
	words := make([]uint32, len(values))
	for i, x := range values {
		words[i] = word(kind, x)
	}
	if len(words) != n.Shape().Size() || len(words) == 1 {
		return c.scalar(kind, words[0], len(n.Shape())), nil
	}
	return whole(c.constant(n, kind, words), n.Shape()), nil
}

// word is a number as it is held in 32 bits.
func word(kind storage, x float64) uint32 {
	switch kind {
	case inFloat32:
		return math.Float32bits(float32(x))
	case inInt32:
		return uint32(int32(x))
	}
	if x != 0 {
		return math.MaxUint32
	}
	return 0
}

// counting is a constant along one axis, repeated along the others.
func counting(c *compiler, n *graph.Node) (view, error) {
	kind, axis := storageOf(n.DType()), n.Attrs().Axis
	if kind == inFloat64 {
		return foreign(c, n)
	}
	words := make([]uint32, n.Shape()[axis])
	for i := range words {
		words[i] = word(kind, float64(i))
	}
	v := view{value: c.constant(n, kind, words), strides: make([]int, len(n.Shape()))}
	v.strides[axis] = 1
	return v, nil
}

func reshape(c *compiler, n *graph.Node) (view, error) {
	x := n.Inputs()[0]
	v, ok := c.views[x].reshape(x.Shape(), n.Shape())
	if !ok {
		v, _ = c.dense(n, c.views[x], x.Shape()).reshape(x.Shape(), n.Shape())
	}
	return v, nil
}

func broadcast(c *compiler, n *graph.Node) (view, error) {
	x := n.Inputs()[0]
	return c.views[x].broadcast(x.Shape(), n.Shape()), nil
}

func transpose(c *compiler, n *graph.Node) (view, error) {
	return c.views[n.Inputs()[0]].transpose(n.Attrs().Axes), nil
}

// after is another name for what its first operand is, whose readers wait for the others.
func after(c *compiler, n *graph.Node) (view, error) { return c.views[n.Inputs()[0]], nil }

func slice(c *compiler, n *graph.Node) (view, error) {
	return c.views[n.Inputs()[0]].slice(n.Attrs().Axis, n.Attrs().Lo), nil
}

func pad(c *compiler, n *graph.Node) (view, error) {
	strides := rowMajor(n.Shape())
	return c.assembled(n, n.Attrs().Lo*strides[n.Attrs().Axis], true), nil
}

func concat(c *compiler, n *graph.Node) (view, error) { return c.assembled(n, 0, false), nil }

// assembled copies the operands of n one after the other along its axis, the first of
// them to an offset, into zeros if there are gaps.
func (c *compiler) assembled(n *graph.Node, to int, gaps bool) view {
	strides, in := rowMajor(n.Shape()), c.inputs(n)
	move := &movement{table: c.table, gaps: gaps}
	for i, x := range n.Inputs() {
		move.pieces = append(move.pieces, newPiece(in[i], x.Shape(), to, strides))
		to += x.Shape()[n.Attrs().Axis] * strides[n.Attrs().Axis]
	}
	move.to = c.make(n, storageOf(n.DType()), n.Shape().Size(), move, in...)
	return whole(move.to, n.Shape())
}

// movement copies words from place to place.
type movement struct {
	table  *kernel.Table
	to     *value
	gaps   bool // the pieces leave some that are zero
	pieces []piece
}

// piece is what is copied of one operand.
type piece struct {
	from  *value
	space walk // operand 0 is written, operand 1 read
}

// newPiece copies x to an offset, by the strides of the result.
func newPiece(x view, shape graph.Shape, to int, strides []int) piece {
	return piece{x.value, newWalk(shape, []int{to, x.offset}, [][]int{strides, x.strides}, len(shape))}
}

func (s *movement) scratch() int { return 0 }

func (s *movement) run(m *memory) error {
	if s.gaps {
		clear(m.words(s.to))
	}
	for i := range s.pieces {
		s.pieces[i].copy(s.table, m, s.to)
	}
	return nil
}

func (p *piece) copy(table *kernel.Table, m *memory, to *value) {
	w := &p.space
	rows, length := w.rows()
	rowD, innerD := w.stride(0)
	rowS, innerS := w.stride(1)
	for at := w.start(m.offsets); !at.done; at.next() {
		d, s := at.offset[0], at.offset[1]
		switch {
		case innerD == 1 && innerS == 1:
			table.Copy(m.at(to, d), m.at(p.from, s), rows, length, rowD, rowS)
		case rowS == 1 && innerD == 1:
			table.Transpose(m.at(to, d), m.at(p.from, s), rows, length, rowD, innerS)
		default:
			dst, src := m.words(to), m.words(p.from)
			for range rows {
				for i := range length {
					dst[d+i*innerD] = src[s+i*innerS]
				}
				d, s = d+rowD, s+rowS
			}
		}
	}
}

// masking turns bool into masks.
type masking struct {
	from, to *value
}

func (s *masking) scratch() int { return 0 }

func (s *masking) run(m *memory) error {
	toMasks(m.words(s.to), m.bools(s.from))
	return nil
}

// unmasking turns masks into bool.
type unmasking struct {
	from view
	to   *value
}

func (s *unmasking) scratch() int { return 0 }

func (s *unmasking) run(m *memory) error {
	words := m.words(s.from.value)[s.from.offset:]
	for i := range m.bools(s.to) {
		m.bools(s.to)[i] = words[i] != 0
	}
	return nil
}

func toMasks(dst []uint32, truth []bool) {
	for i, b := range truth {
		dst[i] = 0
		if b {
			dst[i] = math.MaxUint32
		}
	}
}

func outside(ids []int32, i, length int) error {
	if id := ids[i]; id < 0 || int(id) >= length {
		return fmt.Errorf("index %d at position %d is outside 0 to %d", id, i, length-1)
	}
	return nil
}
