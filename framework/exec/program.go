package exec

import (
	"fmt"
	"sync"
	"unsafe"

	"gorgonia.org/tensor"
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// Program is a compiled function. It is immutable, and may be run by any number of
// goroutines.
type Program struct {
	f         *graph.Func
	units     []*unit
	constants []float32
	spaces    int // of memory
	words     int // of the arena's values
	scratch   int // words
	slots     int // the most that a cluster has
	arenas    *Arenas
	mu        sync.Mutex
	memories  []*memory // as many as ever ran at a time, less those that run
}

// Options say how a function is compiled. The bits of its results do not depend on them.
type Options struct {
	ISA     kernel.ISA // the instruction set of the kernels
	Unfused bool       // every operation runs by itself
	Stored  bool       // nothing is computed a second time
	Arenas  *Arenas    // shared with other programs; nil: arenas of its own
}

// Compile schedules f, which must hold no call and no grad, and whose run must not need
// more than MaxMemory.
func Compile(f *graph.Func, o Options) (*Program, error) {
	if err := graph.Verify(f); err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	c := &compiler{f: f, table: kernel.For(o.ISA), views: map[*graph.Node]view{},
		orders: orders(f.Nodes()), scalars: map[scalar]*value{}, copies: map[string]view{},
		arguments: map[*graph.Node]int{}, waits: map[*graph.Node][]*value{}}
	for i, p := range f.Params {
		c.arguments[p] = i
	}
	if !o.Unfused {
		c.epilogues, c.absorbed = epilogues(f)
	}
	if err := c.lower(); err != nil {
		return nil, fmt.Errorf("compile %q: %w", f.Name, err)
	}
	p := &Program{f: f, spaces: int(inArguments) + len(f.Params) + len(f.Results), arenas: o.Arenas}
	if p.arenas == nil {
		p.arenas = &Arenas{}
	}
	c.place(p)
	if !o.Unfused {
		c.fuse(o.Stored)
	}
	c.finish(p)
	if err := c.checkMemory(p); err != nil {
		return nil, fmt.Errorf("compile %q: %w", f.Name, err)
	}
	return p, nil
}

// place lets a unit write a result where the caller wants it, if it makes nothing else
// of that value; other results are copied there.
func (c *compiler) place(p *Program) {
	made := map[*value]bool{}
	for _, u := range c.units {
		for _, v := range u.writes {
			made[v] = v.space == inArena && v.kind != inMask
		}
	}
	for i, r := range c.f.Results {
		v, shape := c.views[r.Node], r.Node.Shape()
		if made[v.value] && v.value.size == shape.Size() && v.dense(shape) {
			v.value.space = p.resultSpace(i)
			made[v.value] = false
			continue
		}
		out := &value{node: r.Node, kind: v.value.kind, size: shape.Size(), space: p.resultSpace(i)}
		u := &unit{node: r.Node, reads: []*value{v.value}, writes: []*value{out}}
		switch out.kind {
		case inMask:
			u.step = &unmasking{from: c.dense(r.Node, v, shape), to: out}
		case inFloat64:
			u.step = &movement{table: c.table, to: out, pieces: []piece{newPiece(
				view{v.value, 2 * v.offset, []int{1}}, []int{out.words()}, 0, []int{1})}}
		default:
			u.step = &movement{table: c.table, to: out,
				pieces: []piece{newPiece(v, shape, 0, rowMajor(shape))}}
		}
		c.units = append(c.units, u)
	}
}

// resultSpace is the space of a result.
func (p *Program) resultSpace(i int) space { return inArguments + space(len(p.f.Params)+i) }

// finish plans the arena and makes all steps ready to run.
func (c *compiler) finish(p *Program) {
	p.units, p.words = c.units, plan(c.units)
	for _, u := range p.units {
		if u.members != nil {
			s := build(c.table, u.space, u.members)
			p.slots = max(p.slots, len(s.operands)+len(s.temporaries))
			u.step = s
		}
		p.scratch = max(p.scratch, u.step.scratch())
	}
	p.slots = max(p.slots, 2) // a movement's
	p.constants = aligned(len(c.constants))
	copy(unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(p.constants))), len(c.constants)),
		c.constants)
}

// Signature returns the type of the function.
func (p *Program) Signature() *graph.Signature { return p.f.Signature() }

// Run computes the results for arguments in the order of the parameters. Arguments are not
// changed and results share no memory with them.
func (p *Program) Run(args []*tensor.Dense) ([]*tensor.Dense, error) {
	results := p.NewResults()
	if err := p.RunInto(results, args); err != nil {
		return nil, err
	}
	return results, nil
}

// NewResults allocates tensors for RunInto to fill.
func (p *Program) NewResults() []*tensor.Dense {
	results := make([]*tensor.Dense, len(p.f.Results))
	for i, r := range p.f.Results {
		results[i] = newDense(r.Node.DType(), r.Node.Shape())
	}
	return results
}

// RunInto is Run into tensors of the results' types, which must share no memory with each
// other or with the arguments. In the long run it allocates no memory for them or for
// intermediate values.
func (p *Program) RunInto(results, args []*tensor.Dense) error {
	return p.run(results, args, func(m *memory) (*unit, error) {
		for _, u := range p.units {
			if err := u.step.run(m); err != nil {
				return u, err
			}
		}
		return nil, nil
	})
}

// run lets steps be run on memory. They return the unit of an error.
func (p *Program) run(results, args []*tensor.Dense, steps func(*memory) (*unit, error)) error {
	m := p.take()
	defer p.put(m)
	if err := p.bind(m, results, args); err != nil {
		return fmt.Errorf("run %q: %w", p.f.Name, err)
	}
	if u, err := steps(m); err != nil {
		return fmt.Errorf("run %q: %w", p.f.Name, at(u.node, err))
	}
	return nil
}

// take returns memory that no run uses.
func (p *Program) take() *memory {
	m := p.idle()
	if m == nil {
		m = newMemory(p)
	}
	m.use(p.arenas.take(p.words+p.scratch), p.words)
	return m
}

// idle returns memory, without an arena, of a run that is over; nil: there is none.
func (p *Program) idle() *memory {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.memories) - 1
	if last < 0 {
		return nil
	}
	m := p.memories[last]
	p.memories = p.memories[:last]
	return m
}

// put gives memory back after a run.
func (p *Program) put(m *memory) {
	clear(m.base[inArguments:]) // the caller's
	p.arenas.put(m.arena)
	m.use(nil, 0)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.memories = append(p.memories, m)
}
