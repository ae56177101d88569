package exec

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// member is a node that is computed within a cluster: one operation at every point of
// an index space, or a reduction of it.
type member struct {
	node *graph.Node
	operation
	dims []int  // the index space, outermost axis first; none of length 1 but for a fixed last
	in   []view // with strides by dims
	out  view   // likewise, 0 along reduced axes
	// fixed keeps the last axis as it is: what is summed along it, or apart from it, must
	// not depend on how axes are merged.
	fixed bool
}

// operation is what a member does: one of the kernels is set.
type operation struct {
	op     graph.Op // Add, Sub and Mul, which are joined with others
	unary  kernel.Unary
	binary *[3]kernel.Binary
	choose *[7]kernel.Ternary
	reduce *reducer
}

// reducer is the kernels of a sum or a maximum.
type reducer struct {
	lanes   kernel.Reduction // over the last axis
	chain   kernel.Reduction // over rows, one after the other
	combine [3]kernel.Binary
	start   float32

	// The same of products, nil where there is none.
	lanesDot, chainDot kernel.DotReduction
}

// lanes reports whether a reduction begins with the last axis.
func (m *member) lanes() bool {
	last := len(m.dims) - 1
	return m.reduce != nil && m.dims[last] > 1 && m.out.strides[last] == 0
}

// elementwise adds a member for n with operands that are read by the strides of n's axes,
// and returns the view of its result. Axes along which no operand changes are left out.
func (c *compiler) elementwise(n *graph.Node, kind storage, op operation, in ...view) view {
	shape := n.Shape()
	order := c.order(n, in)
	m := &member{node: n, operation: op}
	var kept []int // axes of n, outermost first
	for _, axis := range order {
		if shape[axis] > 1 && changing(in, axis) {
			kept = append(kept, axis)
			m.dims = append(m.dims, shape[axis])
		}
	}
	for _, x := range in {
		strides := make([]int, len(kept))
		for i, axis := range kept {
			strides[i] = x.strides[axis]
		}
		m.in = append(m.in, c.streamed(n, view{x.value, x.offset, strides}, m.dims))
	}
	m.out = view{strides: rowMajor(m.dims)}
	m.out.value = c.member(m, kind, graph.Shape(m.dims).Size())
	strides := make([]int, len(shape))
	for i, axis := range kept {
		strides[axis] = m.out.strides[i]
	}
	return view{value: m.out.value, strides: strides}
}

// member adds a cluster of one member and returns the value it makes.
func (c *compiler) member(m *member, kind storage, size int) *value {
	v := c.make(m.node, kind, size, nil, m.in...)
	u := c.units[len(c.units)-1]
	u.members, u.space = []*member{m}, m.space()
	return v
}

func changing(in []view, axis int) bool {
	for _, x := range in {
		if x.strides[axis] != 0 {
			return true
		}
	}
	return false
}

// streamed returns x with a stride of 0 or 1 along the last of dims: itself, or a copy.
func (c *compiler) streamed(n *graph.Node, x view, dims []int) view {
	last := len(dims) - 1
	if last < 0 || dims[last] == 1 || x.strides[last] <= 1 {
		return x
	}
	var shape graph.Shape // without what is repeated
	var strides []int
	for i, s := range x.strides {
		if s != 0 {
			shape, strides = append(shape, dims[i]), append(strides, s)
		}
	}
	copied := c.copied(n, view{x.value, x.offset, strides}, shape, rowMajor(shape))
	made := view{value: copied.value, strides: make([]int, len(dims))}
	for i, s := range x.strides {
		if s != 0 {
			made.strides[i], copied.strides = copied.strides[0], copied.strides[1:]
		}
	}
	return made
}

// order chooses the order in which the axes of n are stored and walked: of the one that
// is wanted and those of its operands the one for which the least must be copied.
func (c *compiler) order(n *graph.Node, in []view) []int {
	shape := n.Shape()
	candidates := [][]int{c.orders[n], ascending(len(shape))}
	for _, x := range in {
		candidates = append(candidates, x.descending(shape))
	}
	var best []int
	least := 0
	for _, order := range candidates {
		if order == nil {
			continue
		}
		cost := 0
		for _, x := range in {
			for i := len(order) - 1; i >= 0; i-- {
				if axis := order[i]; shape[axis] > 1 && changing(in, axis) {
					if x.strides[axis] > 1 {
						cost += shape.Size()
					}
					break
				}
			}
		}
		if best == nil || cost < least {
			best, least = order, cost
		}
	}
	return best
}

// reduction is the rule of a sum or a maximum over axes.
//
// The last axis is reduced first, in lanes; what is left is combined by one chain in
// row-major order. Zeros that are put between the rows, or appended to the last axis,
// change no bit of a sum.
func reduction(kernels func(t *kernel.Table) *reducer) rule {
	return func(c *compiler, n *graph.Node) (view, error) {
		if n.DType() != graph.Float32 {
			return foreign(c, n)
		}
		x := n.Inputs()[0]
		shape, in := x.Shape(), c.inputs(n)[0]
		m := &member{node: n, operation: operation{reduce: kernels(c.table)}}
		kept := rowMajor(n.Shape())
		var read, out []int
		reduced := false
		for axis, length := range shape {
			stride := 0
			if !contains(n.Attrs().Axes, axis) {
				stride, kept = kept[0], kept[1:]
			}
			if length == 1 && axis < len(shape)-1 {
				continue
			}
			m.dims = append(m.dims, length)
			read, out = append(read, in.strides[axis]), append(out, stride)
			if stride == 0 && length > 1 {
				reduced = true
			}
		}
		if !reduced {
			return reshape(c, n)
		}
		last := len(m.dims) - 1
		if m.dims[last] == 1 {
			read[last], out[last] = 0, 0
		}
		m.fixed = out[last] == 0
		m.in = []view{c.streamed(n, view{in.value, in.offset, read}, m.dims)}
		m.out = view{strides: out}
		m.out.value = c.member(m, inFloat32, n.Shape().Size())
		return whole(m.out.value, n.Shape()), nil
	}
}

func contains(axes []int, axis int) bool {
	for _, a := range axes {
		if a == axis {
			return true
		}
	}
	return false
}
