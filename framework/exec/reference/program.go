package reference

import (
	"fmt"
	"math"
	"sync"

	"gorgonia.org/tensor"
	"quickstudy/framework/graph"
)

// Precision says in which type Float32 nodes are computed.
type Precision uint8

// The precisions. Double computes Float32 nodes in float64.
const (
	Single Precision = iota
	Double
)

// storage is the element type that values are held in.
type storage uint8

const (
	inFloat32 storage = iota
	inFloat64
	inInt32
	inBool
)

// Program is a compiled function. It is immutable, and Run may be called by any
// number of goroutines.
type Program struct {
	f         *graph.Func
	precision Precision
	slots     []slot
	steps     []step
	params    []*value
	results   []*value
	buffers   []buffer
	arenas    sync.Pool // of *arena
}

// slot is a stretch of memory. A constant's data is made when compiling, a
// parameter's is the caller's, and others live from a step to their last use.
type slot struct {
	kind    storage
	size    int
	data    any // constant
	owned   bool
	lastUse int // the last step that reads it
	buffer  int // of an owned slot
}

// value is where a node's elements are: a slot read through strides.
type value struct {
	node    *graph.Node
	slot    int
	strides []int
	dense   bool
}

// step computes one node. in are slots; in and out data are slices of the
// storage's element type.
type step struct {
	node    *graph.Node
	out     int
	in      []int
	kernel  kernel
	aligned []bool // elementwise: which operands are read only where the result is written
}

// kernel fills out from in. Whatever out held before is overwritten.
type kernel func(out any, in []any) error

// Compile schedules f, which must hold no call and no grad, and whose run must not
// need more than MaxMemory.
func Compile(f *graph.Func, precision Precision) (*Program, error) {
	if err := graph.Verify(f); err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	if precision > Double {
		return nil, fmt.Errorf("compile %q: precision %d, want Single or Double", f.Name, precision)
	}
	c := &compiler{Program: &Program{f: f, precision: precision}, values: map[*graph.Node]*value{}}
	for _, n := range f.Nodes() {
		if err := rules[n.Op()](c, n); err != nil {
			return nil, fmt.Errorf("compile %q: %w", f.Name, err)
		}
	}
	for _, p := range f.Params {
		c.params = append(c.params, c.values[p])
	}
	for _, r := range f.Results {
		c.results = append(c.results, c.operand(r.Node))
	}
	c.plan()
	if err := c.checkMemory(); err != nil {
		return nil, fmt.Errorf("compile %q: %w", f.Name, err)
	}
	return c.Program, nil
}

// Signature returns the type of the function.
func (p *Program) Signature() *graph.Signature { return p.f.Signature() }

// Run computes the results for arguments in the order of the parameters. A
// Float32 parameter of a Double program takes float32 or float64 values, and
// such results are float64. Arguments are not changed and results share no
// memory with them.
func (p *Program) Run(args []*tensor.Dense) ([]*tensor.Dense, error) {
	return p.run(args, func(*graph.Node, any) bool { return true })
}

// FirstNonFinite runs the program and describes the first node in execution
// order that has a NaN or an infinity, with its operand shapes and the author's
// line; "" when all values are finite.
func (p *Program) FirstNonFinite(args []*tensor.Dense) (string, error) {
	found := ""
	_, err := p.run(args, func(n *graph.Node, data any) bool {
		if i, v := nonFinite(data); i >= 0 {
			found = fmt.Sprintf("%v: element %d is %v", n, i, v)
			if n.Op() == graph.OpParameter {
				found = fmt.Sprintf("parameter %q: element %d is %v", n.Attrs().Name, i, v)
			}
			if n.Pos() != "" {
				found = n.Pos() + ": " + found
			}
		}
		return found == ""
	})
	return found, err
}

// run executes the steps until observe returns false.
func (p *Program) run(args []*tensor.Dense, observe func(*graph.Node, any) bool) (
	[]*tensor.Dense, error) {
	m, ok := p.arenas.Get().(*arena)
	if !ok {
		m = newArena(p)
	}
	defer func() {
		for _, v := range p.params { // the caller's memory
			m.data[v.slot] = nil
		}
		p.arenas.Put(m)
	}()
	if err := p.bind(m, args); err != nil {
		return nil, fmt.Errorf("run %q: %w", p.f.Name, err)
	}
	for i, param := range p.params {
		if !observe(p.f.Params[i], m.data[param.slot]) {
			return nil, nil
		}
	}
	var in []any
	for i := range p.steps {
		s := &p.steps[i]
		in = in[:0]
		for _, k := range s.in {
			in = append(in, m.data[k])
		}
		out := m.data[s.out]
		if err := s.kernel(out, in); err != nil {
			return nil, fmt.Errorf("run %q: %w", p.f.Name, at(s.node, err))
		}
		if !observe(s.node, out) {
			return nil, nil
		}
	}
	results := make([]*tensor.Dense, len(p.results))
	for i, v := range p.results {
		results[i] = denseCopy(v, m.data[v.slot])
	}
	return results, nil
}

// at names the operation and the author's line in an error.
func at(n *graph.Node, err error) error {
	if n.Pos() == "" {
		return fmt.Errorf("%v: %w", n.Op(), err)
	}
	return fmt.Errorf("%s: %v: %w", n.Pos(), n.Op(), err)
}

func nonFinite(data any) (int, float64) {
	switch data := data.(type) {
	case []float32:
		return firstNonFinite(data)
	case []float64:
		return firstNonFinite(data)
	}
	return -1, 0
}

func firstNonFinite[T float32 | float64](data []T) (int, float64) {
	for i, v := range data {
		if v := float64(v); math.IsNaN(v) || math.IsInf(v, 0) {
			return i, v
		}
	}
	return -1, 0
}
