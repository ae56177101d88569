package meta

import (
	"slices"

	"quickstudy/framework/graph"
)

// Optimize takes one step of the experiment's optimizer on p along g. Its slots
// (moments) are parameters and results of the update program named
// slot/<slot>/<address>; its rate and step number are parameters of their own. A
// leaf of the model whose flag present/<address> is false keeps its value and its
// slots bit by bit: absent is not zero. Where the experiment clips gradients, g is
// scaled first.
func (m *Model) Optimize(p, g Params) Params { return m.OptimizeAs("", p, g) }

// OptimizeAs is Optimize for one of several sets that are optimized, each under
// a name of its own: its slots are slot/<slot>/<name>/<address>.
func (m *Model) OptimizeAs(name string, p, g Params) Params {
	return m.optimize(name, p, g, func(l Leaf) *graph.Node {
		if !slices.ContainsFunc(m.spec.Leaves,
			func(v graph.Value) bool { return v.Name == l.Address }) {
			return nil
		}
		return m.t.once(graph.Value{Name: join("present", l.Address), DType: graph.Bool})
	})
}

// OptimizeTasks is OptimizeAs for values of which every task has its own: the leaves are
// [Tasks, ...]. What belongs to a task without an episode in this step keeps its value
// and its slots bit by bit.
func (m *Model) OptimizeTasks(name string, p, g Params) Params {
	if n := p.leading("OptimizeTasks"); p.Len() > 0 && n != m.spec.Tasks {
		graph.Failf("meta.OptimizeTasks", "leading axis of %d, want %d: one for every task", n,
			m.spec.Tasks)
	}
	return m.optimize(name, p, g, func(l Leaf) *graph.Node {
		shape := make(graph.Shape, len(l.Node.Shape()))
		for i := range shape {
			shape[i] = 1
		}
		shape[0] = m.spec.Tasks
		return graph.Broadcast(graph.Reshape(m.Present(), shape...), l.Node.Shape()...)
	})
}

// optimize takes the step; present tells where a leaf is trained, nil: everywhere.
func (m *Model) optimize(name string, p, g Params, present func(l Leaf) *graph.Node) Params {
	switch {
	case m.hook != inUpdate:
		graph.Failf("meta.Optimize", "is for Update only, not for %s", m.hook)
	case m.spec.Optimizer == nil:
		graph.Failf("meta.Optimize", "the experiment has no optimizer block")
	case slices.Contains(m.optimized, name):
		graph.Failf("meta.Optimize", "is called twice for %q; slots belong to one call", name)
	}
	m.optimized = append(m.optimized, name)
	p.zip("Optimize", g, func(x, _ *graph.Node) *graph.Node { return x }) // or a misuse
	if m.spec.Optimizer.ClipNorm > 0 {
		g = g.ScaleBy(m.spec.Optimizer.Clip(g.Norm()))
	}
	rate := m.t.once(graph.Value{Name: "rate", DType: m.spec.dtype()})
	step := m.t.once(graph.Value{Name: "step", DType: m.spec.dtype()})
	names := m.spec.Optimizer.Slots()
	out := p.Leaves()
	for i, l := range p.leaves {
		keep := func(next, _ *graph.Node) *graph.Node { return next }
		if trained := present(l); trained != nil {
			keep = func(next, old *graph.Node) *graph.Node {
				return graph.Select(trained, next, old)
			}
		}
		value := graph.Value{Name: join(name, l.Address), DType: l.Node.DType(),
			Shape: l.Node.Shape()}
		old := make([]*graph.Node, len(names))
		for k, slot := range names {
			old[k] = m.t.param(join("slot", slot), value)
		}
		next, slots := m.spec.Optimizer.Update(l.Node, g.leaves[i].Node, old, rate, step)
		for k, slot := range names {
			path := join(join("slot", slot), value.Name)
			m.slots = append(m.slots, graph.Result{Name: path, Node: keep(slots[k], old[k])})
		}
		out[i].Node = keep(next, l.Node)
	}
	return Params{leaves: out}
}

// TraceUpdate traces the update of a step. The program's parameters are
// state/<path>, contribution/<path> as reduced (Stack and Task with their leading
// axis), what Optimize declares and, if they are used, progress, present [Tasks]
// and weights [Tasks]; its results are state/<path> and the optimizer's new slots.
func TraceUpdate[S, C any](l Learner[S, C], spec Spec) (*graph.Func, error) {
	return l.trace("update", inUpdate, spec, func(t *tracer, m *Model) {
		s := l.state(t, m, "state")
		c, _ := t.reduced(spec, l.structure(spec)).(C)
		update := l.Update
		if update == nil {
			update = descend[S, C]
		}
		next := update(m, s, c)
		sameTree("Update", s, next)
		t.results("state", next)
		t.f.Results = append(t.f.Results, m.slots...)
	})
}

// structure returns a contribution, for its paths and types.
func (l Learner[S, C]) structure(spec Spec) C {
	t := &tracer{}
	return l.episode(t, l.model(t, inEpisode, spec))
}

// descend is the default Update: one optimizer step along GradLoss.Grad.
func descend[S, C any](m *Model, s S, c C) S {
	theta, isParams := any(s).(Params)
	gl, isGradLoss := any(c).(GradLoss)
	if !isParams || !isGradLoss {
		graph.Failf("meta.Learner", "Update is nil, so state and contribution must be meta.Params "+
			"and meta.GradLoss; they are %T and %T", s, c)
	}
	next, _ := any(m.Optimize(theta, gl.Grad)).(S)
	return next
}

// TraceSettle traces the second round, or returns nils when the learner has
// none. The first program is the episode's with before/<path> and after/<path> in
// place of state/<path>; the second has parameters state/<path>, contribution/<path>
// as reduced and, if they are used, progress and present, and results state/<path>.
func TraceSettle[S, C any](l Learner[S, C], spec Spec) (
	after *graph.Func, reduced []Reduced, settle *graph.Func, err error) {
	if l.Settle.after == nil {
		return nil, nil, nil, nil
	}
	var d any
	after, err = l.trace("after", inAfter, spec, func(t *tracer, m *Model) {
		before := l.state(t, m, "before")
		now := l.state(t, m, "after")
		d = l.Settle.after(m, before, now, t.look(m))
		reduced = t.contribution(l.Name, d)
	})
	if err != nil {
		return nil, nil, nil, err
	}
	settle, err = l.trace("settle", inSettle, spec, func(t *tracer, m *Model) {
		s := l.state(t, m, "state")
		next := l.Settle.settle(m, s, t.reduced(spec, d))
		sameTree("settle", s, next)
		t.results("state", next)
	})
	return after, reduced, settle, err
}
