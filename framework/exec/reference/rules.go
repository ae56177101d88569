package reference

import (
	"math"

	"gonum.org/v1/gonum/blas/gonum"
	"quickstudy/framework/graph"
)

// rules has a row for every operation of the graph's table.
var rules = map[graph.Op]rule{
	graph.OpParameter: parameter,
	graph.OpConstant:  constant,
	graph.OpIota:      index,

	graph.OpNeg:          unary(negate[float32], negate[float64]),
	graph.OpExp:          unary(exponentials, evaluating[float64](math.Exp)),
	graph.OpLog:          unary(rounded(math.Log)),
	graph.OpSqrt:         unary(roots[float32], roots[float64]),
	graph.OpSin:          unary(rounded(math.Sin)),
	graph.OpCos:          unary(rounded(math.Cos)),
	graph.OpTanh:         unary(rounded(math.Tanh)),
	graph.OpErf:          unary(errorFunctions, evaluating[float64](math.Erf)),
	graph.OpAbs:          unary(rounded(math.Abs)),
	graph.OpSign:         unary(rounded(sign)),
	graph.OpNot:          not,
	graph.OpConvert:      convert,
	graph.OpStopGradient: reshape,

	graph.OpAdd: arithmetic(floatAddition(gonum.Implementation{}.Saxpy),
		floatAddition(gonum.Implementation{}.Daxpy), addition[int32]()),
	graph.OpSub: arithmetic(subtraction[float32](), subtraction[float64](), subtraction[int32]()),
	graph.OpMul: arithmetic(multiplication[float32](), multiplication[float64](),
		multiplication[int32]()),
	graph.OpDiv: quotient,
	graph.OpMax: arithmetic(each(larger[float32]), each(larger[float64]), each(larger[int32])),
	graph.OpMin: arithmetic(each(smaller[float32]), each(smaller[float64]), each(smaller[int32])),
	graph.OpEq:  comparison(equal[float32], equal[float64], equal[int32], equal[bool]),
	graph.OpLt:  comparison(less[float32], less[float64], less[int32], lessBool),
	graph.OpLe:  comparison(atMost[float32], atMost[float64], atMost[int32], atMostBool),
	graph.OpAnd: logical(func(a, b bool) bool { return a && b }),
	graph.OpOr:  logical(func(a, b bool) bool { return a || b }),

	graph.OpSelect: choose,

	graph.OpReshape:   reshape,
	graph.OpBroadcast: broadcast,
	graph.OpTranspose: transpose,
	graph.OpSlice:     slice,
	graph.OpPad:       pad,
	graph.OpConcat:    concat,

	graph.OpSum:    reduceSum,
	graph.OpMaxOf:  reduceMax,
	graph.OpCumSum: cumSum,
	graph.OpArgMax: argMax,
	graph.OpTopK:   topK,

	graph.OpDot: dot,

	graph.OpGather:     gather,
	graph.OpScatterAdd: scatterAdd,
	graph.OpTake:       take,
	graph.OpPutAdd:     putAdd,
	graph.OpOneHot:     oneHot,

	graph.OpFoldKey: foldKey,
	graph.OpUniform: uniform,

	graph.OpAfter: after,

	graph.OpCall:   refuse("link the function first"),
	graph.OpResult: refuse("link the function first"),
	graph.OpGrad:   refuse("expand the gradients first"),
}
