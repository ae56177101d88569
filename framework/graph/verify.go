package graph

import (
	"errors"
	"fmt"
)

// Verify checks a function against the table: every node's type is what its
// operation infers from its operands, every parameter is declared once, names
// are unique, and nothing refers to a parameter of another function. It is run
// on everything that crosses a boundary.
func Verify(f *Func) error {
	if f == nil {
		return errors.New("no function")
	}
	if len(f.Results) == 0 {
		return fmt.Errorf("function %q has no results", f.Name)
	}
	declared := make(map[*Node]bool, len(f.Params))
	names := map[string]bool{}
	for i, p := range f.Params {
		switch {
		case p == nil || p.op != OpParameter:
			return fmt.Errorf("function %q: parameter %d is not a parameter node", f.Name, i)
		case declared[p]:
			return fmt.Errorf("function %q: parameter %q is listed twice", f.Name, p.attrs.Name)
		case names[p.attrs.Name]:
			return fmt.Errorf("function %q: two parameters are called %q", f.Name, p.attrs.Name)
		}
		declared[p], names[p.attrs.Name] = true, true
	}
	clear(names)
	for i, r := range f.Results {
		switch {
		case r.Node == nil:
			return fmt.Errorf("function %q: result %q is nil", f.Name, r.Name)
		case r.Name == "" || names[r.Name]:
			return fmt.Errorf("function %q: result %d is called %q, want a name of its own", f.Name, i,
				r.Name)
		case r.Node.op == OpCall:
			return fmt.Errorf("function %q: result %q is a call; only its results have values", f.Name,
				r.Name)
		}
		names[r.Name] = true
	}
	for _, n := range f.Nodes() {
		if !n.op.Valid() {
			return fmt.Errorf("function %q: unknown operation %d", f.Name, n.op)
		}
		if n.op == OpParameter && !declared[n] {
			return fmt.Errorf("function %q: uses parameter %q, which is not its own", f.Name, n.attrs.Name)
		}
		dtype, shape, err := infer(n)
		if err != nil {
			return fmt.Errorf("function %q: %w", f.Name, n.errorf("%v", err))
		}
		if dtype != n.dtype || !shape.Equal(n.shape) {
			return fmt.Errorf("function %q: %w", f.Name,
				n.errorf("states type %v%v, the operation gives %v%v", n.dtype, n.shape, dtype, shape))
		}
	}
	return nil
}
