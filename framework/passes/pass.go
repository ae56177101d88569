package passes

import (
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/graph"
)

// A Pass is one step of the way from a traced function to one that an executor takes. It
// returns a function that computes the same values, to the last bit.
type Pass struct {
	Name, Doc string
	// After is what must have run before, each with the reason.
	After []Order
	// Needed: executors take nothing that has not been through it, so that it cannot be
	// left out.
	Needed bool
	// Asked: it runs only where Options.With names it.
	Asked bool

	run func(f *graph.Func, bodies map[string]Body) (*graph.Func, error)
}

// Order names a pass that comes before another one.
type Order struct{ Pass, Reason string }

// All returns the passes in the order in which they run.
func All() []Pass {
	return []Pass{
		{
			Name: "link", Doc: "calls are replaced by the bodies of what they call",
			Needed: true,
			run:    link,
		},
		{
			Name: "grad", Doc: "derivatives are replaced by what computes them",
			After: []Order{
				{"link", "a derivative cannot look into a call"},
			},
			Needed: true,
			run: func(f *graph.Func, _ map[string]Body) (*graph.Func, error) {
				return graph.ExpandGrads(f)
			},
		},
		{
			Name: "cse", Doc: "equal nodes are merged",
			After: []Order{
				{"link", "equal nodes may be in different bodies"},
				{"grad", "a derivative is one with respect to a node and to no equal one"},
			},
			run: func(f *graph.Func, _ map[string]Body) (*graph.Func, error) { return CSE(f), nil },
		},
		{
			Name: "recompute", Doc: "steps of an inner loop are computed again for their derivative",
			After: []Order{
				{"grad", "it is for what a derivative needs"},
				{"cse", "what several steps have in common is kept, and not computed in each"},
			},
			Asked: true,
			run: func(f *graph.Func, _ map[string]Body) (*graph.Func, error) {
				return Recompute(f)
			},
		},
	}
}

// Names lists the passes in the order in which they run.
func Names() []string {
	var names []string
	for _, p := range All() {
		names = append(names, p.Name)
	}
	return names
}

// Options say which passes run. The zero value is what programs are made by.
type Options struct {
	// Without names passes that are left out, to find the one that is at fault.
	Without []string
	// With names passes that run only where they are asked for.
	With []string
	// Until names the last pass that runs; "": all run.
	Until string
}

// Check reports a pass that there is not, or that cannot be left out.
func (o Options) Check() error {
	all := All()
	find := func(name string) (Pass, error) {
		i := slices.IndexFunc(all, func(p Pass) bool { return p.Name == name })
		if i < 0 {
			return Pass{}, fmt.Errorf("there is no pass %q; there are %s", name,
				strings.Join(Names(), ", "))
		}
		return all[i], nil
	}
	for _, name := range o.With {
		p, err := find(name)
		if err != nil {
			return err
		}
		if !p.Asked {
			return fmt.Errorf("pass %q runs without being asked for", name)
		}
	}
	for _, name := range o.Without {
		p, err := find(name)
		if err != nil {
			return err
		}
		if p.Needed {
			return fmt.Errorf("pass %q cannot be left out: nothing can be executed without it", name)
		}
		if name == o.Until {
			return fmt.Errorf("pass %q is to be the last one and to be left out", name)
		}
	}
	if o.Until != "" {
		_, err := find(o.Until)
		return err
	}
	return nil
}

// Run takes a function, which is verified, through the passes, and verifies what each of
// them gives. The bodies are those of the functions that it calls, by name.
func Run(f *graph.Func, bodies map[string]Body, o Options) (*graph.Func, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if err := graph.Verify(f); err != nil {
		return nil, err
	}
	for _, p := range All() {
		if slices.Contains(o.Without, p.Name) || p.Asked && !slices.Contains(o.With, p.Name) {
			continue
		}
		next, err := p.apply(f, bodies)
		if err != nil {
			return nil, err
		}
		if f = next; p.Name == o.Until {
			break
		}
	}
	return f, nil
}

// apply runs one pass and verifies what it gives.
func (p Pass) apply(f *graph.Func, bodies map[string]Body) (*graph.Func, error) {
	g, err := p.run(f, bodies)
	if err != nil {
		return nil, err
	}
	if err := graph.Verify(g); err != nil {
		return nil, fmt.Errorf("pass %q makes an invalid program of %q: %w", p.Name, f.Name, err)
	}
	return g, nil
}
