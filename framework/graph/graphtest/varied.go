package graphtest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"quickstudy/framework/graph"
)

// Varied returns samples of every operation but call, result and grad with random inputs of
// many shapes, ranks 0 to 4; floats are of the given type and exact in single precision. Every
// sample comes again with axes of its operands repeated by a broadcast, and with operands that
// are one repeated element. Values are anywhere, kinks and ties included.
func Varied(float graph.DType) []Sample {
	v := &variety{float: float, draws: rand.New(rand.NewPCG(1, 2))}
	v.elementwise()
	v.movement()
	v.reductions()
	v.products()
	v.indexing()
	for _, s := range slices.Clone(v.samples) {
		for _, axis := range []string{"first", "last", "every"} {
			if r, ok := repeated(s, axis); ok {
				v.samples = append(v.samples, r)
			}
		}
	}
	return v.samples
}

// variety collects samples.
type variety struct {
	float   graph.DType
	draws   *rand.Rand
	samples []Sample
}

func (v *variety) add(op graph.Op, build func(x []*graph.Node) *graph.Node, in ...Input) {
	name := op.String()
	for _, i := range in {
		name += fmt.Sprintf("_%v%v", i.DType, i.Shape)
	}
	v.samples = append(v.samples, Sample{Name: name, Op: op, Inputs: in, Build: build})
}

// floats draws multiples of unit between lo and hi.
func (v *variety) floats(shape graph.Shape, lo, hi, unit float64) Input {
	in := v.ints(shape, int(lo/unit), int(hi/unit))
	in.DType = v.float
	for i := range in.Values {
		in.Values[i] *= unit
	}
	return in
}

func (v *variety) ints(shape graph.Shape, lo, hi int) Input {
	in := Input{DType: graph.Int32, Shape: shape, Values: make([]float64, shape.Size())}
	for i := range in.Values {
		in.Values[i] = float64(lo + v.draws.IntN(hi-lo+1))
	}
	return in
}

func (v *variety) bools(shape graph.Shape) Input {
	in := v.ints(shape, 0, 1)
	in.DType = graph.Bool
	return in
}

func (v *variety) any(shape graph.Shape) Input    { return v.floats(shape, -4, 4, 1.0/64) }
func (v *variety) coarse(shape graph.Shape) Input { return v.floats(shape, -2, 2, 0.5) }

// shapes are of all ranks up to 4; the long ones have odd remainders.
var shapes = []graph.Shape{nil, {1}, {5}, {67}, {3, 4}, {2, 37}, {9, 1}, {2, 3, 4}, {2, 1, 3, 5}}

// pairs broadcast to each other.
var pairs = [][2]graph.Shape{
	{nil, nil}, {{5}, {5}}, {{67}, nil}, {{3, 4}, {3, 4}}, {{3, 4}, {4}}, {{3, 37}, {37}},
	{{3, 4}, {3, 1}}, {{4}, {3, 1}}, {{2, 3, 4}, {3, 4}}, {{2, 3, 4}, {2, 1, 4}}, {{2, 3, 4}, {3, 1}},
	{{2, 3, 4}, {2, 1, 1}}, {{2, 1, 4}, {3, 1}}, {{2, 3, 2, 5}, {3, 1, 5}},
	{{2, 3, 2, 5}, {2, 1, 2, 1}},
}

