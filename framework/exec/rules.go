package exec

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// leaves need no operands, whatever their type.
var leaves = []graph.Op{
	graph.OpParameter, graph.OpConstant, graph.OpIota, graph.OpCall, graph.OpResult,
	graph.OpGrad}

// rules has a row for every operation of the graph's table. What is computed in double
// precision goes to the reference interpreter's kernels.
var rules = map[graph.Op]rule{
	graph.OpParameter: parameter,
	graph.OpConstant:  constant,
	graph.OpIota:      counting,

	graph.OpNeg:          unary(func(t *kernel.Table) kernel.Unary { return t.Neg }),
	graph.OpExp:          unary(func(t *kernel.Table) kernel.Unary { return t.Exp }),
	graph.OpLog:          unary(func(t *kernel.Table) kernel.Unary { return t.Log }),
	graph.OpSqrt:         unary(func(t *kernel.Table) kernel.Unary { return t.Sqrt }),
	graph.OpSin:          unary(func(t *kernel.Table) kernel.Unary { return t.Sin }),
	graph.OpCos:          unary(func(t *kernel.Table) kernel.Unary { return t.Cos }),
	graph.OpTanh:         unary(func(t *kernel.Table) kernel.Unary { return t.Tanh }),
	graph.OpErf:          unary(func(t *kernel.Table) kernel.Unary { return t.Erf }),
	graph.OpAbs:          unary(func(t *kernel.Table) kernel.Unary { return t.Abs }),
	graph.OpSign:         unary(func(t *kernel.Table) kernel.Unary { return t.Sign }),
	graph.OpNot:          unary(func(t *kernel.Table) kernel.Unary { return t.Not }),
	graph.OpConvert:      convert,
	graph.OpStopGradient: reshape,

	graph.OpAdd: arithmetic(func(t *kernel.Table) [3]kernel.Binary { return t.Add }),
	graph.OpSub: arithmetic(func(t *kernel.Table) [3]kernel.Binary { return t.Sub }),
	graph.OpMul: arithmetic(func(t *kernel.Table) [3]kernel.Binary { return t.Mul }),
	graph.OpDiv: arithmetic(func(t *kernel.Table) [3]kernel.Binary { return t.Div }),
	graph.OpMax: arithmetic(func(t *kernel.Table) [3]kernel.Binary { return t.Max }),
	graph.OpMin: arithmetic(func(t *kernel.Table) [3]kernel.Binary { return t.Min }),
	graph.OpEq:  arithmetic(func(t *kernel.Table) [3]kernel.Binary { return t.Eq }),
	graph.OpLt:  arithmetic(func(t *kernel.Table) [3]kernel.Binary { return t.Lt }),
	graph.OpLe:  arithmetic(func(t *kernel.Table) [3]kernel.Binary { return t.Le }),
	graph.OpAnd: logical(func(t *kernel.Table) [3]kernel.Binary { return t.And }),
	graph.OpOr:  logical(func(t *kernel.Table) [3]kernel.Binary { return t.Or }),

	graph.OpSelect: choose,

	graph.OpReshape:   reshape,
	graph.OpBroadcast: broadcast,
	graph.OpTranspose: transpose,
	graph.OpSlice:     slice,
	graph.OpPad:       pad,
	graph.OpConcat:    concat,

	graph.OpSum:    reduction(summing),
	graph.OpMaxOf:  reduction(maximum),
	graph.OpCumSum: foreign,
	graph.OpArgMax: foreign,
	graph.OpTopK:   foreign,

	graph.OpDot: dot,

	graph.OpGather:     gather,
	graph.OpScatterAdd: scatterAdd,
	graph.OpTake:       foreign,
	graph.OpPutAdd:     foreign,
	graph.OpOneHot:     foreign,

	graph.OpFoldKey: foreign,
	graph.OpUniform: uniform,

	graph.OpAfter: after,

	graph.OpCall:   refuse("link the function first"),
	graph.OpResult: refuse("link the function first"),
	graph.OpGrad:   refuse("expand the gradients first"),
}
