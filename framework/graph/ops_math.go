package graph

import (
	"fmt"
	"math"
	"slices"
)

func init() {
	unary := func(name, doc string, grad func(x, y, g *Node) *Node) row {
		r := row{name: name, doc: doc, arity: 1, infer: func(n *Node) (DType, Shape, error) {
			x := n.inputs[0]
			if !x.dtype.Float() {
				return 0, nil, fmt.Errorf("operand is %v%v: %w", x.dtype, x.shape, errFloat)
			}
			return x.dtype, x.shape, nil
		}}
		r.grad = func(n, g *Node) []*Node { return []*Node{grad(n.inputs[0], n, g)} }
		return r
	}
	binary := func(name, doc string, grad func(a, b, y, g *Node) (da, db *Node)) row {
		r := row{name: name, doc: doc, arity: 2, infer: func(n *Node) (DType, Shape, error) {
			dtype, shape, err := sameTypes(n)
			if err == nil && dtype == Bool {
				err = fmt.Errorf("operands are bool, want numbers")
			}
			return dtype, shape, err
		}}
		r.grad = func(n, g *Node) []*Node {
			da, db := grad(n.inputs[0], n.inputs[1], n, g)
			return []*Node{da, db}
		}
		return r
	}
	compare := func(name, doc string) row {
		return row{name: name, doc: doc, arity: 2, infer: func(n *Node) (DType, Shape, error) {
			_, shape, err := sameTypes(n)
			return Bool, shape, err
		}}
	}
	logical := func(name, doc string, arity int) row {
		return row{name: name, doc: doc, arity: arity, infer: func(n *Node) (DType, Shape, error) {
			dtype, shape, err := sameTypes(n)
			if err == nil && dtype != Bool {
				err = fmt.Errorf("operands are %v, want bool", dtype)
			}
			return Bool, shape, err
		}}
	}
	register(map[Op]row{
		OpNeg: unary("neg", "-x", func(x, y, g *Node) *Node { return Neg(g) }),
		OpExp: unary("exp", "eˣ", func(x, y, g *Node) *Node { return Mul(g, y) }),
		OpLog: unary("log", "ln x", func(x, y, g *Node) *Node { return Div(g, x) }),
		OpSqrt: unary("sqrt", "√x", func(x, y, g *Node) *Node {
			return Div(Mul(g, ConstLike(g, 0.5)), y)
		}),
		OpSin: unary("sin", "sin x", func(x, y, g *Node) *Node { return Mul(g, Cos(x)) }),
		OpCos: unary("cos", "cos x", func(x, y, g *Node) *Node { return Neg(Mul(g, Sin(x))) }),
		OpTanh: unary("tanh", "tanh x", func(x, y, g *Node) *Node {
			return Mul(g, Sub(ConstLike(y, 1), Mul(y, y)))
		}),
		OpErf: unary("erf", "2/√π ∫₀ˣ exp(-t²) dt", func(x, y, g *Node) *Node {
			return Mul(g, Mul(ConstLike(x, 2/math.Sqrt(math.Pi)), Exp(Neg(Mul(x, x)))))
		}),
		OpAbs: unary("abs", "|x|", func(x, y, g *Node) *Node { return Mul(g, Sign(x)) }),
		OpSign: {name: "sign", doc: "-1, 0 or 1", arity: 1, infer: func(n *Node) (DType, Shape, error) {
			x := n.inputs[0]
			if !x.dtype.Float() {
				return 0, nil, fmt.Errorf("operand is %v%v: %w", x.dtype, x.shape, errFloat)
			}
			return x.dtype, x.shape, nil
		}},
		OpNot: logical("not", "¬x", 1),
		OpConvert: {
			name: "convert", doc: "another element type; to integers towards zero; to bool: not zero",
			attrs: []attr{attrDType}, arity: 1,
			infer: func(n *Node) (DType, Shape, error) {
				dtype, _, err := declared(n)
				return dtype, n.inputs[0].shape, err
			},
			grad: func(n, g *Node) []*Node {
				if x := n.inputs[0]; x.dtype.Float() && n.dtype.Float() {
					return []*Node{Convert(g, x.dtype)}
				}
				return []*Node{nil}
			},
		},
		OpStopGradient: {name: "stop_gradient", doc: "x, held constant by grad", arity: 1,
			infer: func(n *Node) (DType, Shape, error) { return n.inputs[0].dtype, n.inputs[0].shape, nil }},

		OpAdd: binary("add", "a + b", func(a, b, y, g *Node) (*Node, *Node) { return g, g }),
		OpSub: binary("sub", "a - b", func(a, b, y, g *Node) (*Node, *Node) { return g, Neg(g) }),
		OpMul: binary("mul", "a · b",
			func(a, b, y, g *Node) (*Node, *Node) { return Mul(g, b), Mul(g, a) }),
		OpDiv: binary("div", "a / b; integers towards zero", func(a, b, y, g *Node) (*Node, *Node) {
			return Div(g, b), Neg(Div(Mul(g, y), b))
		}),
		OpMax: binary("max", "the larger; at a tie a", func(a, b, y, g *Node) (*Node, *Node) {
			zero := ConstLike(g, 0)
			return Select(Ge(a, b), g, zero), Select(Ge(a, b), zero, g)
		}),
		OpMin: binary("min", "the smaller; at a tie a", func(a, b, y, g *Node) (*Node, *Node) {
			zero := ConstLike(g, 0)
			return Select(Le(a, b), g, zero), Select(Le(a, b), zero, g)
		}),
		OpEq:  compare("eq", "a = b"),
		OpLt:  compare("lt", "a < b"),
		OpLe:  compare("le", "a ≤ b"),
		OpAnd: logical("and", "a ∧ b", 2),
		OpOr:  logical("or", "a ∨ b", 2),
		OpSelect: {
			name: "select", doc: "a where the condition holds, else b", arity: 3,
			infer: func(n *Node) (DType, Shape, error) {
				c, a, b := n.inputs[0], n.inputs[1], n.inputs[2]
				if c.dtype != Bool || a.dtype != b.dtype || !a.shape.Equal(b.shape) || !c.shape.Equal(a.shape) {
					return 0, nil, fmt.Errorf(
						"operands %v%v, %v%v, %v%v: want bool and twice one type, all of one shape",
						c.dtype, c.shape, a.dtype, a.shape, b.dtype, b.shape)
				}
				return a.dtype, a.shape, nil
			},
			grad: func(n, g *Node) []*Node {
				zero := ConstLike(g, 0)
				return []*Node{nil, Select(n.inputs[0], g, zero), Select(n.inputs[0], zero, g)}
			},
		},
	})
}

