package exec

import (
	"math"

	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// unary is the rule of an operation on one operand; the result has its type.
func unary(f func(t *kernel.Table) kernel.Unary) rule {
	return func(c *compiler, n *graph.Node) (view, error) {
		return c.elementwise(n, storageOf(n.DType()), operation{unary: f(c.table)}, c.inputs(n)...), nil
	}
}

// arithmetic is the rule of an operation on two numbers; integers are for the reference.
func arithmetic(f func(t *kernel.Table) [3]kernel.Binary) rule {
	return func(c *compiler, n *graph.Node) (view, error) {
		if n.Inputs()[0].DType() != graph.Float32 {
			return foreign(c, n)
		}
		kernels := f(c.table)
		op := operation{op: n.Op(), binary: &kernels}
		return c.elementwise(n, storageOf(n.DType()), op, c.inputs(n)...), nil
	}
}

// logical is the rule of an operation on two masks.
func logical(f func(t *kernel.Table) [3]kernel.Binary) rule {
	return func(c *compiler, n *graph.Node) (view, error) {
		kernels := f(c.table)
		return c.elementwise(n, storageOf(n.DType()), operation{binary: &kernels}, c.inputs(n)...), nil
	}
}

func choose(c *compiler, n *graph.Node) (view, error) {
	op := operation{choose: &c.table.Select}
	return c.elementwise(n, storageOf(n.DType()), op, c.inputs(n)...), nil
}

func convert(c *compiler, n *graph.Node) (view, error) {
	from, to, rank := n.Inputs()[0].DType(), n.DType(), len(n.Shape())
	x := c.inputs(n)[0]
	masked := func(word uint32) (view, error) { // the word where true, else 0
		op := operation{binary: &c.table.And}
		return c.elementwise(n, storageOf(to), op, x, c.scalar(storageOf(to), word, rank)), nil
	}
	switch {
	case from == to:
		return x, nil
	case from == graph.Bool && to == graph.Float32:
		return masked(math.Float32bits(1))
	case from == graph.Bool && to == graph.Int32:
		return masked(1)
	case from == graph.Float32 && to == graph.Bool:
		zero := c.elementwise(n, inMask, operation{binary: &c.table.Eq}, x, c.float(0, rank))
		return c.elementwise(n, inMask, operation{unary: c.table.Not}, zero), nil
	case from == graph.Int32 && to == graph.Float32:
		return c.elementwise(n, inFloat32, operation{unary: c.table.FloatFromInt}, x), nil
	default:
		return foreign(c, n)
	}
}

func summing(t *kernel.Table) *reducer {
	return &reducer{lanes: t.RowSum, chain: t.ColSum, combine: t.Add,
		lanesDot: t.RowDot, chainDot: t.ColDot}
}

func maximum(t *kernel.Table) *reducer {
	return &reducer{lanes: t.RowMax, chain: t.ColMax, combine: t.Max,
		start: float32(math.Inf(-1))}
}
