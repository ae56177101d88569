package meta

import (
	"context"
	"fmt"
	"math"
	"reflect"

	"quickstudy/framework/graph"
)

// Weighing is what a solver of task weights sees of a step. A task that had no
// episode has a row of zeros and a loss of 0.
type Weighing struct {
	Gram    [][]float64 // [T][T] inner products of the tasks' gradients
	Losses  []float64   // [T]
	Present []bool      // [T]
	Last    []float64   // [T] weights of the step before; nil at the first step
	Step    int64       // counts from 0
	Seed    uint64      // of the solver's random choices in this step
}

// Check reports what is wrong with a solver's answer, or nil.
func (w Weighing) Check(weights []float64) error {
	if len(weights) != len(w.Losses) {
		return fmt.Errorf("%d weights, want %d: one for every task", len(weights), len(w.Losses))
	}
	for i, x := range weights {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("the weight of task %d is %v, want a number", i, x)
		}
	}
	return nil
}

// TraceWeighing traces what Weigh is told, or returns nil when the learner has no
// Weigh. The program's parameters are those contribution/<path> that it needs, as
// reduced; its results are gram [T, T] and losses [T].
func TraceWeighing[S, C any](l Learner[S, C], spec Spec) (*graph.Func, error) {
	if l.Weigh == nil {
		return nil, nil
	}
	return l.trace("weighing", inUpdate, spec, func(t *tracer, _ *Model) {
		var grads *Params
		var losses *graph.Node
		structure := reflect.ValueOf(l.structure(spec))
		mapValue(structure, "", "", func(path string, r Reduction, field any) any {
			switch field := field.(type) {
			case Params:
				if r == Task && grads == nil {
					p, _ := t.tree(join("contribution", path), stacked(field, spec.Tasks)).(Params)
					grads = &p
				}
			case *graph.Node:
				if r == Task && losses == nil && len(field.Shape()) == 0 {
					losses = t.param("contribution", Reduced{
						graph.Value{Name: path, DType: field.DType()}, Task}.Over(spec))
				}
			}
			return field
		})
		if grads == nil || grads.Len() == 0 || losses == nil {
			graph.Failf("meta.Learner", "%s: Weigh needs a contribution with parameters and a scalar "+
				"that have the tag `reduce:%q`: the tasks' gradients and losses", l.Name, Task)
		}
		t.f.Results = []graph.Result{{Name: "gram", Node: grads.Gram()},
			{Name: "losses", Node: losses}}
	})
}

// stacked gives every leaf a leading axis.
func stacked(p Params, n int) Params {
	return p.Map(func(x *graph.Node) *graph.Node {
		return graph.Const(x.DType(), append(graph.Shape{n}, x.Shape()...), []float64{0})
	})
}

// weigh calls the solver of a learner in this process.
func weigh(solve func(Weighing) []float64) func(context.Context, Weighing) ([]float64, error) {
	return func(_ context.Context, w Weighing) ([]float64, error) {
		weights := solve(w)
		return weights, w.Check(weights)
	}
}
