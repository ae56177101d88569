package reference

import (
	"fmt"

	"gorgonia.org/tensor"
	"quickstudy/framework/graph"
)

// bind checks the arguments and puts them in their slots.
func (p *Program) bind(m *arena, args []*tensor.Dense) error {
	if len(args) != len(p.params) {
		return fmt.Errorf("%d arguments, want %d", len(args), len(p.params))
	}
	for i, v := range p.params {
		data, err := p.argument(v.node, args[i])
		if err != nil {
			return fmt.Errorf("argument %d, %q: %w", i, v.node.Attrs().Name, err)
		}
		m.data[v.slot] = data
	}
	return nil
}

// argument returns the elements of an argument in the storage of its parameter.
func (p *Program) argument(n *graph.Node, arg *tensor.Dense) (any, error) {
	if arg == nil {
		return nil, fmt.Errorf("nil, want %v%v", n.DType(), n.Shape())
	}
	if !graph.Shape(arg.Shape()).Equal(n.Shape()) {
		return nil, fmt.Errorf("shape %v, want %v", graph.Shape(arg.Shape()), n.Shape())
	}
	if arg.IsMasked() || arg.RequiresIterator() || !arg.DataOrder().IsRowMajor() {
		return nil, fmt.Errorf(
			"a view or a column-major or masked value, want a dense row-major one; clone it first")
	}
	want := p.storage(n.DType())
	switch data := arg.Data().(type) {
	case float32:
		return widen([]float32{data}, want, n)
	case []float32:
		return widen(data, want, n)
	case float64:
		return exactly([]float64{data}, inFloat64, want, n)
	case []float64:
		return exactly(data, inFloat64, want, n)
	case int32:
		return exactly([]int32{data}, inInt32, want, n)
	case []int32:
		return exactly(data, inInt32, want, n)
	case bool:
		return exactly([]bool{data}, inBool, want, n)
	case []bool:
		return exactly(data, inBool, want, n)
	default:
		return nil, fmt.Errorf("element type %v, want %v", arg.Dtype(), n.DType())
	}
}

func widen(data []float32, want storage, n *graph.Node) (any, error) {
	if want == inFloat64 && n.DType() == graph.Float32 {
		wide := make([]float64, len(data))
		for i, v := range data {
			wide[i] = float64(v)
		}
		return wide, nil
	}
	return exactly(data, inFloat32, want, n)
}

func exactly[T any](data []T, got, want storage, n *graph.Node) (any, error) {
	if got != want {
		return nil, fmt.Errorf("elements are %T, want %v", data, n.DType())
	}
	return data, nil
}

// denseCopy returns a value as a tensor of its own.
func denseCopy(v *value, data any) *tensor.Dense {
	switch data := data.(type) {
	case []float32:
		return denseOf(v, data)
	case []float64:
		return denseOf(v, data)
	case []int32:
		return denseOf(v, data)
	default:
		return denseOf(v, data.([]bool))
	}
}

func denseOf[T any](v *value, data []T) *tensor.Dense {
	shape := v.node.Shape()
	if len(shape) == 0 {
		return tensor.New(tensor.FromScalar(data[0]))
	}
	out := make([]T, shape.Size())
	copyOut(v, out, data)
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(out))
}

// copyOut writes the elements of a value in row-major order.
func copyOut[T any](v *value, out, data []T) {
	shape := v.node.Shape()
	if v.dense {
		copy(out, data[:shape.Size()])
		return
	}
	l := newLoop(shape, rowMajor(shape), v.strides)
	copyStrided(&l, out, data)
}
