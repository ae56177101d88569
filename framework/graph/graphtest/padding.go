package graphtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"quickstudy/framework/graph"
)

// CheckPadding widens products and sums and expects every bit of what was there
// before. Along the axes that are added up, zeros are put in anywhere; along the
// others, anything is.
func CheckPadding(t *testing.T, eval Eval, float graph.DType) {
	t.Helper()
	draws := rand.New(rand.NewPCG(3, 4))
	for trial := range 24 {
		for trans := range 4 {
			checkPaddedDot(t, eval, float, draws, trans&1 == 1, trans&2 == 2)
		}
		checkPaddedSum(t, eval, float, draws, 1+trial%7)
	}
}

func checkPaddedDot(t *testing.T, eval Eval, float graph.DType, draws *rand.Rand,
	transA, transB bool) {
	t.Helper()
	batch, m := widen(draws, 1+draws.IntN(3)), widen(draws, 1+draws.IntN(40))
	n, k := widen(draws, 1+draws.IntN(40)), widen(draws, 1+draws.IntN(40))
	switch draws.IntN(4) { // lengths at which a tile or its memory may change
	case 0:
		n = widen(draws, 120+draws.IntN(15))
	case 1:
		k = widen(draws, 245+draws.IntN(15))
	}
	a, b := []widened{batch, m, k}, []widened{batch, k, n}
	if transA {
		a[1], a[2] = k, m
	}
	if transB {
		b[1], b[2] = n, k
	}
	product := func(x []*graph.Node) *graph.Node { return graph.DotT(x[0], x[1], transA, transB) }
	wideA, wideB := draw(draws, a), draw(draws, b)
	summedA := 2
	if transA {
		summedA = 1
	}
	zeroAdded(a, summedA, wideA) // what b has there is multiplied by zero
	name := fmt.Sprintf("dot %v %v", transA, transB)
	for _, w := range []widened{batch, m, k, n} {
		name += fmt.Sprintf(", %d of %d", len(w.kept), w.length)
	}
	checkPadded(t, eval, float, name, product, []widened{batch, m, n},
		[][]widened{a, b}, [][]float64{wideA, wideB})
}

// checkPaddedSum sums over the axes whose bit is set.
func checkPaddedSum(t *testing.T, eval Eval, float graph.DType, draws *rand.Rand, axes int) {
	t.Helper()
	var x, result []widened
	var summed []int
	for axis := range 3 {
		x = append(x, widen(draws, 1+draws.IntN(12)))
		if axes>>axis&1 == 1 {
			summed = append(summed, axis)
		} else {
			result = append(result, x[axis])
		}
	}
	wide := draw(draws, x)
	for _, axis := range summed {
		zeroAdded(x, axis, wide)
	}
	sum := func(in []*graph.Node) *graph.Node { return graph.Sum(in[0], summed...) }
	checkPadded(t, eval, float, fmt.Sprintf("sum over %v", summed), sum, result,
		[][]widened{x}, [][]float64{wide})
}

// checkPadded compares f of what is kept of its operands with what is kept of
// its value for whole operands.
func checkPadded(t *testing.T, eval Eval, float graph.DType, name string,
	f func([]*graph.Node) *graph.Node, result []widened, operands [][]widened, wide [][]float64) {
	t.Helper()
	value := func(shapes []graph.Shape, args [][]float64) []float64 {
		t.Helper()
		traced, err := graph.Trace(name, func() *graph.Func {
			var params []*graph.Node
			for i, s := range shapes {
				params = append(params, graph.Param(string(rune('a'+i)), float, s))
			}
			return &graph.Func{Params: params, Results: []graph.Result{{Name: "value", Node: f(params)}}}
		})
		if err != nil {
			t.Fatal(err)
		}
		results, err := eval(traced, args)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return results[0]
	}
	var narrowShapes, wideShapes []graph.Shape
	var narrow [][]float64
	for i, axes := range operands {
		var few, many graph.Shape
		for _, w := range axes {
			few, many = append(few, len(w.kept)), append(many, w.length)
		}
		narrowShapes, wideShapes = append(narrowShapes, few), append(wideShapes, many)
		narrow = append(narrow, kept(axes, wide[i]))
	}
	want, got := value(narrowShapes, narrow), kept(result, value(wideShapes, wide))
	for i := range want {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
			t.Errorf("%s: padding changes element %d from %b to %b", name, i, want[i], got[i])
			return
		}
	}
}

// widened is an axis with the ascending indices of what was there before it
// became longer.
type widened struct {
	length int
	kept   []int
}

func widen(draws *rand.Rand, length int) widened {
	w := widened{length: length + draws.IntN(20)}
	w.kept = draws.Perm(w.length)[:length]
	slices.Sort(w.kept)
	return w
}

// draw returns elements whose sums depend on their order.
func draw(draws *rand.Rand, axes []widened) []float64 {
	size := 1
	for _, w := range axes {
		size *= w.length
	}
	values := make([]float64, size)
	for i := range values {
		values[i] = math.Ldexp(draws.NormFloat64(), draws.IntN(12))
	}
	return values
}

// zeroAdded clears what was added along an axis.
func zeroAdded(axes []widened, axis int, values []float64) {
	shape := make(graph.Shape, len(axes))
	for i, w := range axes {
		shape[i] = w.length
	}
	for i := range values {
		if !slices.Contains(axes[axis].kept, unravel(i, shape)[axis]) {
			values[i] = 0
		}
	}
}

// kept returns the elements whose indices are kept on every axis.
func kept(axes []widened, values []float64) []float64 {
	if len(axes) == 0 {
		return values
	}
	var out []float64
	row := len(values) / axes[0].length
	for _, i := range axes[0].kept {
		out = append(out, kept(axes[1:], values[i*row:(i+1)*row])...)
	}
	return out
}