func (v *variety) elementwise() {
	type unary = func(*graph.Node) *graph.Node
	type binary = func(a, b *graph.Node) *graph.Node
	for _, shape := range shapes {
		one := func(op graph.Op, f unary, in Input) {
			v.add(op, func(x []*graph.Node) *graph.Node { return f(x[0]) }, in)
		}
		for op, f := range sorted(map[graph.Op]unary{
			graph.OpNeg: graph.Neg, graph.OpExp: graph.Exp, graph.OpSin: graph.Sin, graph.OpCos: graph.Cos,
			graph.OpTanh: graph.Tanh, graph.OpErf: graph.Erf, graph.OpStopGradient: graph.StopGradient,
		}) {
			one(op, f, v.any(shape))
		}
		one(graph.OpLog, graph.Log, v.floats(shape, 1.0/64, 8, 1.0/64))
		one(graph.OpSqrt, graph.Sqrt, v.floats(shape, 0, 8, 1.0/64))
		one(graph.OpAbs, graph.Abs, v.coarse(shape))
		one(graph.OpSign, graph.Sign, v.coarse(shape))
		one(graph.OpNot, graph.Not, v.bools(shape))
		for _, d := range []graph.DType{graph.Float32, graph.Float64, graph.Int32, graph.Bool} {
			for _, in := range []Input{v.coarse(shape), v.ints(shape, -3, 3), v.bools(shape)} {
				one(graph.OpConvert, func(x *graph.Node) *graph.Node { return graph.Convert(x, d) }, in)
			}
		}
	}
	for _, pair := range slices.Concat(pairs, swapped(pairs)) {
		two := func(op graph.Op, f binary, a, b Input) {
			v.add(op, func(x []*graph.Node) *graph.Node { return f(x[0], x[1]) }, a, b)
		}
		a, b := pair[0], pair[1]
		for op, f := range sorted(map[graph.Op]binary{
			graph.OpAdd: graph.Add, graph.OpSub: graph.Sub, graph.OpMul: graph.Mul,
			graph.OpMax: graph.Max, graph.OpMin: graph.Min,
			graph.OpEq: graph.Eq, graph.OpLt: graph.Lt, graph.OpLe: graph.Le,
		}) {
			two(op, f, v.coarse(a), v.coarse(b))
			two(op, f, v.any(a), v.any(b))
			two(op, f, v.ints(a, -3, 3), v.ints(b, -3, 3))
		}
		two(graph.OpDiv, graph.Div, v.any(a), v.floats(b, 0.5, 4, 1.0/64))
		two(graph.OpDiv, graph.Div, v.ints(a, -9, 9), v.ints(b, 1, 4))
		two(graph.OpDiv, graph.Div, v.ints(a, -9, 9), v.ints(b, -4, -1))
		for op, f := range sorted(map[graph.Op]binary{
			graph.OpEq: graph.Eq, graph.OpLt: graph.Lt, graph.OpLe: graph.Le,
			graph.OpAnd: graph.And, graph.OpOr: graph.Or,
		}) {
			two(op, f, v.bools(a), v.bools(b))
		}
		choice := func(x []*graph.Node) *graph.Node { return graph.Select(x[0], x[1], x[2]) }
		v.add(graph.OpSelect, choice, v.bools(a), v.any(a), v.any(b))
		v.add(graph.OpSelect, choice, v.bools(b), v.ints(b, 0, 9), v.ints(a, 0, 9))
		v.add(graph.OpSelect, choice, v.bools(a), v.bools(b), v.bools(nil))
	}
}

func (v *variety) movement() {
	for _, shape := range shapes {
		for _, in := range []Input{v.any(shape), v.ints(shape, -9, 9), v.bools(shape)} {
			v.moveOne(in)
		}
	}
	for _, axis := range []int{0, 1, 2} {
		a, b := graph.Shape{2, 3, 4}, graph.Shape{2, 3, 4}
		b[axis] = 5
		join := func(x []*graph.Node) *graph.Node { return graph.Concat(axis, x[0], x[1], x[0]) }
		v.add(graph.OpConcat, join, v.any(a), v.any(b))
		v.add(graph.OpConcat, join, v.bools(a), v.bools(b))
	}
	big := graph.Shape{3, 35, 2, 34}
	for _, perm := range [][]int{
		{0, 3, 2, 1}, {0, 2, 1, 3}, {3, 1, 2, 0}, {0, 1, 3, 2}, {1, 0, 2, 3},
	} {
		v.add(graph.OpTranspose, func(x []*graph.Node) *graph.Node {
			return graph.Transpose(x[0], perm...)
		}, v.any(big))
	}
}

