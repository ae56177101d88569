package program

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/sampling"
)

// Values are host tensors by the name of the parameter or result they belong to.
type Values map[string]*tensor.Dense

// Dense makes a tensor of an element type from numbers in row-major order, in the
// storage that programs of the precision want.
func Dense(v graph.Value, data []float64, precision reference.Precision) *tensor.Dense {
	switch {
	case v.DType == graph.Int32:
		return shaped(v.Shape, convert[int32](data))
	case v.DType == graph.Bool:
		truth := make([]bool, len(data))
		for i, x := range data {
			truth[i] = x != 0
		}
		return shaped(v.Shape, truth)
	case v.DType == graph.Float64 || precision == reference.Double:
		return shaped(v.Shape, slices.Clone(data))
	}
	return shaped(v.Shape, convert[float32](data))
}

func convert[T int32 | float32](data []float64) []T {
	out := make([]T, len(data))
	for i, x := range data {
		out[i] = T(x)
	}
	return out
}

func shaped[T any](shape []int, data []T) *tensor.Dense {
	if len(shape) == 0 {
		return tensor.New(tensor.FromScalar(data[0]))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
}

// Floats returns the elements of a float tensor, in row-major order.
func Floats(d *tensor.Dense) ([]float64, error) {
	switch data := d.Data().(type) {
	case []float64:
		return slices.Clone(data), nil
	case []float32:
		out := make([]float64, len(data))
		for i, x := range data {
			out[i] = float64(x)
		}
		return out, nil
	case float64:
		return []float64{data}, nil
	case float32:
		return []float64{float64(data)}, nil
	}
	return nil, fmt.Errorf("elements are of type %v, want floating-point numbers", d.Dtype())
}

// Copy copies the elements of a tensor to one of the same type.
func Copy(to, from *tensor.Dense) {
	switch to.Dtype() {
	case tensor.Float32:
		copy(to.Float32s(), from.Float32s())
	case tensor.Float64:
		copy(to.Float64s(), from.Float64s())
	case tensor.Int32:
		copy(to.Int32s(), from.Int32s())
	case tensor.Bool:
		copy(to.Bools(), from.Bools())
	}
}

// Clone returns values that share no memory with v.
func (v Values) Clone() Values {
	out := make(Values, len(v))
	for name, x := range v {
		out[name] = x.Clone().(*tensor.Dense)
	}
	return out
}

// Scalar returns a tensor of one floating-point number.
func Scalar(x float64, precision reference.Precision) *tensor.Dense {
	return Dense(graph.Value{DType: graph.Float32}, []float64{x}, precision)
}

// Bool returns a tensor of one truth value.
func Bool(x bool) *tensor.Dense { return tensor.New(tensor.FromScalar(x)) }

// Key returns the two words of a random key, as philox.Derived has them.
func Key(words [2]uint32) *tensor.Dense {
	return shaped([]int{2}, []int32{int32(words[0]), int32(words[1])})
}

// addBatch adds the arrays of one side of an episode as <side>/<array>.
func (v Values) addBatch(side string, b *sampling.Batch, precision reference.Precision) {
	for _, a := range b.Arrays {
		name := side + "/" + a.Name
		if a.Ints != nil {
			v[name] = shaped(a.Shape, a.Ints)
			continue
		}
		v[name] = Dense(graph.Value{DType: graph.Float32, Shape: a.Shape}, a.Floats, precision)
	}
}

// signature types the arrays of a batch, in their order.
func signature(b *sampling.Batch) []graph.Value {
	values := make([]graph.Value, len(b.Arrays))
	for i, a := range b.Arrays {
		values[i] = graph.Value{Name: a.Name, DType: graph.Float32, Shape: a.Shape}
		if a.Ints != nil {
			values[i].DType = graph.Int32
		}
	}
	return values
}
