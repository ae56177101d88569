package graph

import (
	"fmt"
	"slices"
)

func init() {
	register(map[Op]row{
		OpReshape: {
			name: "reshape", doc: "the same elements in row-major order under another shape",
			attrs: []attr{attrShape}, arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				x := n.inputs[0]
				if err := checkShape(n.attrs.Shape); err != nil {
					return 0, nil, err
				}
				if x.shape.Size() != n.attrs.Shape.Size() {
					return 0, nil, fmt.Errorf("%v has %d elements, %v has %d",
						x.shape, x.shape.Size(), n.attrs.Shape, n.attrs.Shape.Size())
				}
				return x.dtype, n.attrs.Shape, nil
			},
			grad: func(n, g *Node) []*Node { return []*Node{Reshape(g, n.inputs[0].shape...)} },
		},
		OpTranspose: {
			name: "transpose", doc: "axes permuted: axis i of the result is axis axes[i] of x",
			attrs: []attr{attrAxes}, arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				x := n.inputs[0]
				sorted := slices.Sorted(slices.Values(n.attrs.Axes))
				for i, a := range sorted {
					if a != i {
						return 0, nil, fmt.Errorf("%v is not a permutation of %d axes", n.attrs.Axes, len(x.shape))
					}
				}
				if len(sorted) != len(x.shape) {
					return 0, nil, fmt.Errorf("%d axes for shape %v, want %d", len(sorted), x.shape, len(x.shape))
				}
				var shape Shape
				for _, a := range n.attrs.Axes {
					shape = append(shape, x.shape[a])
				}
				return x.dtype, shape, nil
			},
			grad: func(n, g *Node) []*Node {
				inverse := make([]int, len(n.attrs.Axes))
				for i, a := range n.attrs.Axes {
					inverse[a] = i
				}
				return []*Node{Transpose(g, inverse...)}
			},
		},
		OpBroadcast: {
			name: "broadcast", doc: "aligned at the last axes, axes of length 1 and missing ones repeated",
			attrs: []attr{attrShape}, arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				x := n.inputs[0]
				got, ok := broadcastShapes(n.attrs.Shape, x.shape)
				if !ok || !got.Equal(n.attrs.Shape) {
					return 0, nil, fmt.Errorf("%v does not broadcast to %v", x.shape, n.attrs.Shape)
				}
				return x.dtype, n.attrs.Shape, nil
			},
			grad: func(n, g *Node) []*Node {
				x := n.inputs[0]
				offset := len(n.shape) - len(x.shape)
				var axes []int
				for i := range n.shape {
					if i < offset || x.shape[i-offset] != n.shape[i] {
						axes = append(axes, i)
					}
				}
				if len(axes) > 0 {
					g = Sum(g, axes...)
				}
				return []*Node{Reshape(g, x.shape...)}
			},
		},
		OpSlice: {
			name: "slice", doc: "elements lo to hi-1 of one axis",
			attrs: []attr{attrAxis, attrLo, attrHi}, arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				x, a := n.inputs[0], &n.attrs
				if err := checkAxis(a.Axis, len(x.shape)); err != nil {
					return 0, nil, err
				}
				if a.Lo < 0 || a.Lo >= a.Hi || a.Hi > x.shape[a.Axis] {
					return 0, nil, fmt.Errorf("elements %d to %d of axis %d of %v, want 0 <= lo < hi <= %d",
						a.Lo, a.Hi, a.Axis, x.shape, x.shape[a.Axis])
				}
				shape := x.shape.Clone()
				shape[a.Axis] = a.Hi - a.Lo
				return x.dtype, shape, nil
			},
			grad: func(n, g *Node) []*Node {
				a := &n.attrs
				return []*Node{Pad(g, a.Axis, a.Lo, n.inputs[0].shape[a.Axis]-a.Hi)}
			},
		},
		OpPad: {
			name: "pad", doc: "lo zeros before and hi zeros after one axis",
			attrs: []attr{attrAxis, attrLo, attrHi}, arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				x, a := n.inputs[0], &n.attrs
				if err := checkAxis(a.Axis, len(x.shape)); err != nil {
					return 0, nil, err
				}
				if a.Lo < 0 || a.Hi < 0 || a.Lo > maxSize || a.Hi > maxSize {
					return 0, nil, fmt.Errorf("pad by %d and %d, want 0 to %d", a.Lo, a.Hi, maxSize)
				}
				shape := x.shape.Clone()
				shape[a.Axis] += a.Lo + a.Hi
				return x.dtype, shape, nil
			},
			grad: func(n, g *Node) []*Node {
				a := &n.attrs
				return []*Node{Slice(g, a.Axis, a.Lo, a.Lo+n.inputs[0].shape[a.Axis])}
			},
		},
		OpConcat: {
			name: "concat", doc: "operands one after the other along one axis",
			attrs: []attr{attrAxis}, arity: -1,
			infer: func(n *Node) (DType, Shape, error) {
				if len(n.inputs) == 0 {
					return 0, nil, fmt.Errorf("no operands, want at least 1")
				}
				first, axis := n.inputs[0], n.attrs.Axis
				if err := checkAxis(axis, len(first.shape)); err != nil {
					return 0, nil, err
				}
				shape := first.shape.Clone()
				for i, x := range n.inputs[1:] {
					rest := x.shape.Clone()
					if len(rest) == len(shape) {
						rest[axis] = first.shape[axis]
					}
					if x.dtype != first.dtype || !rest.Equal(first.shape) {
						return 0, nil, fmt.Errorf("operand %d is %v%v, want %v%v but for axis %d",
							i+1, x.dtype, x.shape, first.dtype, first.shape, axis)
					}
					if shape[axis] += x.shape[axis]; shape[axis] > maxSize {
						return 0, nil, fmt.Errorf("axis %d grows beyond %d", axis, maxSize)
					}
				}
				return first.dtype, shape, nil
			},
			grad: func(n, g *Node) []*Node {
				var out []*Node
				at := 0
				for _, x := range n.inputs {
					d := x.shape[n.attrs.Axis]
					out = append(out, Slice(g, n.attrs.Axis, at, at+d))
					at += d
				}
				return out
			},
		},
	})
}

