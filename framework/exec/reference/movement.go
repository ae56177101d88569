package reference

import "quickstudy/framework/graph"

func parameter(c *compiler, n *graph.Node) error {
	c.slot(n, slot{})
	return nil
}

// constant holds its values rounded; one value for all is read with stride 0.
func constant(c *compiler, n *graph.Node) error {
	values := n.Attrs().Values
	var data any
	switch c.storage(n.DType()) {
	case inFloat32:
		data = literal(values, func(v float64) float32 { return float32(v) })
	case inFloat64:
		data = literal(values, func(v float64) float64 { return v })
	case inInt32:
		data = literal(values, func(v float64) int32 { return int32(v) })
	default:
		data = literal(values, func(v float64) bool { return v != 0 })
	}
	c.slot(n, slot{size: len(values), data: data})
	if len(values) != n.Shape().Size() {
		c.view(n, c.values[n], make([]int, len(n.Shape())), false)
	}
	return nil
}

func literal[T any](values []float64, round func(float64) T) []T {
	data := make([]T, len(values))
	for i, v := range values {
		data[i] = round(v)
	}
	return data
}

// reshape shares its operand's memory.
func reshape(c *compiler, n *graph.Node) error {
	c.view(n, c.dense(n)[0], rowMajor(n.Shape()), true)
	return nil
}

// after shares its first operand's memory; the others are there by then.
func after(c *compiler, n *graph.Node) error {
	x := c.inputs(n)[0]
	c.view(n, x, x.strides, x.dense)
	return nil
}

func broadcast(c *compiler, n *graph.Node) error {
	x := c.inputs(n)[0]
	strides := make([]int, len(n.Shape()))
	offset := len(strides) - len(x.strides)
	for i, s := range x.strides {
		if x.node.Shape()[i] == n.Shape()[offset+i] {
			strides[offset+i] = s
		}
	}
	c.view(n, x, strides, x.dense && x.node.Shape().Size() == n.Shape().Size())
	return nil
}

func copyStrided[T any](l *loop, dst, src []T) {
	rows, length := l.rows()
	rowD, innerD := l.stride(0)
	rowS, innerS := l.stride(1)
	for w := l.planes(); !w.done; w.next() {
		pd, ps := w.at[0], w.at[1]
		for range rows {
			if innerD == 1 && innerS == 1 {
				copy(dst[pd:pd+length], src[ps:ps+length])
			} else {
				for i := range length {
					dst[pd+i*innerD] = src[ps+i*innerS]
				}
			}
			pd += rowD
			ps += rowS
		}
	}
}

// piece copies operand in[k], read from an offset, to an offset of the result.
type piece struct {
	loop     loop
	from, to int
}

func (c *compiler) copying(d graph.DType, l *loop) kernel {
	return c.pieces(d, false, piece{loop: *l})
}

// pieces returns a kernel that copies one piece of every operand, into zeros
// when the pieces leave gaps.
func (c *compiler) pieces(d graph.DType, gaps bool, pieces ...piece) kernel {
	switch c.storage(d) {
	case inFloat32:
		return assemble[float32](gaps, pieces)
	case inFloat64:
		return assemble[float64](gaps, pieces)
	case inInt32:
		return assemble[int32](gaps, pieces)
	default:
		return assemble[bool](gaps, pieces)
	}
}

func assemble[T any](gaps bool, pieces []piece) kernel {
	return func(out any, in []any) error {
		dst := out.([]T)
		if gaps {
			clear(dst)
		}
		for k := range pieces {
			p := &pieces[k]
			copyStrided(&p.loop, dst[p.to:], in[k].([]T)[p.from:])
		}
		return nil
	}
}

func transpose(c *compiler, n *graph.Node) error {
	in := c.inputs(n)
	strides := make([]int, len(n.Shape()))
	for i, a := range n.Attrs().Axes {
		strides[i] = in[0].strides[a]
	}
	l := newLoop(n.Shape(), rowMajor(n.Shape()), strides)
	c.step(n, in, c.copying(n.DType(), &l))
	return nil
}

func slice(c *compiler, n *graph.Node) error {
	in, a := c.inputs(n), n.Attrs()
	l := newLoop(n.Shape(), rowMajor(n.Shape()), in[0].strides)
	c.step(n, in, c.pieces(n.DType(), false, piece{loop: l, from: a.Lo * in[0].strides[a.Axis]}))
	return nil
}

func pad(c *compiler, n *graph.Node) error {
	in, a, strides := c.inputs(n), n.Attrs(), rowMajor(n.Shape())
	l := newLoop(in[0].node.Shape(), strides, in[0].strides)
	c.step(n, in, c.pieces(n.DType(), true, piece{loop: l, to: a.Lo * strides[a.Axis]}))
	return nil
}

func concat(c *compiler, n *graph.Node) error {
	in, axis, strides := c.inputs(n), n.Attrs().Axis, rowMajor(n.Shape())
	var pieces []piece
	to := 0
	for _, v := range in {
		pieces = append(pieces, piece{loop: newLoop(v.node.Shape(), strides, v.strides), to: to})
		to += v.node.Shape()[axis] * strides[axis]
	}
	c.step(n, in, c.pieces(n.DType(), false, pieces...))
	return nil
}
