package exec

import (
	"fmt"
	"unsafe"

	"gorgonia.org/tensor"
	"quickstudy/framework/graph"
)

// bind checks arguments and results and makes their memory the run's.
func (p *Program) bind(m *memory, results, args []*tensor.Dense) error {
	if len(args) != len(p.f.Params) {
		return fmt.Errorf("%d arguments, want %d", len(args), len(p.f.Params))
	}
	if len(results) != len(p.f.Results) {
		return fmt.Errorf("memory for %d results, want %d", len(results), len(p.f.Results))
	}
	for i, n := range p.f.Params {
		address, err := elements(n, args[i])
		if err != nil {
			return fmt.Errorf("argument %d, %q: %w", i, n.Attrs().Name, err)
		}
		m.base[int(inArguments)+i] = address
	}
	for i, r := range p.f.Results {
		address, err := elements(r.Node, results[i])
		if err != nil {
			return fmt.Errorf("memory for result %d, %q: %w", i, r.Name, err)
		}
		m.base[p.resultSpace(i)] = address
	}
	return nil
}

// elements returns the address of the elements of a tensor that must have the type of n.
func elements(n *graph.Node, d *tensor.Dense) (unsafe.Pointer, error) {
	if d == nil {
		return nil, fmt.Errorf("nil, want %v%v", n.DType(), n.Shape())
	}
	if !graph.Shape(d.Shape()).Equal(n.Shape()) {
		return nil, fmt.Errorf("shape %v, want %v", graph.Shape(d.Shape()), n.Shape())
	}
	if d.IsMasked() || d.RequiresIterator() || !d.DataOrder().IsRowMajor() {
		return nil, fmt.Errorf(
			"a view or a column-major or masked value, want a dense row-major one; clone it first")
	}
	if want := dtypes[n.DType()]; d.Dtype() != want {
		return nil, fmt.Errorf("elements are %v, want %v", d.Dtype(), n.DType())
	}
	switch n.DType() {
	case graph.Float32:
		return unsafe.Pointer(unsafe.SliceData(d.Float32s())), nil
	case graph.Float64:
		return unsafe.Pointer(unsafe.SliceData(d.Float64s())), nil
	case graph.Int32:
		return unsafe.Pointer(unsafe.SliceData(d.Int32s())), nil
	default:
		return unsafe.Pointer(unsafe.SliceData(d.Bools())), nil
	}
}

var dtypes = map[graph.DType]tensor.Dtype{
	graph.Float32: tensor.Float32, graph.Float64: tensor.Float64, graph.Int32: tensor.Int32,
	graph.Bool: tensor.Bool,
}

func newDense(d graph.DType, shape graph.Shape) *tensor.Dense {
	if len(shape) == 0 {
		switch d {
		case graph.Float32:
			return tensor.New(tensor.FromScalar(float32(0)))
		case graph.Float64:
			return tensor.New(tensor.FromScalar(0.0))
		case graph.Int32:
			return tensor.New(tensor.FromScalar(int32(0)))
		default:
			return tensor.New(tensor.FromScalar(false))
		}
	}
	return tensor.New(tensor.Of(dtypes[d]), tensor.WithShape(shape...))
}