// Neg returns -x.
func Neg(x *Node) *Node { return newNode(OpNeg, Attrs{}, x) }

// Exp returns eˣ.
func Exp(x *Node) *Node { return newNode(OpExp, Attrs{}, x) }

// Log returns the natural logarithm.
func Log(x *Node) *Node { return newNode(OpLog, Attrs{}, x) }

// Sqrt returns √x. Its derivative at 0 is infinite; see nn.Norm.
func Sqrt(x *Node) *Node { return newNode(OpSqrt, Attrs{}, x) }

// Sin returns the sine of x in radians.
func Sin(x *Node) *Node { return newNode(OpSin, Attrs{}, x) }

// Cos returns the cosine of x in radians.
func Cos(x *Node) *Node { return newNode(OpCos, Attrs{}, x) }

// Tanh returns the hyperbolic tangent.
func Tanh(x *Node) *Node { return newNode(OpTanh, Attrs{}, x) }

// Erf returns the error function.
func Erf(x *Node) *Node { return newNode(OpErf, Attrs{}, x) }

// Abs returns |x|; its derivative at 0 is 0.
func Abs(x *Node) *Node { return newNode(OpAbs, Attrs{}, x) }

// Sign returns -1, 0 or 1; its derivative is 0 everywhere.
func Sign(x *Node) *Node { return newNode(OpSign, Attrs{}, x) }

// Not negates booleans.
func Not(x *Node) *Node { return newNode(OpNot, Attrs{}, x) }

// Convert changes the element type; x itself when it has it already.
func Convert(x *Node, dtype DType) *Node {
	if x != nil && x.dtype == dtype {
		return x
	}
	return newNode(OpConvert, Attrs{DType: dtype}, x)
}

// StopGradient returns x and is held constant by Grad.
func StopGradient(x *Node) *Node { return newNode(OpStopGradient, Attrs{}, x) }

// The binary operations broadcast: shapes are aligned at their last axes, and
// an axis of length 1, or a missing one, is repeated.

// Add returns a + b.
func Add(a, b *Node) *Node { return elementwise(OpAdd, a, b) }

// Sub returns a - b.
func Sub(a, b *Node) *Node { return elementwise(OpSub, a, b) }

// Mul returns a · b, element by element.
func Mul(a, b *Node) *Node { return elementwise(OpMul, a, b) }

// Div returns a / b; see nn.SafeDiv where b may be 0.
func Div(a, b *Node) *Node { return elementwise(OpDiv, a, b) }

// Max returns the larger element; at a tie the gradient goes to a.
func Max(a, b *Node) *Node { return elementwise(OpMax, a, b) }

// Min returns the smaller element; at a tie the gradient goes to a.
func Min(a, b *Node) *Node { return elementwise(OpMin, a, b) }

// Eq returns a = b.
func Eq(a, b *Node) *Node { return elementwise(OpEq, a, b) }

// Lt returns a < b.
func Lt(a, b *Node) *Node { return elementwise(OpLt, a, b) }

// Le returns a ≤ b.
func Le(a, b *Node) *Node { return elementwise(OpLe, a, b) }

// Gt returns a > b.
func Gt(a, b *Node) *Node { return elementwise(OpLt, b, a) }

// Ge returns a ≥ b.
func Ge(a, b *Node) *Node { return elementwise(OpLe, b, a) }

// And returns a ∧ b.
func And(a, b *Node) *Node { return elementwise(OpAnd, a, b) }

// Or returns a ∨ b.
func Or(a, b *Node) *Node { return elementwise(OpOr, a, b) }

// Select returns a where cond holds and b elsewhere.
func Select(cond, a, b *Node) *Node { return elementwise(OpSelect, cond, a, b) }

func elementwise(op Op, inputs ...*Node) *Node {
	var shape Shape
	for _, in := range inputs {
		if in == nil {
			return newNode(op, Attrs{}, inputs...) // reports the nil operand
		}
		var ok bool
		if shape, ok = broadcastShapes(shape, in.shape); !ok {
			return newNode(op, Attrs{}, inputs...) // reports the shapes
		}
	}
	inputs = slices.Clone(inputs)
	for i, in := range inputs {
		inputs[i] = Broadcast(in, shape...)
	}
	return newNode(op, Attrs{}, inputs...)
}

func broadcastShapes(a, b Shape) (Shape, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	out := a.Clone()
	offset := len(a) - len(b)
	for i, d := range b {
		switch {
		case out[offset+i] == d || d == 1:
		case out[offset+i] == 1:
			out[offset+i] = d
		default:
			return nil, false
		}
	}
	return out, true
}
