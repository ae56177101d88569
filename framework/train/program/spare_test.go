package program_test

import (
	"testing"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/train/program"
)

// TestSpare: a tensor that was put is got again for its name and type, once.
func TestSpare(t *testing.T) {
	var s program.Spare
	v := func(name string, d graph.DType, shape ...int) graph.Value {
		return graph.Value{Name: name, DType: d, Shape: shape}
	}
	x := program.Dense(v("x", graph.Float32, 2), []float64{1, 2}, reference.Single)
	set := program.Values{"x": x}
	s.PutAll(set)
	if len(set) != 0 {
		t.Errorf("the set still holds %v", set)
	}
	for _, test := range []struct {
		name      string
		v         graph.Value
		precision reference.Precision
		want      tensor.Dtype
		same      bool
	}{
		{"other name", v("y", graph.Float32, 2), reference.Single, tensor.Float32, false},
		{"other shape", v("x", graph.Float32, 1, 2), reference.Single, tensor.Float32, false},
		{"other type", v("x", graph.Int32, 2), reference.Single, tensor.Int32, false},
		{"truth values", v("x", graph.Bool, 2), reference.Single, tensor.Bool, false},
		{"other precision", v("x", graph.Float32, 2), reference.Double, tensor.Float64, false},
		{"scalar", v("x", graph.Float32), reference.Single, tensor.Float32, false},
		{"it", v("x", graph.Float32, 2), reference.Single, tensor.Float32, true},
		{"it again", v("x", graph.Float32, 2), reference.Single, tensor.Float32, false},
	} {
		got := s.Get(test.v, test.precision)
		if (got == x) != test.same || got.Dtype() != test.want ||
			!test.v.Shape.Equal(graph.Shape(got.Shape())) {
			t.Errorf("%s: got %v %v, the same: %t", test.name, got.Dtype(), got.Shape(), got == x)
		}
	}
	s.Put("x", x)
	zeros := s.Zeros(v("x", graph.Float32, 2), reference.Single)
	if zeros != x || x.Float32s()[0] != 0 || x.Float32s()[1] != 0 {
		t.Errorf("zeros are %v", zeros)
	}
}
