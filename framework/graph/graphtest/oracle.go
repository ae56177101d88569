package graphtest

import (
	"fmt"
	"math"
	"slices"

	"quickstudy/framework/graph"
	"quickstudy/framework/philox"
)

// Evaluate computes f element by element, each from the definition of its operation in the
// table. It is slow, shares no code with an executor, and keeps every float in float64, so
// arguments and constants must be exact in their types. Arguments are in row-major order;
// integers and booleans are floats. Calls and grads are refused, and indices must lie within.
func Evaluate(f *graph.Func, args [][]float64) ([][]float64, error) {
	values := map[*graph.Node][]float64{}
	for i, p := range f.Params {
		values[p] = args[i]
	}
	for _, n := range f.Nodes() {
		if n.Op() == graph.OpParameter {
			continue
		}
		e := &evaluation{n: n, out: n.Shape()}
		for _, x := range n.Inputs() {
			e.in = append(e.in, values[x])
		}
		data := make([]float64, n.Shape().Size())
		for i := range data {
			v, err := e.element(i)
			if err != nil {
				return nil, err
			}
			data[i] = v
		}
		values[n] = data
	}
	results := make([][]float64, len(f.Results))
	for i, r := range f.Results {
		results[i] = values[r.Node]
	}
	return results, nil
}

// evaluation is a node with the values of its operands.
type evaluation struct {
	n       *graph.Node
	in      [][]float64
	out     graph.Shape
	belongs []int // reductions: the result's element that each of the operand belongs to
}

var functions = map[graph.Op]func(float64) float64{
	graph.OpNeg:          func(x float64) float64 { return -x },
	graph.OpExp:          math.Exp,
	graph.OpLog:          math.Log,
	graph.OpSqrt:         math.Sqrt,
	graph.OpSin:          math.Sin,
	graph.OpCos:          math.Cos,
	graph.OpTanh:         math.Tanh,
	graph.OpErf:          math.Erf,
	graph.OpAbs:          math.Abs,
	graph.OpNot:          func(x float64) float64 { return 1 - x },
	graph.OpReshape:      func(x float64) float64 { return x },
	graph.OpStopGradient: func(x float64) float64 { return x },
	graph.OpSign: func(x float64) float64 {
		if x == 0 || math.IsNaN(x) {
			return x
		}
		return math.Copysign(1, x)
	},
}

var relations = map[graph.Op]func(a, b float64) bool{
	graph.OpEq:  func(a, b float64) bool { return a == b },
	graph.OpLt:  func(a, b float64) bool { return a < b },
	graph.OpLe:  func(a, b float64) bool { return a <= b },
	graph.OpAnd: func(a, b float64) bool { return a != 0 && b != 0 },
	graph.OpOr:  func(a, b float64) bool { return a != 0 || b != 0 },
}

// element returns element i of the node.
func (e *evaluation) element(i int) (float64, error) {
	op, a := e.n.Op(), e.n.Attrs()
	if f := functions[op]; f != nil {
		return f(e.in[0][i]), nil
	}
	if holds := relations[op]; holds != nil {
		return truth(holds(e.in[0][i], e.in[1][i])), nil
	}
	at := unravel(i, e.out)
	switch op {
	case graph.OpConstant:
		return a.Values[i%len(a.Values)], nil
	case graph.OpIota:
		return float64(at[a.Axis]), nil
	case graph.OpConvert:
		return converted(e.in[0][i], a.DType), nil
	case graph.OpAdd, graph.OpSub, graph.OpMul, graph.OpDiv, graph.OpMax, graph.OpMin:
		return arithmetic(op, e.in[0][i], e.in[1][i], e.n.DType() == graph.Int32), nil
	case graph.OpAfter:
		return e.in[0][i], nil
	case graph.OpSelect:
		if e.in[0][i] != 0 {
			return e.in[1][i], nil
		}
		return e.in[2][i], nil
	case graph.OpTranspose, graph.OpBroadcast, graph.OpSlice, graph.OpPad, graph.OpConcat:
		return e.moved(at), nil
	case graph.OpSum, graph.OpMaxOf:
		return e.reduced(i), nil
	case graph.OpCumSum:
		return e.running(at), nil
	case graph.OpArgMax, graph.OpTopK:
		return e.ranked(i), nil
	case graph.OpDot:
		return e.product(at), nil
	case graph.OpGather, graph.OpTake, graph.OpScatterAdd, graph.OpPutAdd, graph.OpOneHot:
		return e.indexed(i, at), nil
	case graph.OpFoldKey:
		key := philox.Fold(e.key(), uint32(int32(e.in[1][0])))
		return float64(int32(key[i])), nil
	case graph.OpUniform:
		return philox.Uniform(e.key(), uint32(i)), nil
	}
	return 0, fmt.Errorf("%v cannot be evaluated; link calls and expand gradients first", op)
}

func (e *evaluation) key() [2]uint32 {
	return [2]uint32{uint32(int32(e.in[0][0])), uint32(int32(e.in[0][1]))}
}

func (e *evaluation) shape(operand int) graph.Shape { return e.n.Inputs()[operand].Shape() }

// moved returns the element that a movement operation puts at an index.
func (e *evaluation) moved(at []int) float64 {
	a, operand := e.n.Attrs(), 0
	from := slices.Clone(at)
	switch e.n.Op() {
	case graph.OpTranspose:
		for i, axis := range a.Axes {
			from[axis] = at[i]
		}
	case graph.OpBroadcast:
		from = from[len(at)-len(e.shape(0)):]
		for i, d := range e.shape(0) {
			from[i] %= d
		}
	case graph.OpSlice:
		from[a.Axis] += a.Lo
	case graph.OpPad:
		from[a.Axis] -= a.Lo
		if from[a.Axis] < 0 || from[a.Axis] >= e.shape(0)[a.Axis] {
			return 0
		}
	case graph.OpConcat:
		for from[a.Axis] >= e.shape(operand)[a.Axis] {
			from[a.Axis] -= e.shape(operand)[a.Axis]
			operand++
		}
	}
	return e.in[operand][ravel(from, e.shape(operand))]
}

