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
	Memory  []float64   // what the answer of the step before asked to keep
	Step    int64       // counts from 0
	Seed    uint64      // of the solver's random choices in this step
}

// Weighed is a solver's answer.
type Weighed struct {
	Weights []float64 // [T]
	// Memory is told to the solver in the next step, which it is a function of
	// otherwise: targets, moving averages, the losses of the first step. It is part of
	// a checkpoint.
	Memory []float64
}

// MaxMemory is how many numbers a solver may keep.
const MaxMemory = 1 << 16

// Check reports what is wrong with a solver's answer, or nil.
func (w Weighing) Check(answer Weighed) error {
	if got, want := len(answer.Weights), len(w.Losses); got != want {
		return fmt.Errorf("%d weights, want %d: one for every task", got, want)
	}
	for i, x := range answer.Weights {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("the weight of task %d is %v, want a number", i, x)
		}
	}
	if n := len(answer.Memory); n > MaxMemory {
		return fmt.Errorf("%d numbers to keep, want at most %d", n, MaxMemory)
	}
	for i, x := range answer.Memory {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("number %d to keep is %v", i, x)
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
func weigh(solve func(Weighing) (Weighed, error)) func(context.Context, Weighing) (Weighed, error) {
	return func(_ context.Context, w Weighing) (Weighed, error) {
		answer, err := solve(w)
		if err != nil {
			return Weighed{}, err
		}
		return answer, w.Check(answer)
	}
}
