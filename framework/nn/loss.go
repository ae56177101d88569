package nn

import "quickstudy/framework/graph"

// masked is what hidden elements hold where a maximum is taken. Its size is far
// above any score and far below the largest float32.
const masked = -1e30

// Softmax returns exp(x) / Σ exp(x) over the last axis. x: [..., C].
func Softmax(x *graph.Node) *graph.Node {
	e := graph.Exp(graph.Sub(x, maxLast(x)))
	return graph.Mul(e, inverse(sumLast(e)))
}

// LogSoftmax returns x - log Σ exp(x) over the last axis. x: [..., C].
func LogSoftmax(x *graph.Node) *graph.Node {
	shifted := graph.Sub(x, maxLast(x))
	return graph.Sub(shifted, graph.Log(sumLast(graph.Exp(shifted))))
}

// MaskedSoftmax is Softmax over the elements whose mask is not 0; the others
// are 0, and so is a row without any. x: [..., C]; mask: broadcastable to x.
func MaskedSoftmax(x, mask *graph.Node) *graph.Node {
	keep := graph.Broadcast(present(mask), x.Shape()...)
	x = graph.Select(keep, x, graph.ConstLike(x, masked))
	shifted := graph.Sub(x, maxLast(x))
	e := graph.Select(keep, graph.Exp(shifted), graph.ConstLike(x, 0))
	sum := sumLast(e) // [..., 1]; at least 1 unless nothing is kept
	none := graph.Eq(sum, graph.ConstLike(sum, 0))
	return graph.Mul(e, inverse(graph.Select(none, graph.ConstLike(sum, 1), sum)))
}

// CrossEntropy returns -log softmax(logits)[label] over the classes that
// classMask keeps. logits: [B, C]; labels: Int32 [B]; classMask: [C] or nil;
// result [B]. A label whose class is hidden costs about 1e30.
func CrossEntropy(logits, labels, classMask *graph.Node) *graph.Node {
	if len(logits.Shape()) != 2 || len(labels.Shape()) != 1 || labels.DType() != graph.Int32 {
		graph.Failf("cross-entropy", "logits %v and labels %v %v: want [B, C] and i32 [B]",
			logits.Shape(), labels.DType(), labels.Shape())
	}
	if classMask != nil {
		keep := graph.Broadcast(present(classMask), logits.Shape()...)
		logits = graph.Select(keep, logits, graph.ConstLike(logits, masked))
	}
	b := labels.Shape()[0]
	picked := graph.Take(LogSoftmax(logits), graph.Reshape(labels, b, 1)) // [B, 1]
	return graph.Neg(graph.Reshape(picked, b))
}

// BinaryCrossEntropy returns -y log σ(x) - (1-y) log(1 - σ(x)), element by element, in a
// form that no x overflows: the two logarithms are those of a softmax of x and 0.
// logits and targets, from 0 to 1, are of one shape; so is the result.
func BinaryCrossEntropy(logits, targets *graph.Node) *graph.Node {
	dims := logits.Shape()
	if !targets.Shape().Equal(dims) {
		graph.Failf("binary cross-entropy", "logits %v and targets %v: want one shape", dims,
			targets.Shape())
	}
	column := func(x *graph.Node) *graph.Node { return graph.Reshape(x, dims.Size(), 1) }
	x := column(logits)
	both := LogSoftmax(graph.Concat(1, x, graph.ConstLike(x, 0))) // log σ(x), log(1 - σ(x))
	y := column(targets)
	shares := graph.Concat(1, y, graph.Sub(graph.ConstLike(y, 1), y))
	return graph.Reshape(graph.Neg(graph.Sum(graph.Mul(shares, both), 1)), dims...)
}

// SquaredError returns (prediction - target)², without a factor 1/2.
func SquaredError(prediction, target *graph.Node) *graph.Node {
	d := graph.Sub(prediction, target)
	return graph.Mul(d, d)
}

// Accuracy returns 1 where the largest logit is the label's and 0 elsewhere; at
// a tie the lowest class counts. Arguments as in CrossEntropy; result [B].
func Accuracy(logits, labels, classMask *graph.Node) *graph.Node {
	if classMask != nil {
		keep := graph.Broadcast(present(classMask), logits.Shape()...)
		logits = graph.Select(keep, logits, graph.ConstLike(logits, masked))
	}
	return graph.Convert(graph.Eq(graph.ArgMax(logits), labels), logits.DType())
}

// maxLast is the largest element of the last axis, a constant to derivatives:
// what it is subtracted from does not depend on it.
func maxLast(x *graph.Node) *graph.Node {
	return graph.StopGradient(keepLast(x, graph.MaxOf(x, len(x.Shape())-1)))
}
