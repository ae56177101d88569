package meta

import (
	"fmt"

	"quickstudy/framework/graph"
)

// AdaptProgram is a traced inner loop. No path of fast/ means anything to the
// host: it passes what one program returns to the next.
//
//	Start   state/<path>, episodic/<address> → fast/<path>; a closed form and StepsOn
//	        read support/<tensor> and key too
//	Step    fast/<path>, support/<tensor>, key, k → fast/<path>, taken Count times
//	        or as often as the host likes; k (Int32 scalar) counts from 0
//	Finish  fast/<path> → leaf/<address> of every leaf of the spec
//
// Step and Finish may read state/<path> and episodic/<address> as well, Start and
// Step the scalar progress. Each has as parameters what it needs of these.
type AdaptProgram struct {
	Start  *graph.Func
	Step   *graph.Func // nil: closed form
	Finish *graph.Func
	Count  int
}

// TraceAdapt traces the adaptation of a learner, or returns nil when it has none.
func TraceAdapt[S, C any](l Learner[S, C], spec Spec) (*AdaptProgram, error) {
	if l.Adapt.none() {
		return nil, nil
	}
	p := &AdaptProgram{Count: l.Adapt.count}
	var fast any
	var err error
	if p.Start, err = l.trace("start", inStart, spec, func(t *tracer, m *Model) {
		s := l.state(t, m, "state")
		m.episodic = t.params("episodic", spec.Episodic)
		var support Batch
		if l.Adapt.form != nil || l.Adapt.reads {
			support = t.batch("support", spec.Support)
			m.key = t.param("", keyValue)
		}
		if l.Adapt.form == nil {
			fast = l.Adapt.start(m, s, support)
		} else {
			fast = l.Adapt.form(m, s, support)
		}
		m.fill("meta.Adaptation", parameters(fast))
		t.results("fast", fast)
		t.prune()
	}); err != nil {
		return nil, err
	}
	if l.Adapt.form == nil {
		if p.Step, err = l.trace("step", inStep, spec, func(t *tracer, m *Model) {
			a := t.tree("fast", fast)
			l.state(t, m, "state")
			m.episodic = t.params("episodic", spec.Episodic)
			support := t.batch("support", spec.Support)
			m.key = t.param("", keyValue)
			next := l.Adapt.step(m, a, support,
				t.param("", graph.Value{Name: "k", DType: graph.Int32}))
			sameTree("the step of Adapt", a, next)
			t.results("fast", next)
			t.prune()
		}); err != nil {
			return nil, err
		}
	}
	p.Finish, err = l.trace("finish", inStep, spec, func(t *tracer, m *Model) {
		a := t.tree("fast", fast)
		l.state(t, m, "state")
		m.episodic = t.params("episodic", spec.Episodic)
		t.results("leaf", m.fill("meta.Adaptation", parameters(a)))
		t.prune()
	})
	return p, err
}

// TraceParameters traces the parameters in a state: what a model predicts with
// that does not adapt. The program's parameters are state/<path> and
// episodic/<address>, its results leaf/<address> of every leaf of the spec.
func TraceParameters[S, C any](l Learner[S, C], spec Spec) (*graph.Func, error) {
	return l.trace("parameters", inInit, spec, func(t *tracer, m *Model) {
		l.state(t, m, "state")
		m.episodic = t.params("episodic", spec.Episodic)
		t.results("leaf", m.fill("meta.Learner", m.base))
		t.prune()
	})
}

// sameTree refuses a value that does not have the paths and types of another.
func sameTree(what string, want, got any) {
	values := func(v any) (list []graph.Value) {
		mapTree(v, func(path string, _ Reduction, n *graph.Node) *graph.Node {
			list = append(list, graph.Value{Name: path, DType: n.DType(), Shape: n.Shape()})
			return n
		})
		return list
	}
	w, g := values(want), values(got)
	for i := range min(len(w), len(g)) {
		if w[i].Name != g[i].Name || w[i].DType != g[i].DType || !w[i].Shape.Equal(g[i].Shape) {
			graph.Failf("meta", "%s gives %v, want %v as it was given", what, g[i], w[i])
		}
	}
	if len(w) != len(g) {
		graph.Failf("meta", "%s gives %d values, want %d as it was given", what, len(g), len(w))
	}
}

func wrap(learner string, err error) error {
	if err != nil {
		return fmt.Errorf("learner %q: %w", learner, err)
	}
	return nil
}