// moveOne adds what can be done to one operand along every axis.
func (v *variety) moveOne(in Input) {
	shape, rank := in.Shape, len(in.Shape)
	one := func(op graph.Op, f func(*graph.Node) *graph.Node) {
		v.add(op, func(x []*graph.Node) *graph.Node { return f(x[0]) }, in)
	}
	one(graph.OpParameter, func(x *graph.Node) *graph.Node { return x })
	one(graph.OpReshape, func(x *graph.Node) *graph.Node { return graph.Reshape(x, 1, shape.Size()) })
	one(graph.OpBroadcast, func(x *graph.Node) *graph.Node {
		return graph.Broadcast(x, append([]int{3}, shape...)...)
	})
	constant := Input{DType: in.DType, Shape: shape, Values: slices.Clone(in.Values)}
	one(graph.OpConstant, func(x *graph.Node) *graph.Node {
		c := graph.Const(constant.DType, constant.Shape, constant.Values)
		return graph.Select(graph.Eq(x, c), c, x)
	})
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = rank - 1 - i
	}
	one(graph.OpTranspose, func(x *graph.Node) *graph.Node { return graph.Transpose(x, perm...) })
	for axis, d := range shape {
		one(graph.OpSlice, func(x *graph.Node) *graph.Node {
			return graph.Slice(x, axis, d/3, d/3+(d+1)/2)
		})
		one(graph.OpPad, func(x *graph.Node) *graph.Node { return graph.Pad(x, axis, 2, 1) })
		if in.DType == graph.Bool {
			continue
		}
		one(graph.OpIota, func(x *graph.Node) *graph.Node {
			return graph.Add(x, graph.Iota(x.DType(), shape, axis))
		})
		for _, reverse := range []bool{false, true} {
			one(graph.OpCumSum, func(x *graph.Node) *graph.Node { return graph.CumSum(x, axis, reverse) })
		}
	}
}

func (v *variety) reductions() {
	for _, shape := range append(slices.Clone(shapes[1:]), graph.Shape{70, 3}, graph.Shape{3, 130},
		graph.Shape{2, 66, 18}) {
		for axes := 1; axes < 1<<len(shape); axes++ {
			var list []int
			for axis := range shape {
				if axes>>axis&1 == 1 {
					list = append(list, axis)
				}
			}
			for _, in := range []Input{v.any(shape), v.ints(shape, -9, 9)} {
				v.add(graph.OpSum, func(x []*graph.Node) *graph.Node { return graph.Sum(x[0], list...) }, in)
				v.add(graph.OpMaxOf, func(x []*graph.Node) *graph.Node { return graph.MaxOf(x[0], list...) },
					in)
			}
		}
		for _, in := range []Input{v.coarse(shape), v.ints(shape, -1, 1)} {
			v.add(graph.OpArgMax, func(x []*graph.Node) *graph.Node { return graph.ArgMax(x[0]) }, in)
			for _, k := range []int{1, (last(shape) + 1) / 2, last(shape)} {
				v.add(graph.OpTopK, func(x []*graph.Node) *graph.Node { return graph.TopK(x[0], k) }, in)
			}
		}
	}
}

func (v *variety) products() {
	sizes := [][3]int{{1, 1, 1}, {2, 3, 4}, {4, 4, 4}, {5, 1, 9}, {1, 7, 1}, {9, 17, 6}, {13, 5, 33},
		{3, 70, 19},
		{5, 260, 3}, {37, 1, 130}}
	for _, batch := range []graph.Shape{nil, {3}, {2, 2}} {
		for _, size := range sizes {
			for trans := range 4 {
				m, k, n := size[0], size[1], size[2]
				a, b := graph.Shape{m, k}, graph.Shape{k, n}
				transA, transB := trans&1 == 1, trans&2 == 2
				if transA {
					a = graph.Shape{k, m}
				}
				if transB {
					b = graph.Shape{n, k}
				}
				a, b = append(batch.Clone(), a...), append(batch.Clone(), b...)
				v.add(graph.OpDot, func(x []*graph.Node) *graph.Node {
					return graph.DotT(x[0], x[1], transA, transB)
				},
					v.any(a), v.any(b))
			}
		}
	}
}

