package program

import (
	"fmt"

	"gorgonia.org/tensor"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
)

// Program is a compiled function whose arguments and results have names. It may
// be run by several goroutines at once.
type Program struct {
	exec            *reference.Program
	params, results []graph.Value
}

func compile(f *graph.Func, precision reference.Precision) (*Program, error) {
	p, err := reference.Compile(f, precision)
	if err != nil {
		return nil, err
	}
	s := p.Signature()
	return &Program{exec: p, params: s.Params, results: s.Results}, nil
}

// Params returns the parameters in order.
func (p *Program) Params() []graph.Value { return p.params }

// Results returns the results in order.
func (p *Program) Results() []graph.Value { return p.results }

// Run computes the results. Each parameter is looked for in the given sets, first
// to last; what no parameter asks for is ignored.
func (p *Program) Run(sets ...Values) (Values, error) {
	args, err := p.arguments(sets)
	if err != nil {
		return nil, err
	}
	out, err := p.exec.Run(args)
	if err != nil {
		return nil, err
	}
	named := make(Values, len(out))
	for i, r := range p.results {
		named[r.Name] = out[i]
	}
	return named, nil
}

// FirstNonFinite describes the first node, in the order of execution, that is NaN
// or infinite for the same arguments; "" when none is.
func (p *Program) FirstNonFinite(sets ...Values) (string, error) {
	args, err := p.arguments(sets)
	if err != nil {
		return "", err
	}
	return p.exec.FirstNonFinite(args)
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
				p.exec.Signature().Name, v)
		}
	}
	return args, nil
}
