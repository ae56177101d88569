package graph

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// DType is the element type of a node.
type DType uint8

// The element types. Float32 is what experiments run in; an executor may run
// the very same function with every Float32 widened to double precision.
const (
	Float32 DType = iota + 1
	Float64
	Int32
	Bool
)

var dtypeNames = [...]string{Float32: "f32", Float64: "f64", Int32: "i32", Bool: "bool"}

// String returns the short name used in the text form: f32, f64, i32 or bool.
func (d DType) String() string {
	if !d.Valid() {
		return fmt.Sprintf("dtype(%d)", uint8(d))
	}
	return dtypeNames[d]
}

// Valid reports whether d is one of the four element types.
func (d DType) Valid() bool { return d >= Float32 && d <= Bool }

// Float reports whether d is a floating-point type, hence differentiable.
func (d DType) Float() bool { return d == Float32 || d == Float64 }

// ParseDType is the inverse of DType.String.
func ParseDType(s string) (DType, bool) {
	i := slices.Index(dtypeNames[:], s)
	if i < int(Float32) {
		return 0, false
	}
	return DType(i), true
}

// Shape lists the length of every axis; an empty shape is a scalar. Axes of
// length zero do not exist.
type Shape []int

// Size returns the number of elements.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// Rank returns the number of axes.
func (s Shape) Rank() int { return len(s) }

// Equal reports whether both shapes have the same axes.
func (s Shape) Equal(t Shape) bool { return slices.Equal(s, t) }

// Clone returns a copy that shares no memory with s.
func (s Shape) Clone() Shape { return slices.Clone(s) }

// String prints a shape as [2,3]; a scalar prints as [].
func (s Shape) String() string {
	var b strings.Builder
	b.WriteByte('[')
	for i, d := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(d))
	}
	b.WriteByte(']')
	return b.String()
}

// Value is the type of a named parameter or result.
type Value struct {
	Name  string
	DType DType
	Shape Shape
}

// String prints a value as "name: f32[2,3]".
func (v Value) String() string { return fmt.Sprintf("%s: %v%v", v.Name, v.DType, v.Shape) }

// Signature is what a caller knows of a function whose body lives elsewhere.
type Signature struct {
	Name    string
	Params  []Value
	Results []Value
}

// Attrs are the static arguments of a node. Which fields an operation uses is
// in its row of the table; all others are zero.
type Attrs struct {
	Name  string // parameter
	DType DType  // parameter, constant, iota, convert, one_hot, uniform
	Shape Shape  // parameter, constant, iota, reshape, broadcast, uniform
	// constant: one value an element, or one for all; rounded to DType when executed
	Values []float64
	Axes   []int // transpose: permutation; reductions: axes, ascending
	Axis   int   // iota, slice, pad, concat, cumsum
	Lo, Hi int   // slice: [Lo, Hi); pad: zeros before and after
	// one_hot, put_add: length of the last axis; scatter_add: rows; top_k: k; result: index
	N       int
	TransA  bool       // dot: the last two axes of the first operand are exchanged
	TransB  bool       // dot: the last two axes of the second operand are exchanged
	Reverse bool       // cumsum: from the end
	Sig     *Signature // call
}

// Node is one value of a graph: an operation applied to earlier nodes. Nodes
// are immutable; identity matters only to Grad, which differentiates with
// respect to this node and no equal one.
type Node struct {
	op     Op
	dtype  DType
	shape  Shape
	inputs []*Node
	attrs  Attrs
	pcs    [depth]uintptr
	pos    string
}

// depth is the number of stack frames kept to find the author's line.
const depth = 14

// Op returns the operation.
func (n *Node) Op() Op { return n.op }

// DType returns the element type; a call has none (its results have).
func (n *Node) DType() DType { return n.dtype }

// Shape returns the shape, which must not be changed.
func (n *Node) Shape() Shape { return n.shape }

// Inputs returns the operands, which must not be changed.
func (n *Node) Inputs() []*Node { return n.inputs }

// Attrs returns the static arguments, which must not be changed.
func (n *Node) Attrs() *Attrs { return &n.attrs }

// Pos returns the author's file and line, "classification/main.go:24", or ""
// when the node was not made by an author's call.
func (n *Node) Pos() string {
	if n.pos != "" || n.pcs[0] == 0 {
		return n.pos
	}
	return authorLine(n.pcs[:])
}

// String describes the node for messages: operation, operand types, own type.
func (n *Node) String() string {
	var b strings.Builder
	b.WriteString(n.op.String())
	b.WriteByte('(')
	for i, in := range n.inputs {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%v%v", in.dtype, in.shape)
	}
	fmt.Fprintf(&b, ") : %v%v", n.dtype, n.shape)
	return b.String()
}

// newNode builds a node, or panics with *Error when the operation's rule refuses
// the operands.
func newNode(op Op, attrs Attrs, inputs ...*Node) *Node {
	n := &Node{op: op, inputs: inputs, attrs: attrs}
	runtime.Callers(3, n.pcs[:])
	for i, in := range inputs {
		if in == nil {
			panic(n.errorf("operand %d is nil", i))
		}
	}
	dtype, shape, err := infer(n)
	if err != nil {
		panic(n.errorf("%v", err))
	}
	n.dtype, n.shape = dtype, shape
	return n
}

// WithInputs returns n applied to other operands of the same types, keeping
// its position; n itself when nothing changed.
func (n *Node) WithInputs(inputs []*Node) *Node {
	if slices.Equal(inputs, n.inputs) {
		return n
	}
	c := *n
	c.inputs = slices.Clone(inputs)
	dtype, shape, err := infer(&c)
	if err == nil && (dtype != n.dtype || !shape.Equal(n.shape)) {
		err = fmt.Errorf("result would change from %v%v to %v%v", n.dtype, n.shape, dtype, shape)
	}
	if err != nil {
		panic(c.errorf("%v", err))
	}
	return &c
}

// New builds a node from decoded parts, checking it against the table. It is
// the entry for decoders; authors use the constructors.
func New(op Op, attrs Attrs, pos string, inputs ...*Node) (*Node, error) {
	if !op.Valid() {
		return nil, fmt.Errorf("unknown operation %d", op)
	}
	n := &Node{op: op, inputs: inputs, attrs: attrs, pos: pos}
	dtype, shape, err := infer(n)
	if err != nil {
		return nil, n.errorf("%v", err)
	}
	n.dtype, n.shape = dtype, shape
	return n, nil
}