func (v *variety) indexing() {
	for _, leading := range []graph.Shape{nil, {4}, {2, 3}} {
		for _, row := range []graph.Shape{nil, {5}, {2, 3}} {
			table := append(graph.Shape{6}, row...)
			for _, in := range []Input{v.any(table), v.ints(table, -9, 9), v.bools(table)} {
				v.add(graph.OpGather, func(x []*graph.Node) *graph.Node { return graph.Gather(x[0], x[1]) },
					in, v.ints(leading, 0, 5))
			}
			v.add(graph.OpScatterAdd, func(x []*graph.Node) *graph.Node {
				return graph.ScatterAdd(x[1], x[0], 6)
			},
				v.any(append(leading.Clone(), row...)), v.ints(leading, 0, 5))
		}
		picks := append(leading.Clone(), 7)
		wide := append(leading.Clone(), 4)
		for _, in := range []Input{v.any(wide), v.ints(wide, -9, 9), v.bools(wide)} {
			v.add(graph.OpTake, func(x []*graph.Node) *graph.Node { return graph.Take(x[0], x[1]) }, in,
				v.ints(picks, 0, 3))
		}
		v.add(graph.OpPutAdd, func(x []*graph.Node) *graph.Node { return graph.PutAdd(x[1], x[0], 4) },
			v.any(picks), v.ints(picks, 0, 3))
		for _, d := range []graph.DType{v.float, graph.Int32, graph.Bool} {
			v.add(graph.OpOneHot, func(x []*graph.Node) *graph.Node { return graph.OneHot(x[0], 3, d) },
				v.ints(leading, -1, 4))
		}
	}
	key := v.ints(graph.Shape{2}, -1<<31, 1<<31-1)
	v.add(graph.OpFoldKey, func(x []*graph.Node) *graph.Node { return graph.FoldKey(x[0], x[1]) }, key,
		v.ints(nil, -5, 5))
	for _, shape := range shapes {
		v.add(graph.OpUniform, func(x []*graph.Node) *graph.Node {
			return graph.Uniform(x[0], v.float, shape)
		}, key)
		v.add(graph.OpAfter, func(x []*graph.Node) *graph.Node {
			return graph.Edge(1, x...)[0]
		}, v.any(shape), v.ints(shape, -3, 3))
	}
}

// repeated returns s with one axis of its operands, or every axis, held once and broadcast.
func repeated(s Sample, axis string) (Sample, bool) {
	r := Sample{Name: s.Name + "_" + axis, Op: s.Op}
	changed := false
	for _, in := range s.Inputs {
		kept := in.Shape.Clone()
		for i := range kept {
			if axis == "every" || axis == "first" && i == 0 || axis == "last" && i == len(kept)-1 {
				kept[i] = 1
			}
		}
		changed = changed || !kept.Equal(in.Shape)
		r.Inputs = append(r.Inputs, Input{DType: in.DType, Shape: kept, Values: in.Values[:kept.Size()]})
	}
	r.Build = func(x []*graph.Node) *graph.Node {
		wide := make([]*graph.Node, len(x))
		for i := range x {
			wide[i] = graph.Broadcast(x[i], s.Inputs[i].Shape...)
		}
		return s.Build(wide)
	}
	return r, changed
}

func swapped(pairs [][2]graph.Shape) [][2]graph.Shape {
	var out [][2]graph.Shape
	for _, p := range pairs {
		out = append(out, [2]graph.Shape{p[1], p[0]})
	}
	return out
}

// sorted visits a map in the order of the operations.
func sorted[F any](m map[graph.Op]F) func(yield func(graph.Op, F) bool) {
	return func(yield func(graph.Op, F) bool) {
		for _, op := range graph.Ops() {
			if f, ok := m[op]; ok && !yield(op, f) {
				return
			}
		}
	}
}
