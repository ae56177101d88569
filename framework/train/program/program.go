package program

import (
	"fmt"
	"sync"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/passes"
)

// Program is a compiled function whose arguments and results have names. It may
// be run by several goroutines at once.
type Program struct {
	f               *graph.Func
	executable      executable // of f or of an equal function with other names
	precision       reference.Precision
	params, results []graph.Value
	work            passes.Work
	frames          sync.Pool
}

// frame holds the arguments and results of a run in order.
type frame struct{ args, results []*tensor.Dense }

// executable is a program of either executor.
type executable interface {
	RunInto(results, args []*tensor.Dense) error
}

// Params returns the parameters in order.
func (p *Program) Params() []graph.Value { return p.params }

// Results returns the results in order.
func (p *Program) Results() []graph.Value { return p.results }

// Work returns the arithmetic that the function asks for, however it is executed.
func (p *Program) Work() passes.Work { return p.work }

// Memory returns what a run holds; zeros where that is not planned, as in the reference
// interpreter.
func (p *Program) Memory() exec.Memory {
	if planned, ok := p.executable.(*exec.Program); ok {
		return planned.Memory()
	}
	return exec.Memory{}
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
	oracle, err := reference.Compile(p.f, p.precision)
	if err != nil {
		return "", err
	}
	return oracle.FirstNonFinite(args)
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
			return fmt.Errorf("program %q: no argument for parameter %v", p.f.Name, v)
		}
	}
	return nil
}