// Reshape returns the same elements under another shape; one length may be -1
// and is worked out. x itself when the shape is the same.
func Reshape(x *Node, dims ...int) *Node {
	shape := Shape(slices.Clone(dims))
	if i := slices.Index(shape, -1); i >= 0 && x != nil {
		shape[i] = 1
		if rest := shape.Size(); rest > 0 {
			shape[i] = x.shape.Size() / rest
		}
	}
	if x != nil && x.shape.Equal(shape) {
		return x
	}
	return newNode(OpReshape, Attrs{Shape: shape}, x)
}

// Identity returns a node of its own with the value of x, for Grad to tell apart.
func Identity(x *Node) *Node { return newNode(OpReshape, Attrs{Shape: x.shape}, x) }

// Transpose permutes axes: axis i of the result is axis perm[i] of x.
func Transpose(x *Node, perm ...int) *Node {
	return newNode(OpTranspose, Attrs{Axes: slices.Clone(perm)}, x)
}

// Broadcast repeats x to the given shape; x itself when it has it.
func Broadcast(x *Node, dims ...int) *Node {
	if x != nil && x.shape.Equal(dims) {
		return x
	}
	return newNode(OpBroadcast, Attrs{Shape: slices.Clone(dims)}, x)
}

// Slice returns elements lo to hi-1 of an axis.
func Slice(x *Node, axis, lo, hi int) *Node {
	if x != nil && axis >= 0 && axis < len(x.shape) && lo == 0 && hi == x.shape[axis] {
		return x
	}
	return newNode(OpSlice, Attrs{Axis: axis, Lo: lo, Hi: hi}, x)
}

// Pad puts lo zeros before and hi zeros after an axis.
func Pad(x *Node, axis, lo, hi int) *Node {
	if lo == 0 && hi == 0 {
		return x
	}
	return newNode(OpPad, Attrs{Axis: axis, Lo: lo, Hi: hi}, x)
}

// Concat joins values along an axis.
func Concat(axis int, xs ...*Node) *Node {
	return newNode(OpConcat, Attrs{Axis: axis}, slices.Clone(xs)...)
}
