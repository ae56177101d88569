package meta

import "quickstudy/framework/graph"

// Learner is a meta-learning or multi-task method. S is what it learns (Params,
// or a struct of Params and nodes), C what one episode contributes, each field
// tagged with its Reduction. Every hook is optional; the defaults are gradient
// descent on the loss after adaptation.
type Learner[S, C any] struct {
	Name, Doc string

	// Init makes the state from the model's initial parameters. nil: S is Params
	// and the state is the parameters themselves.
	Init func(m *Model, initial Params) S

	// Adapt is the inner loop. The zero value: none.
	Adapt Adaptation[S]

	// Episode is the map: what an episode contributes. nil: C is GradLoss, the
	// gradient of the weighted query loss after Adapt.
	Episode func(m *Model, s S, ep Episode) C

	// Update makes the next state from the reduced contributions. nil: one step
	// of the experiment's optimizer along GradLoss.Grad.
	Update func(m *Model, s S, c C) S
}

// GradLoss is the contribution of gradient-based methods. Both fields are
// weighted by Episode.Weight, so their sum over a step's episodes is the outer
// loss and its gradient.
type GradLoss struct {
	Grad Params      `reduce:"sum"`
	Loss *graph.Node `reduce:"sum"`
}

// Adaptation is an inner loop: a number of equal steps or a closed form. What
// runs it, and how often in evaluation, is the host's choice.
type Adaptation[S any] struct {
	steps int
	start func(m *Model, s S) Params
	step  func(m *Model, a Params, support Batch) Params
	form  func(m *Model, s S, support Batch) Params
}

// Steps adapts by n steps from the parameters of the state: a ← step(a, support).
// The body is traced once; the host may read every intermediate result and may
// take another number of steps in evaluation.
func Steps(n int, step func(m *Model, a Params, support Batch) Params) Adaptation[Params] {
	return StepsFrom(n, func(_ *Model, s Params) Params { return s }, step)
}

// StepsFrom is Steps from start(s), for states that are more than parameters.
func StepsFrom[S any](n int, start func(m *Model, s S) Params, step func(m *Model, a Params, support Batch) Params) Adaptation[S] {
	return Adaptation[S]{steps: n, start: start, step: step}
}

// ClosedForm adapts in one go.
func ClosedForm[S any](f func(m *Model, s S, support Batch) Params) Adaptation[S] {
	return Adaptation[S]{form: f}
}

// apply traces the whole adaptation.
func (a Adaptation[S]) apply(m *Model, s S, support Batch) Params {
	if a.form != nil {
		return a.form(m, s, support)
	}
	fast := a.start(m, s)
	for range a.steps {
		fast = a.step(m, fast, support)
	}
	return fast
}

func (a Adaptation[S]) none() bool { return a.form == nil && a.step == nil }
