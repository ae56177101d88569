package exectest

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"quickstudy/framework/graph"
)

// Derivatives lists as results a scalar value, its gradient with respect to
// every parameter in xs as gradient/<name>, and the product of its Hessian in all
// of xs with a direction as second/<name>. along holds the direction by name; nil
// leaves the second derivative out.
func Derivatives(value *graph.Node, along Values, xs ...*graph.Node) []graph.Result {
	results := []graph.Result{{Name: "value", Node: value}}
	gradient := graph.Grad(value, xs...)
	for i, g := range gradient {
		results = append(results, graph.Result{Name: "gradient/" + xs[i].Attrs().Name, Node: g})
	}
	if along == nil {
		return results
	}
	slope := graph.Scalar(value.DType(), 0) // the derivative along the direction
	for i, g := range gradient {
		v := graph.Const(g.DType(), g.Shape(), along[xs[i].Attrs().Name])
		slope = graph.Add(slope, graph.Sum(graph.Mul(g, v)))
	}
	for i, h := range graph.Grad(slope, xs...) {
		results = append(results, graph.Result{Name: "second/" + xs[i].Attrs().Name, Node: h})
	}
	return results
}

// Random returns n numbers from a standard normal distribution; equal seeds give
// equal numbers.
func Random(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 0))
	out := make([]float64, n)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

// Distance returns ‖got - want‖ and the distance that a relative tolerance
// allows: tolerance · max(‖want‖, 10⁻³·√n), n the number of elements. The second
// term keeps a parameter that is all but zero from being held to its rounding noise.
func Distance(got, want []float64, tolerance float64) (distance, limit float64) {
	var square, size float64
	for i := range want {
		square += (got[i] - want[i]) * (got[i] - want[i])
		size += want[i] * want[i]
	}
	return math.Sqrt(square), tolerance * max(math.Sqrt(size), 1e-3*math.Sqrt(float64(len(want))))
}

// Near reports a value that is farther from want than Distance allows.
func Near(t testing.TB, name string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d elements, want %d", name, len(got), len(want))
		return
	}
	if distance, limit := Distance(got, want, tolerance); !(distance <= limit) {
		t.Errorf("%s: distance %.3g, want at most %.3g\n got %v\nwant %v",
			name, distance, limit, head(got), head(want))
	}
}

// Finite reports every value that has a NaN or an infinity.
func Finite(t testing.TB, values Values) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for i, v := range values[name] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%s: element %d is %v", name, i, v)
				break
			}
		}
	}
}

// head returns the first elements, enough for a message.
func head(x []float64) []float64 { return x[:min(len(x), 8)] }
