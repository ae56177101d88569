package program

import (
	"fmt"
	"sync"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
	"quickstudy/framework/passes"
)

// Program is a compiled function whose arguments and results have names. It may
// be run by several goroutines at once.
type Program struct {
	executable      executable
	params, results []graph.Value
	work            passes.Work
	precision       reference.Precision
	frames          sync.Pool
}

// frame holds the arguments and results of a run in order.
type frame struct{ args, results []*tensor.Dense }

// executable is a program of either executor.
type executable interface {
	Signature() *graph.Signature
	RunInto(results, args []*tensor.Dense) error
	FirstNonFinite(args []*tensor.Dense) (string, error)
}

// compile makes a program for the executor that the configuration asks for.
func (c *Config) compile(f *graph.Func) (*Program, error) {
	var p executable
	var err error
	if c.interpreted() {
		p, err = interpret(f, c.Precision)
	} else {
		p, err = exec.Compile(f, exec.Options{ISA: kernel.Best()})
	}
	if err != nil {
		return nil, err
	}
	s := p.Signature()
	return &Program{executable: p, params: s.Params, results: s.Results,
		work: passes.WorkOf(f), precision: c.Precision}, nil
}

// interpreted is a program of the reference interpreter.
type interpreted struct{ *reference.Program }

func interpret(f *graph.Func, precision reference.Precision) (interpreted, error) {
	p, err := reference.Compile(f, precision)
	return interpreted{p}, err
}

// RunInto is Run, and copies the results.
func (p interpreted) RunInto(results, args []*tensor.Dense) error {
	made, err := p.Run(args)
	for i, x := range made {
		Copy(results[i], x)
	}
	return err
}

func (c *Config) interpreted() bool { return c.Interpret || c.Precision == reference.Double }

// Params returns the parameters in order.
func (p *Program) Params() []graph.Value { return p.params }

// Results returns the results in order.
func (p *Program) Results() []graph.Value { return p.results }

// Work returns the arithmetic that the function asks for, however it is executed.
func (p *Program) Work() passes.Work { return p.work }

// Arena returns how many bytes of memory a run holds for intermediate values; 0 where they
// are not planned, as in the reference interpreter.
func (p *Program) Arena() int64 {
	if planned, ok := p.executable.(*exec.Program); ok {
		return planned.Arena()
	}
	return 0
}

// Run computes the results. Each parameter is looked for in the given sets, first
// to last; what no parameter asks for is ignored.
func (p *Program) Run(sets ...Values) (Values, error) {
	var none Spare
	return p.RunWith(&none, sets...)
}

// RunWith is Run into spare tensors, as far as there are any.
func (p *Program) RunWith(spare *Spare, sets ...Values) (Values, error) {
	f, ok := p.frames.Get().(*frame)
	if !ok {
		f = &frame{make([]*tensor.Dense, len(p.params)), make([]*tensor.Dense, len(p.results))}
	}
	defer func() {
		clear(f.args)
		clear(f.results)
		p.frames.Put(f)
	}()
	if err := p.find(f.args, sets); err != nil {
		return nil, err
	}
	for i, r := range p.results {
		f.results[i] = spare.Get(r, p.precision)
	}
	if err := p.executable.RunInto(f.results, f.args); err != nil {
		return nil, err
	}
	named := spare.Set()
	for i, r := range p.results {
		named[r.Name] = f.results[i]
	}
	return named, nil
}

// Costs returns what the parts of the program take, in the order of their execution; nil
// for the reference interpreter, which has none.
func (p *Program) Costs() []exec.Cost {
	if planned, ok := p.executable.(*exec.Program); ok {
		return planned.Costs()
	}
	return nil
}

// Profile runs the program, as Run does, and adds the time of every part to costs, which
// Costs returned.
func (p *Program) Profile(costs []exec.Cost, sets ...Values) error {
	planned, ok := p.executable.(*exec.Program)
	if !ok {
		return nil
	}
	args, err := p.arguments(sets)
	if err != nil {
		return err
	}
	return planned.Profile(planned.NewResults(), args, costs)
}

// FirstNonFinite describes the first node, in the order of execution, that is NaN
// or infinite for the same arguments; "" when none is.
func (p *Program) FirstNonFinite(sets ...Values) (string, error) {
	args, err := p.arguments(sets)
	if err != nil {
		return "", err
	}
	return p.executable.FirstNonFinite(args)
}

func (p *Program) arguments(sets []Values) ([]*tensor.Dense, error) {
	args := make([]*tensor.Dense, len(p.params))
	return args, p.find(args, sets)
}

// find looks for the parameters in the sets.
func (p *Program) find(args []*tensor.Dense, sets []Values) error {
	for i, v := range p.params {
		for _, set := range sets {
			if args[i] = set[v.Name]; args[i] != nil {
				break
			}
		}
		if args[i] == nil {
			return fmt.Errorf("program %q: no argument for parameter %v",
				p.executable.Signature().Name, v)
		}
	}
	return nil
}
