package program

import (
	"fmt"

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
}

// executable is a program of either executor.
type executable interface {
	Signature() *graph.Signature
	Run(args []*tensor.Dense) ([]*tensor.Dense, error)
	FirstNonFinite(args []*tensor.Dense) (string, error)
}

// compile makes a program for the executor that the configuration asks for.
func (c *Config) compile(f *graph.Func) (*Program, error) {
	var p executable
	var err error
	if c.interpreted() {
		p, err = reference.Compile(f, c.Precision)
	} else {
		p, err = exec.Compile(f, exec.Options{ISA: kernel.Best()})
	}
	if err != nil {
		return nil, err
	}
	s := p.Signature()
	return &Program{executable: p, params: s.Params, results: s.Results,
		work: passes.WorkOf(f)}, nil
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
	args, err := p.arguments(sets)
	if err != nil {
		return nil, err
	}
	out, err := p.executable.Run(args)
	if err != nil {
		return nil, err
	}
	named := make(Values, len(out))
	for i, r := range p.results {
		named[r.Name] = out[i]
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
	for i, v := range p.params {
		for _, set := range sets {
			if args[i] = set[v.Name]; args[i] != nil {
				break
			}
		}
		if args[i] == nil {
			return nil, fmt.Errorf("program %q: no argument for parameter %v",
				p.executable.Signature().Name, v)
		}
	}
	return args, nil
}
