package reference

import (
	"fmt"

	"quickstudy/framework/graph"
)

// Operation is the kernel of one node, for an executor that has none of its own.
type Operation struct{ program *Program }

// NewOperation returns the kernel that computes n from its operands. Float32 stays in
// single precision.
func NewOperation(n *graph.Node) (*Operation, error) {
	f := &graph.Func{Name: n.Op().String()}
	for i, x := range n.Inputs() {
		f.Params = append(f.Params, graph.Param(fmt.Sprint("operand ", i), x.DType(), x.Shape()))
	}
	f.Results = []graph.Result{{Name: "value", Node: n.WithInputs(f.Params)}}
	p, err := Compile(f, Single)
	if err != nil {
		return nil, err
	}
	return &Operation{p}, nil
}

// Run fills out, a slice of the element type, from slices of the operands' elements in
// row-major order. They may be longer than what the operation needs.
func (o *Operation) Run(out any, in []any) error {
	p := o.program
	m, ok := p.arenas.Get().(*arena)
	if !ok {
		m = newArena(p)
	}
	defer p.arenas.Put(m)
	for i, v := range p.params {
		m.data[v.slot] = first(in[i], v.node.Shape().Size())
	}
	for i := range p.steps {
		s := &p.steps[i]
		operands := make([]any, len(s.in))
		for j, k := range s.in {
			operands[j] = m.data[k]
		}
		if err := s.kernel(m.data[s.out], operands); err != nil {
			return err
		}
	}
	v := p.results[0]
	switch out := out.(type) {
	case []float32:
		copyOut(v, out, m.data[v.slot].([]float32))
	case []float64:
		copyOut(v, out, m.data[v.slot].([]float64))
	case []int32:
		copyOut(v, out, m.data[v.slot].([]int32))
	default:
		copyOut(v, out.([]bool), m.data[v.slot].([]bool))
	}
	return nil
}
