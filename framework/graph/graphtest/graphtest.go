// Package graphtest holds sample inputs for every operation of the graph's
// table, and checks values against definitions, element by element, and
// derivatives against central differences. It knows no executor: tests pass
// theirs in as an Eval.
package graphtest

import (
	"math"
	"testing"

	"quickstudy/framework/graph"
)

// Tolerance is the relative error allowed of a float64 derivative against
// central differences.
const Tolerance = 1e-5

// The errors allowed of values, relative to the largest element of the result
// or 1.
const (
	ToleranceDouble = 1e-12
	ToleranceSingle = 2e-6
)

// step balances truncation against rounding: about the cube root of 2⁻⁵².
const step = 1e-5

// Eval runs f on arguments in row-major order; integers and booleans are passed
// as floats.
type Eval func(f *graph.Func, args [][]float64) ([][]float64, error)

// Sample is an operation applied to inputs away from its kinks.
type Sample struct {
	Name   string
	Op     graph.Op
	Inputs []Input
	Build  func(in []*graph.Node) *graph.Node
}

// Input is an argument. Float64 inputs are differentiated with respect to.
type Input struct {
	DType  graph.DType
	Shape  graph.Shape
	Values []float64
}

// CheckGrad compares the first and second derivative of Σ cᵢ·yᵢ, y the
// sample's value, along a fixed direction with central differences.
func CheckGrad(t *testing.T, eval Eval, s Sample) {
	t.Helper()
	f, err := directional(s)
	if err != nil {
		t.Fatal(err)
	}
	at := func(h float64) []float64 {
		t.Helper()
		args := make([][]float64, len(s.Inputs))
		for i, in := range s.Inputs {
			args[i] = append([]float64(nil), in.Values...)
			if in.DType == graph.Float64 {
				for j, v := range direction(i, len(in.Values)) {
					args[i][j] += h * v
				}
			}
		}
		results, err := eval(f, args)
		if err != nil {
			t.Fatal(err)
		}
		return []float64{results[0][0], results[1][0], results[2][0]}
	}
	got, hi, lo := at(0), at(step), at(-step)
	for order := 1; order <= 2; order++ {
		want := (hi[order-1] - lo[order-1]) / (2 * step)
		if d := math.Abs(got[order] - want); !(d <= Tolerance*math.Max(1, math.Abs(want))) {
			t.Errorf("derivative of order %d is %v, want %v", order, got[order], want)
		}
	}
}

// CheckValue compares the sample's value with its definition.
func CheckValue(t *testing.T, eval Eval, tolerance float64, s Sample) {
	t.Helper()
	var args [][]float64
	for _, in := range s.Inputs {
		args = append(args, in.Values)
	}
	f, err := graph.Trace(s.Name, func() *graph.Func {
		var params []*graph.Node
		for i, in := range s.Inputs {
			params = append(params, graph.Param(string(rune('a'+i)), in.DType, in.Shape))
		}
		return &graph.Func{Params: params,
			Results: []graph.Result{{Name: "value", Node: s.Build(params)}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	want, err := Evaluate(f, args)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	got, err := eval(f, args)
	if err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	near(t, s.Name, got[0], want[0], tolerance)
}

// near reports the first element that is farther from want than tolerance
// allows; infinities and NaN must be where they are wanted.
func near(t *testing.T, name string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d elements, want %d", name, len(got), len(want))
		return
	}
	scale := 1.0
	for _, v := range want {
		if a := math.Abs(v); a > scale && !math.IsInf(a, 1) {
			scale = a
		}
	}
	for i, v := range want {
		same := got[i] == v || math.IsNaN(got[i]) && math.IsNaN(v)
		if !same && !(math.Abs(got[i]-v) <= tolerance*scale) {
			t.Errorf("%s: element %d is %v, want %v", name, i, got[i], v)
			return
		}
	}
}

// directional traces Σ cᵢ·yᵢ and its first two derivatives along the direction.
func directional(s Sample) (*graph.Func, error) {
	f, err := graph.Trace(s.Name, func() *graph.Func {
		var params, xs []*graph.Node
		var along [][]float64
		for i, in := range s.Inputs {
			p := graph.Param(string(rune('a'+i)), in.DType, in.Shape)
			params = append(params, p)
			if in.DType == graph.Float64 {
				xs = append(xs, p)
				along = append(along, direction(i, len(in.Values)))
			}
		}
		y := s.Build(params)
		if y.DType() != graph.Float64 {
			y = graph.Convert(y, graph.Float64)
		}
		value := inner(y, direction(len(params), y.Shape().Size()))
		results := []graph.Result{{Name: "value", Node: value}}
		for _, name := range []string{"first", "second"} {
			d := graph.Scalar(graph.Float64, 0)
			for i, g := range graph.Grad(value, xs...) {
				d = graph.Add(d, inner(g, along[i]))
			}
			value = d
			results = append(results, graph.Result{Name: name, Node: d})
		}
		return &graph.Func{Params: params, Results: results}
	})
	if err != nil {
		return nil, err
	}
	return graph.ExpandGrads(f)
}

func inner(x *graph.Node, weights []float64) *graph.Node {
	return graph.Sum(graph.Mul(x, graph.Const(graph.Float64, x.Shape(), weights)))
}

// direction returns n numbers of magnitude 0.3 to 1.3 and either sign, another
// list for every stream.
func direction(stream, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Sin(float64(7*i + 3*stream + 1))
		out[i] += math.Copysign(0.3, out[i])
	}
	return out
}
