package reference

import (
	"fmt"

	"quickstudy/framework/graph"
)

// compiler fills a program node by node.
type compiler struct {
	*Program
	values map[*graph.Node]*value
}

// rule adds what one node needs: a slot and a step, or only another way to
// read a slot that is there.
type rule func(c *compiler, n *graph.Node) error

func (p *Program) storage(d graph.DType) storage {
	switch {
	case d == graph.Bool:
		return inBool
	case d == graph.Int32:
		return inInt32
	case d == graph.Float64 || p.precision == Double:
		return inFloat64
	default:
		return inFloat32
	}
}

// operand returns where a node's value is. The nodes come in post-order, so
// it is there.
func (c *compiler) operand(n *graph.Node) *value { return c.values[n] }

// inputs returns the operands of n.
func (c *compiler) inputs(n *graph.Node) []*value {
	in := make([]*value, len(n.Inputs()))
	for i, x := range n.Inputs() {
		in[i] = c.values[x]
	}
	return in
}

// slot adds memory for n's value and makes it n's place.
func (c *compiler) slot(n *graph.Node, s slot) {
	s.kind = c.storage(n.DType())
	c.slots = append(c.slots, s)
	c.values[n] = &value{node: n, slot: len(c.slots) - 1, strides: rowMajor(n.Shape()), dense: true}
}

// step computes n by a kernel from the given operands.
func (c *compiler) step(n *graph.Node, in []*value, k kernel) {
	c.slot(n, slot{size: n.Shape().Size(), owned: true})
	s := step{node: n, out: c.values[n].slot, kernel: k}
	for _, v := range in {
		s.in = append(s.in, v.slot)
	}
	c.steps = append(c.steps, s)
}

// workspace adds memory that a step may use while it runs; pass it as an operand.
func (c *compiler) workspace(kind storage, size int) *value {
	s := slot{kind: kind, size: size, owned: size > 0}
	if size == 0 {
		s.data = allocate(kind, 0)
	}
	c.slots = append(c.slots, s)
	return &value{slot: len(c.slots) - 1}
}

// dense returns the operands of n stored contiguously; one that is read
// through strides is copied once, for all its users.
func (c *compiler) dense(n *graph.Node) []*value {
	in := c.inputs(n)
	for i, v := range in {
		if v.dense {
			continue
		}
		x := v.node
		l := newLoop(x.Shape(), rowMajor(x.Shape()), v.strides)
		c.step(x, []*value{v}, c.copying(x.DType(), &l))
		in[i] = c.values[x]
	}
	return in
}

// view makes n another way to read v's slot.
func (c *compiler) view(n *graph.Node, v *value, strides []int, dense bool) {
	c.values[n] = &value{node: n, slot: v.slot, strides: strides, dense: dense}
}

func refuse(hint string) rule {
	return func(c *compiler, n *graph.Node) error {
		return at(n, fmt.Errorf("cannot be executed; %s", hint))
	}
}
