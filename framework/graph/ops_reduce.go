package graph

import (
	"fmt"
	"slices"
)

func init() {
	reduce := func(name, doc string, grad func(n, g *Node) []*Node) row {
		return row{name: name, doc: doc, attrs: []attr{attrAxes}, arity: 1, grad: grad,
			infer: func(n *Node) (DType, Shape, error) {
				x := n.inputs[0]
				if x.dtype == Bool {
					return 0, nil, fmt.Errorf("operand is bool%v, want numbers", x.shape)
				}
				if len(n.attrs.Axes) == 0 {
					return 0, nil, fmt.Errorf("no axes to reduce")
				}
				if err := checkAxes(n.attrs.Axes, len(x.shape)); err != nil {
					return 0, nil, err
				}
				return x.dtype, without(x.shape, n.attrs.Axes), nil
			}}
	}
	lastAxis := func(n *Node) (Shape, error) {
		x := n.inputs[0]
		if x.dtype == Bool || len(x.shape) == 0 {
			return nil, fmt.Errorf("operand is %v%v, want numbers with at least one axis", x.dtype, x.shape)
		}
		return x.shape, nil
	}
	register(map[Op]row{
		OpSum: reduce("reduce_sum", "the sum over axes, which are dropped", func(n, g *Node) []*Node {
			return []*Node{spread(g, n.inputs[0], n.attrs.Axes)}
		}),
		OpMaxOf: reduce("reduce_max", "the largest over axes, which are dropped; ties share the gradient",
			func(n, g *Node) []*Node {
				x := n.inputs[0]
				hit := Convert(Eq(x, spread(n, x, n.attrs.Axes)), x.dtype)
				share := Div(hit, spread(Sum(hit, n.attrs.Axes...), x, n.attrs.Axes))
				return []*Node{Mul(spread(g, x, n.attrs.Axes), share)}
			}),
		OpCumSum: {
			name: "cumsum", doc: "running sums along one axis, from its end if reversed",
			attrs: []attr{attrAxis, attrReverse}, arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				x := n.inputs[0]
				if x.dtype == Bool {
					return 0, nil, fmt.Errorf("operand is bool%v, want numbers", x.shape)
				}
				return x.dtype, x.shape, checkAxis(n.attrs.Axis, len(x.shape))
			},
			grad: func(n, g *Node) []*Node { return []*Node{CumSum(g, n.attrs.Axis, !n.attrs.Reverse)} },
		},
		OpArgMax: {
			name: "arg_max", doc: "index of the largest along the last axis; at a tie the lowest", arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				shape, err := lastAxis(n)
				if err != nil {
					return 0, nil, err
				}
				return Int32, shape[:len(shape)-1], nil
			},
		},
		OpTopK: {
			name:  "top_k",
			doc:   "indices of the n largest along the last axis, descending; at a tie the lowest first",
			attrs: []attr{attrN}, arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				shape, err := lastAxis(n)
				if err != nil {
					return 0, nil, err
				}
				last := len(shape) - 1
				if k := n.attrs.N; k < 1 || k > shape[last] {
					return 0, nil, fmt.Errorf("the %d largest of %d", k, shape[last])
				}
				out := shape.Clone()
				out[last] = n.attrs.N
				return Int32, out, nil
			},
		},
	})
}

// spread puts back the axes that a reduction of x dropped from r.
func spread(r, x *Node, axes []int) *Node {
	kept := x.shape.Clone()
	for _, a := range axes {
		kept[a] = 1
	}
	return Broadcast(Reshape(r, kept...), x.shape...)
}

func reduced(op Op, x *Node, axes []int) *Node {
	axes = slices.Clone(axes)
	if x != nil {
		if len(axes) == 0 {
			for i := range x.shape {
				axes = append(axes, i)
			}
		}
		for i, a := range axes {
			if a < 0 {
				axes[i] = a + len(x.shape)
			}
		}
		if len(x.shape) == 0 && len(axes) == 0 {
			return x
		}
	}
	slices.Sort(axes)
	return newNode(op, Attrs{Axes: axes}, x)
}

// Sum adds up elements over axes (negative: from the end; none given: all),
// which are dropped.
func Sum(x *Node, axes ...int) *Node { return reduced(OpSum, x, axes) }

// MaxOf returns the largest element over axes, as Sum.
func MaxOf(x *Node, axes ...int) *Node { return reduced(OpMaxOf, x, axes) }

// CumSum returns running sums along an axis; from its end if reverse.
func CumSum(x *Node, axis int, reverse bool) *Node {
	return newNode(OpCumSum, Attrs{Axis: axis, Reverse: reverse}, x)
}

// ArgMax returns the index (Int32) of the largest element along the last axis;
// at a tie the lowest.
func ArgMax(x *Node) *Node { return newNode(OpArgMax, Attrs{}, x) }

// TopK returns the indices (Int32) of the k largest elements along the last
// axis in descending order; at a tie the lowest index comes first.
func TopK(x *Node, k int) *Node { return newNode(OpTopK, Attrs{N: k}, x) }
