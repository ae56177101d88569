package graph

import (
	"fmt"
	"math"
)

func init() {
	register(map[Op]row{
		OpParameter: {
			name: "parameter", doc: "an argument of the function",
			attrs: []attr{attrName, attrDType, attrShape},
			infer: func(n *Node) (DType, Shape, error) {
				if n.attrs.Name == "" {
					return 0, nil, fmt.Errorf("a parameter needs a name")
				}
				return declared(n)
			},
		},
		OpConstant: {
			name: "constant", doc: "literal values, rounded once to the element type",
			attrs: []attr{attrDType, attrShape, attrValues},
			infer: func(n *Node) (DType, Shape, error) {
				if err := checkShape(n.attrs.Shape); err != nil {
					return 0, nil, err
				}
				if got, want := len(n.attrs.Values), n.attrs.Shape.Size(); got != want && got != 1 {
					return 0, nil, fmt.Errorf("%d values for shape %v, want %d or 1", got, n.attrs.Shape, want)
				}
				for i, v := range n.attrs.Values {
					if err := representable(n.attrs.DType, v); err != nil {
						return 0, nil, fmt.Errorf("value %d: %w", i, err)
					}
				}
				return declared(n)
			},
		},
		OpIota: {
			name: "iota", doc: "the index along one axis",
			attrs: []attr{attrDType, attrShape, attrAxis},
			infer: func(n *Node) (DType, Shape, error) {
				if err := checkAxis(n.attrs.Axis, len(n.attrs.Shape)); err != nil {
					return 0, nil, err
				}
				if n.attrs.DType == Bool {
					return 0, nil, fmt.Errorf("element type bool, want a number")
				}
				return declared(n)
			},
		},
	})
}

func declared(n *Node) (DType, Shape, error) {
	if !n.attrs.DType.Valid() {
		return 0, nil, fmt.Errorf("element type %v, want f32, f64, i32 or bool", n.attrs.DType)
	}
	return n.attrs.DType, n.attrs.Shape, nil
}

func representable(dtype DType, v float64) error {
	switch dtype {
	case Int32:
		if v != math.Trunc(v) || v < math.MinInt32 || v > math.MaxInt32 {
			return fmt.Errorf("%v is not a 32-bit integer", v)
		}
	case Bool:
		if v != 0 && v != 1 {
			return fmt.Errorf("%v is neither 0 (false) nor 1 (true)", v)
		}
	}
	return nil
}

// Param declares a parameter.
func Param(name string, dtype DType, shape Shape) *Node {
	return newNode(OpParameter, Attrs{Name: name, DType: dtype, Shape: shape.Clone()})
}

// Const holds values in row-major order, or one value for all elements.
// Booleans are 0 and 1.
func Const(dtype DType, shape Shape, values []float64) *Node {
	return newNode(OpConstant, Attrs{DType: dtype, Shape: shape.Clone(),
		Values: append([]float64(nil), values...)})
}

// Scalar is a constant without axes.
func Scalar(dtype DType, v float64) *Node { return Const(dtype, nil, []float64{v}) }

// ConstLike is a constant of x's type, every element v.
func ConstLike(x *Node, v float64) *Node { return Const(x.dtype, x.shape, []float64{v}) }

// Iota counts along axis: element [i0, i1, ...] is i_axis.
func Iota(dtype DType, shape Shape, axis int) *Node {
	return newNode(OpIota, Attrs{DType: dtype, Shape: shape.Clone(), Axis: axis})
}
