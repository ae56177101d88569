package program

import (
	"sync"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
)

// Spare keeps tensors that nobody reads any more, by name, so that results of that name are
// written into them: steps that are all alike then allocate no memory for their results.
// The zero value is ready, and its methods may be called concurrently.
type Spare struct {
	mu      sync.Mutex
	tensors map[string][]*tensor.Dense
	sets    []Values // empty
}

// Put takes over a tensor, which the caller must not use any more.
func (s *Spare) Put(name string, x *tensor.Dense) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(name, x)
}

func (s *Spare) put(name string, x *tensor.Dense) {
	if s.tensors == nil {
		s.tensors = map[string][]*tensor.Dense{}
	}
	s.tensors[name] = append(s.tensors[name], x)
}

// PutAll takes over values and the set that holds them.
func (s *Spare) PutAll(v Values) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, x := range v {
		s.put(name, x)
	}
	clear(v)
	s.sets = append(s.sets, v)
}

// Set returns an empty set of values.
func (s *Spare) Set() Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.sets); n > 0 {
		last := s.sets[n-1]
		s.sets = s.sets[:n-1]
		return last
	}
	return Values{}
}

// Get returns a tensor for a value, with whatever numbers are left in it.
func (s *Spare) Get(v graph.Value, precision reference.Precision) *tensor.Dense {
	if x := s.find(v, precision); x != nil {
		return x
	}
	return zeros(v, precision)
}

// zeros makes a tensor for a value.
func zeros(v graph.Value, precision reference.Precision) *tensor.Dense {
	switch n := v.Shape.Size(); hostType(v.DType, precision) {
	case tensor.Int32:
		return shaped(v.Shape, make([]int32, n))
	case tensor.Bool:
		return shaped(v.Shape, make([]bool, n))
	case tensor.Float64:
		return shaped(v.Shape, make([]float64, n))
	default:
		return shaped(v.Shape, make([]float32, n))
	}
}

// hostType is what Dense makes tensors of for a value.
func hostType(d graph.DType, precision reference.Precision) tensor.Dtype {
	switch {
	case d == graph.Int32:
		return tensor.Int32
	case d == graph.Bool:
		return tensor.Bool
	case d == graph.Float64 || precision == reference.Double:
		return tensor.Float64
	}
	return tensor.Float32
}

// Zeros returns a tensor for a value, of zeros.
func (s *Spare) Zeros(v graph.Value, precision reference.Precision) *tensor.Dense {
	x := s.Get(v, precision)
	x.Zero()
	return x
}

// find returns a tensor that was put; nil: there is none of the name and type.
func (s *Spare) find(v graph.Value, precision reference.Precision) *tensor.Dense {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, want := s.tensors[v.Name], hostType(v.DType, precision)
	for i, x := range list {
		if x.Dtype() == want && v.Shape.Equal(graph.Shape(x.Shape())) {
			last := len(list) - 1
			list[i], list[last] = list[last], nil
			s.tensors[v.Name] = list[:last]
			return x
		}
	}
	return nil
}