// reduced combines the elements of the operand that belong to element i.
func (e *evaluation) reduced(i int) float64 {
	if e.belongs == nil {
		for from := range e.in[0] {
			e.belongs = append(e.belongs, e.target(unravel(from, e.shape(0))))
		}
	}
	op, result := graph.OpAdd, 0.0
	if e.n.Op() == graph.OpMaxOf {
		op, result = graph.OpMax, math.Inf(-1)
	}
	for from, v := range e.in[0] {
		if e.belongs[from] == i {
			result = arithmetic(op, result, v, e.n.DType() == graph.Int32)
		}
	}
	return result
}

// target returns the element of a reduction that an index of the operand belongs to.
func (e *evaluation) target(at []int) int {
	for _, axis := range slices.Backward(e.n.Attrs().Axes) {
		at = slices.Delete(at, axis, axis+1)
	}
	return ravel(at, e.out)
}

// running adds up the elements before and at an index along an axis, or after it if reversed.
func (e *evaluation) running(at []int) float64 {
	a := e.n.Attrs()
	lo, hi := 0, at[a.Axis]
	if a.Reverse {
		lo, hi = hi, e.out[a.Axis]-1
	}
	sum, from := 0.0, slices.Clone(at)
	for i := lo; i <= hi; i++ {
		from[a.Axis] = i
		sum = arithmetic(graph.OpAdd, sum, e.in[0][ravel(from, e.out)], e.n.DType() == graph.Int32)
	}
	return sum
}

// ranked returns the index in its row that as many elements precede in order as i counts.
func (e *evaluation) ranked(i int) float64 {
	count, width := 1, last(e.shape(0))
	if e.n.Op() == graph.OpTopK {
		count = e.n.Attrs().N
	}
	row := e.in[0][i/count*width:][:width]
	for j, x := range row {
		before := 0
		for k, y := range row {
			if y > x || y == x && k < j {
				before++
			}
		}
		if before == i%count {
			return float64(j)
		}
	}
	return math.NaN()
}

func (e *evaluation) product(at []int) float64 {
	a := e.n.Attrs()
	rank := len(at)
	inner := e.shape(0)[rank-1]
	if a.TransA {
		inner = e.shape(0)[rank-2]
	}
	sum := 0.0
	for k := range inner {
		left, right := slices.Clone(at), slices.Clone(at)
		left[rank-1], right[rank-2] = k, k
		if a.TransA {
			left[rank-2], left[rank-1] = k, at[rank-2]
		}
		if a.TransB {
			right[rank-2], right[rank-1] = at[rank-1], k
		}
		sum += e.in[0][ravel(left, e.shape(0))] * e.in[1][ravel(right, e.shape(1))]
	}
	return sum
}

func (e *evaluation) indexed(i int, at []int) float64 {
	a := e.n.Attrs()
	switch e.n.Op() {
	case graph.OpGather:
		width := e.shape(0).Size() / e.shape(0)[0]
		return e.in[0][int(e.in[1][i/width])*width+i%width]
	case graph.OpTake:
		return e.in[0][i/last(e.out)*last(e.shape(0))+int(e.in[1][i])]
	case graph.OpOneHot:
		return truth(e.in[0][i/a.N] == float64(at[len(at)-1]))
	}
	sum := 0.0
	for j, u := range e.in[1] {
		target := 0
		if e.n.Op() == graph.OpScatterAdd {
			width := e.out.Size() / a.N
			target = int(e.in[0][j/width])*width + j%width
		} else {
			target = j/last(e.shape(1))*a.N + int(e.in[0][j])
		}
		if target == i {
			sum += u
		}
	}
	return sum
}

// arithmetic computes with floats, or with integers that wrap around 32 bits.
func arithmetic(op graph.Op, a, b float64, integer bool) float64 {
	switch {
	case op == graph.OpMax && (a >= b || math.IsNaN(a)),
		op == graph.OpMin && (a <= b || math.IsNaN(a)):
		return a
	case op == graph.OpMax, op == graph.OpMin:
		return b
	}
	x, y := int64(a), int64(b)
	switch op {
	case graph.OpAdd:
		a, x = a+b, x+y
	case graph.OpSub:
		a, x = a-b, x-y
	case graph.OpMul:
		a, x = a*b, x*y
	case graph.OpDiv:
		a = a / b
		if integer {
			x /= y
		}
	}
	if integer {
		return float64(int32(x))
	}
	return a
}

func converted(x float64, d graph.DType) float64 {
	switch d {
	case graph.Bool:
		return truth(x != 0)
	case graph.Int32:
		return math.Trunc(x)
	}
	return x
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func last(s graph.Shape) int { return s[len(s)-1] }

// unravel returns the index of the i-th element in row-major order.
func unravel(i int, shape graph.Shape) []int {
	at := make([]int, len(shape))
	for axis, d := range slices.Backward(shape) {
		at[axis] = i % d
		i /= d
	}
	return at
}

// ravel is the inverse of unravel.
func ravel(at []int, shape graph.Shape) int {
	i := 0
	for axis, d := range shape {
		i = i*d + at[axis]
	}
	return i
}
