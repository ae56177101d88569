package exectest_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
)

// failures collects what a helper reports.
type failures struct {
	testing.TB
	messages []string
}

func (f *failures) Helper()                           {}
func (f *failures) Errorf(format string, args ...any) { f.messages = append(f.messages, format) }

// TestTypes passes every element type in, with and without axes, and back.
func TestTypes(t *testing.T) {
	params := []*graph.Node{
		graph.Param("f32", graph.Float32, nil), graph.Param("f64", graph.Float64, nil),
		graph.Param("i32", graph.Int32, nil), graph.Param("bool", graph.Bool, nil),
		graph.Param("f32s", graph.Float32, graph.Shape{2}),
		graph.Param("f64s", graph.Float64, graph.Shape{2}),
		graph.Param("i32s", graph.Int32, graph.Shape{2}),
		graph.Param("bools", graph.Bool, graph.Shape{2}),
	}
	f := exectest.Trace(t, func() *graph.Func {
		f := &graph.Func{Params: params}
		for _, p := range params {
			f.Results = append(f.Results, graph.Result{Name: p.Attrs().Name, Node: graph.Identity(p)})
		}
		return f
	})
	args := exectest.Values{
		"f32": {0.5}, "f64": {0.1}, "i32": {-3}, "bool": {1},
		"f32s": {0.5, -2}, "f64s": {0.1, 0.2}, "i32s": {7, -8}, "bools": {0, 1},
	}
	for _, precision := range []reference.Precision{reference.Single, reference.Double} {
		for name, got := range exectest.Compile(t, f, precision).Run(t, args) {
			if !slices.Equal(got, args[name]) {
				t.Errorf("%s: got %v, want %v", name, got, args[name])
			}
		}
	}
}

func TestDerivatives(t *testing.T) {
	x := graph.Param("x", graph.Float32, graph.Shape{2})
	y := graph.Param("y", graph.Float32, nil)
	f := exectest.Trace(t, func() *graph.Func {
		value := graph.Sum(graph.Mul(graph.Mul(x, x), y)) // Σ xᵢ²·y
		along := exectest.Values{"x": {1, 0}, "y": {1}}
		return &graph.Func{Params: []*graph.Node{x, y}, Results: exectest.Derivatives(value, along, x, y)}
	})
	got := exectest.Compile(t, f, reference.Double).Run(t, exectest.Values{"x": {3, 5}, "y": {2}})
	wants := exectest.Values{
		"value":      {68},
		"gradient/x": {12, 20}, "gradient/y": {34},
		"second/x": {10, 10}, "second/y": {6}, // 2y·dx + 2x·dy, and 2x·dx
	}
	for name, want := range wants {
		if !slices.Equal(got[name], want) {
			t.Errorf("%s: got %v, want %v", name, got[name], want)
		}
	}
}

func TestNear(t *testing.T) {
	for _, row := range []struct {
		name      string
		got, want []float64
		far       bool
	}{
		{"equal", []float64{3, 4}, []float64{3, 4}, false},
		{"within", []float64{3, 4.004}, []float64{3, 4}, false},
		{"beyond", []float64{3, 4.006}, []float64{3, 4}, true},
		{"noise about zero", []float64{1e-7, 0}, []float64{0, 0}, false},
		{"not a number", []float64{math.NaN()}, []float64{0}, true},
		{"another size", []float64{0}, []float64{0, 0}, true},
	} {
		var f failures
		if exectest.Near(&f, row.name, row.got, row.want, 1e-3); (len(f.messages) > 0) != row.far {
			t.Errorf("%s: reported %q, want a report: %v", row.name, f.messages, row.far)
		}
	}
}

func TestFinite(t *testing.T) {
	var f failures
	exectest.Finite(&f, exectest.Values{"a": {1, math.NaN()}, "b": {math.Inf(-1)}, "c": {0, 1e300}})
	if len(f.messages) != 2 || !strings.Contains(f.messages[0], "element") {
		t.Errorf("reported %q, want a and b", f.messages)
	}
}

func TestRandom(t *testing.T) {
	if !slices.Equal(exectest.Random(1, 5), exectest.Random(1, 5)) ||
		slices.Equal(exectest.Random(1, 5), exectest.Random(2, 5)) {
		t.Error("want the same numbers for one seed, others for another")
	}
}
