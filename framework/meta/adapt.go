package meta

import (
	"fmt"

	"quickstudy/framework/graph"
)

// AdaptProgram is a traced inner loop. Start gives fast/<address> from
// state/<path>; Step gives the next fast/<address> from fast/<address>,
// support/<tensor> and key, and is taken Count times, by default. For a closed
// form Count is 0 and Start takes the support and key too and gives the result.
type AdaptProgram struct {
	Start *graph.Func
	Step  *graph.Func // nil: closed form
	Count int
}

// TraceAdapt traces the adaptation of a learner, or returns nil when it has none.
func TraceAdapt[S, C any](l Learner[S, C], spec Spec) (*AdaptProgram, error) {
	if l.Adapt.none() {
		return nil, nil
	}
	var fast Params
	start, err := graph.Trace(l.Name+".start", func() *graph.Func {
		t, m := &tracer{}, &Model{spec: spec}
		s := l.state(t, m)
		if l.Adapt.form == nil {
			fast = l.Adapt.start(m, s)
		} else {
			support := t.batch("support", spec.Support)
			m.key = t.param("", keyValue)
			fast = l.Adapt.form(m, s, support)
		}
		t.results(fast)
		return &t.f
	})
	if err != nil || l.Adapt.form != nil {
		return &AdaptProgram{Start: start}, wrap(l.Name, err)
	}
	step, err := graph.Trace(l.Name+".step", func() *graph.Func {
		t, m := &tracer{}, &Model{spec: spec}
		a := fast.mapLeaves(func(leaf Leaf) *graph.Node {
			return t.param("fast", graph.Value{Name: leaf.Address, DType: leaf.Node.DType(), Shape: leaf.Node.Shape()})
		})
		support := t.batch("support", spec.Support)
		m.key = t.param("", keyValue)
		next := l.Adapt.step(m, a, support)
		a.zip("step", next, func(_, x *graph.Node) *graph.Node { return x }) // same leaves, or a misuse
		t.results(next)
		return &t.f
	})
	return &AdaptProgram{Start: start, Step: step, Count: l.Adapt.steps}, wrap(l.Name, err)
}

func (t *tracer) results(fast Params) {
	for _, l := range fast.leaves {
		t.f.Results = append(t.f.Results, graph.Result{Name: join("fast", l.Address), Node: l.Node})
	}
}

func wrap(learner string, err error) error {
	if err != nil {
		return fmt.Errorf("learner %q: %w", learner, err)
	}
	return nil
}
