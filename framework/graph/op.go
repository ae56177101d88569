package graph

import (
	"errors"
	"fmt"
	"slices"
)

// Op is one of the primitive operations, a row of the table.
type Op uint8

// The closed set of primitives.
const (
	OpParameter Op = iota + 1
	OpConstant
	OpIota

	OpNeg
	OpExp
	OpLog
	OpSqrt
	OpSin
	OpCos
	OpTanh
	OpErf
	OpAbs
	OpSign
	OpNot
	OpConvert
	OpStopGradient

	OpAdd
	OpSub
	OpMul
	OpDiv
	OpMax
	OpMin
	OpEq
	OpLt
	OpLe
	OpAnd
	OpOr
	OpSelect

	OpReshape
	OpTranspose
	OpBroadcast
	OpSlice
	OpPad
	OpConcat

	OpSum
	OpMaxOf
	OpCumSum
	OpArgMax
	OpTopK

	OpDot

	OpGather
	OpScatterAdd
	OpTake
	OpPutAdd
	OpOneHot

	OpFoldKey
	OpUniform

	OpAfter

	OpCall
	OpResult
	OpGrad

	opEnd
)

// row is what the table holds of an operation.
type row struct {
	name string
	doc  string
	// attrs lists the fields of Attrs that the operation uses.
	attrs []attr
	// arity is the number of operands; -1: any.
	arity int
	// infer checks operands and attributes and returns the result's type. The
	// number of operands has been checked.
	infer func(n *Node) (DType, Shape, error)
	// grad returns the cotangent of every operand, nil where there is none, from
	// the result's cotangent g. nil: not differentiable.
	grad func(n, g *Node) []*Node
}

// attr names a field of Attrs.
type attr uint8

const (
	attrName attr = iota + 1
	attrDType
	attrShape
	attrValues
	attrAxes
	attrAxis
	attrLo
	attrHi
	attrN
	attrTransA
	attrTransB
	attrReverse
	attrSig
)

// table is filled by init functions beside the rows, because gradient rules
// call constructors that read it.
var table [opEnd]row

func register(rows map[Op]row) {
	for op, r := range rows {
		table[op] = r
	}
}

// Ops lists every operation in the order of the table.
func Ops() []Op {
	ops := make([]Op, 0, opEnd-1)
	for op := OpParameter; op < opEnd; op++ {
		ops = append(ops, op)
	}
	return ops
}

// ParseOp is the inverse of Op.String.
func ParseOp(name string) (Op, bool) {
	for op := OpParameter; op < opEnd; op++ {
		if table[op].name == name {
			return op, true
		}
	}
	return 0, false
}

// Valid reports whether op is a row of the table.
func (op Op) Valid() bool { return op > 0 && op < opEnd }

// String returns the operation's name in the text form and on the wire.
func (op Op) String() string {
	if !op.Valid() {
		return fmt.Sprintf("op(%d)", uint8(op))
	}
	return table[op].name
}

// Doc returns a line that says what the operation computes.
func (op Op) Doc() string { return table[op].doc }

// maxSize bounds the elements of one node, so that sizes and offsets fit 32 bits.
const maxSize = 1<<31 - 1

// maxRank bounds the number of axes.
const maxRank = 8

// infer returns the type of n's result, or why the table refuses it.
func infer(n *Node) (DType, Shape, error) {
	r := &table[n.op]
	if r.arity >= 0 && len(n.inputs) != r.arity {
		return 0, nil, fmt.Errorf("%d operands, want %d", len(n.inputs), r.arity)
	}
	for i, in := range n.inputs {
		if in == nil {
			return 0, nil, fmt.Errorf("operand %d is nil", i)
		}
		if in.op == OpCall && n.op != OpResult {
			return 0, nil, fmt.Errorf("operand %d is a call; only result may take one of its values", i)
		}
	}
	if err := unused(&n.attrs, r.attrs); err != nil {
		return 0, nil, err
	}
	dtype, shape, err := r.infer(n)
	if err != nil {
		return 0, nil, err
	}
	return dtype, shape, checkShape(shape)
}

func checkShape(s Shape) error {
	if len(s) > maxRank {
		return fmt.Errorf("shape %v has %d axes, at most %d are allowed", s, len(s), maxRank)
	}
	size := 1
	for i, d := range s {
		if d < 1 {
			return fmt.Errorf("shape %v: axis %d has length %d, want at least 1", s, i, d)
		}
		if size > maxSize/d {
			return fmt.Errorf("shape %v has more than %d elements", s, maxSize)
		}
		size *= d
	}
	return nil
}

// unused reports a field of a that is set and not among used.
func unused(a *Attrs, used []attr) error {
	set := [...]bool{
		attrName: a.Name != "", attrDType: a.DType != 0, attrShape: len(a.Shape) > 0,
		attrValues: len(a.Values) > 0, attrAxes: len(a.Axes) > 0, attrAxis: a.Axis != 0,
		attrLo: a.Lo != 0, attrHi: a.Hi != 0, attrN: a.N != 0,
		attrTransA: a.TransA, attrTransB: a.TransB, attrReverse: a.Reverse, attrSig: a.Sig != nil,
	}
	for at, is := range set {
		if is && !slices.Contains(used, attr(at)) {
			return fmt.Errorf("attribute %q does not belong to this operation", attrNames[at])
		}
	}
	return nil
}

var attrNames = [...]string{
	attrName: "name", attrDType: "dtype", attrShape: "shape", attrValues: "values", attrAxes: "axes",
	attrAxis: "axis", attrLo: "lo", attrHi: "hi", attrN: "n", attrTransA: "trans_a",
	attrTransB: "trans_b", attrReverse: "reverse", attrSig: "signature",
}

var errFloat = errors.New("want a floating-point operand")

// sameTypes checks that all operands have the first one's type and returns it.
func sameTypes(n *Node) (DType, Shape, error) {
	a := n.inputs[0]
	for i, b := range n.inputs[1:] {
		if b.dtype != a.dtype || !b.shape.Equal(a.shape) {
			return 0, nil, fmt.Errorf("operand %d is %v%v, want %v%v like operand 0", i+1, b.dtype, b.shape,
				a.dtype, a.shape)
		}
	}
	return a.dtype, a.shape, nil
}

func checkAxis(axis, rank int) error {
	if axis < 0 || axis >= rank {
		return fmt.Errorf("axis %d of a value with %d axes", axis, rank)
	}
	return nil
}

// checkAxes checks that axes ascend strictly within rank.
func checkAxes(axes []int, rank int) error {
	for i, a := range axes {
		if err := checkAxis(a, rank); err != nil {
			return err
		}
		if i > 0 && a <= axes[i-1] {
			return fmt.Errorf("axes %v do not ascend", axes)
		}
	}
	return nil
}

func without(s Shape, axes []int) Shape {
	var out Shape
	for i, d := range s {
		if !slices.Contains(axes, i) {
			out = append(out, d)
		}
	}
	return out
}
