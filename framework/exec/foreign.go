package exec

import (
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
)

// foreign computes a node by the reference interpreter's kernel.
func foreign(c *compiler, n *graph.Node) (view, error) {
	operation, err := reference.NewOperation(n)
	if err != nil {
		return view{}, err
	}
	s := &interpreted{operation: operation}
	for i := range n.Inputs() {
		s.in = append(s.in, c.denseInput(n, i))
	}
	s.out = c.make(n, storageOf(n.DType()), n.Shape().Size(), s, s.in...)
	return whole(s.out, n.Shape()), nil
}

// interpreted computes a node that is not worth a kernel of its own. Booleans, which are
// masks here and bool there, are converted.
type interpreted struct {
	operation *reference.Operation
	in        []view
	out       *value
}

func (s *interpreted) scratch() int { return 0 }

func (s *interpreted) run(m *memory) error {
	in := make([]any, len(s.in))
	for i, x := range s.in {
		in[i] = m.elements(x)
	}
	if s.out.kind != inMask {
		return s.operation.Run(m.elements(view{value: s.out}), in)
	}
	truth := make([]bool, s.out.size)
	if err := s.operation.Run(truth, in); err != nil {
		return err
	}
	toMasks(m.words(s.out), truth)
	return nil
}

// elements returns the elements of a dense view in the type that the interpreter keeps
// them in.
func (m *memory) elements(x view) any {
	switch x.value.kind {
	case inFloat32:
		return m.floats(x.value)[x.offset:]
	case inInt32:
		return m.integers(x.value)[x.offset:]
	case inFloat64:
		return m.doubles(x.value)[x.offset:]
	}
	words := m.words(x.value)[x.offset:]
	truth := make([]bool, len(words))
	for i, w := range words {
		truth[i] = w != 0
	}
	return truth
}
