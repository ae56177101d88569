package meta

import (
	"fmt"

	"quickstudy/framework/graph"
)

// optimization is what Model.Optimize declares while Update is traced.
type optimization struct {
	t          *tracer
	rate, step *graph.Node
	slots      []graph.Result // new values, in the order of declaration
}

// Optimize takes one step of the experiment's optimizer on p along g. Its slots
// (moments) are parameters and results of the update program named
// slot/<slot>/<address>; its rate and step number are parameters of their own. A
// leaf whose flag present/<address> is false keeps its value and its slots bit by
// bit: absent is not zero. It may be called once.
func (m *Model) Optimize(p, g Params) Params {
	o := m.optimize
	switch {
	case o == nil:
		graph.Failf("meta.Optimize", "is for Update only")
	case m.spec.Optimizer == nil:
		graph.Failf("meta.Optimize", "the experiment has no optimizer block")
	case o.rate != nil:
		graph.Failf("meta.Optimize", "is called twice; slots belong to one call")
	}
	scalar := graph.Value{Name: "rate", DType: m.spec.dtype()}
	o.rate = o.t.param("", scalar)
	scalar.Name = "step"
	o.step = o.t.param("", scalar)
	names := m.spec.Optimizer.Slots()
	grads := g.Leaves()
	i := 0
	p.zip("Optimize", g, func(x, dx *graph.Node) *graph.Node { return x }) // same addresses, or a misuse
	return p.mapLeaves(func(l Leaf) *graph.Node {
		value := graph.Value{Name: l.Address, DType: l.Node.DType(), Shape: l.Node.Shape()}
		present := o.t.param("present", graph.Value{Name: l.Address, DType: graph.Bool})
		old := make([]*graph.Node, len(names))
		for k, name := range names {
			old[k] = o.t.param(join("slot", name), value)
		}
		next, slots := m.spec.Optimizer.Update(l.Node, grads[i].Node, old, o.rate, o.step)
		i++
		for k, name := range names {
			o.slots = append(o.slots, graph.Result{
				Name: join(join("slot", name), l.Address), Node: graph.Select(present, slots[k], old[k]),
			})
		}
		return graph.Select(present, next, l.Node)
	})
}

func (p Params) mapLeaves(f func(l Leaf) *graph.Node) Params {
	out := p.Leaves()
	for i, l := range p.leaves {
		out[i].Node = f(l)
	}
	return Params{leaves: out}
}

// TraceUpdate traces the update of a step. The program's parameters are state/<path>, contribution/<path> as
// reduced (Stack and Task with their leading axis) and what Optimize declares;
// its results are state/<path> and the optimizer's new slots.
func TraceUpdate[S, C any](l Learner[S, C], spec Spec) (*graph.Func, error) {
	f, err := graph.Trace(l.Name+".update", func() *graph.Func {
		c := l.episode(&tracer{}, spec) // for its structure
		t := &tracer{}
		m := &Model{spec: spec, optimize: &optimization{t: t}}
		s := l.state(t, m)
		c = mapNodes(c, func(path string, r Reduction, n *graph.Node) *graph.Node {
			v := graph.Value{Name: path, DType: n.DType(), Shape: n.Shape()}
			switch r {
			case Stack:
				v.Shape = append(graph.Shape{spec.Episodes}, v.Shape...)
			case Task:
				v.Shape = append(graph.Shape{spec.Tasks}, v.Shape...)
			}
			return t.param("contribution", v)
		})
		update := l.Update
		if update == nil {
			update = descend[S, C]
		}
		mapNodes(update(m, s, c), func(path string, _ Reduction, n *graph.Node) *graph.Node {
			t.f.Results = append(t.f.Results, graph.Result{Name: join("state", path), Node: n})
			return n
		})
		t.f.Results = append(t.f.Results, m.optimize.slots...)
		return &t.f
	})
	if err != nil {
		return nil, fmt.Errorf("learner %q: %w", l.Name, err)
	}
	return f, nil
}

// descend is the default Update: one optimizer step along GradLoss.Grad.
func descend[S, C any](m *Model, s S, c C) S {
	theta, isParams := any(s).(Params)
	gl, isGradLoss := any(c).(GradLoss)
	if !isParams || !isGradLoss {
		graph.Failf("meta.Learner", "Update is nil, so state and contribution must be meta.Params and meta.GradLoss; they are %T and %T", s, c)
	}
	next, _ := any(m.Optimize(theta, gl.Grad)).(S)
	return next
}
