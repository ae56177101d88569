package meta

import "quickstudy/framework/graph"

// Learner is a meta-learning or multi-task method. S is what it learns (Params,
// or a struct of Params and nodes), C what one episode contributes, each field
// tagged with its Reduction. Every hook is optional; the defaults are gradient
// descent on the loss after adaptation.
//
// The model's parameters in a state are its first field of type Params, or the
// state itself if it is Params. Every other field must have the same shape
// whatever the model's leaves are, or be a Params with an entry for each: a task's
// programs are traced with its own leaves, the update with those of all tasks.
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

	// Weigh chooses the tasks' weights from their gradients' inner products, once
	// a step; Update reads them by Model.Weights. It is ordinary code, not traced, and a
	// pure function: what it must remember of earlier steps is in Weighing.Memory.
	// C needs a Params and a node tagged `reduce:"task"`: gradient and loss.
	Weigh func(w Weighing) (Weighed, error)

	// Update makes the next state from the reduced contributions. nil: one step
	// of the experiment's optimizer along GradLoss.Grad.
	Update func(m *Model, s S, c C) S

	// Settle is a second look at the step's episodes after the update. The zero
	// value: none.
	Settle Settlement[S]
}

// GradLoss is the contribution of gradient-based methods. Both fields are
// weighted by Episode.Weight, so their sum over a step's episodes is the outer
// loss and its gradient.
type GradLoss struct {
	Grad Params      `reduce:"sum"`
	Loss *graph.Node `reduce:"sum"`
}

// Settlement is a second round of map and reduce after the update.
type Settlement[S any] struct {
	after  func(m *Model, before, after S, ep Episode) any
	settle func(m *Model, s S, d any) S
}

// Settle looks at every episode of a step once more: after sees the states before
// and after the update and contributes a D, its fields tagged like those of a
// contribution; settle makes the final state of the step from the updated one and
// the reduced D.
func Settle[S, D any](after func(m *Model, before, after S, ep Episode) D,
	settle func(m *Model, s S, d D) S) Settlement[S] {
	return Settlement[S]{
		after:  func(m *Model, b, a S, ep Episode) any { return after(m, b, a, ep) },
		settle: func(m *Model, s S, d any) S { return settle(m, s, d.(D)) },
	}
}

// Adaptation is an inner loop: a number of equal steps or a closed form. What
// runs it, and how often in evaluation, is the host's choice.
type Adaptation[S any] struct {
	count int
	hold  int  // the steps before this one are held constant in derivatives
	reads bool // the start sees the support
	start func(m *Model, s S, support Batch) any
	step  func(m *Model, a any, support Batch, k *graph.Node) any
	form  func(m *Model, s S, support Batch) Params
}

// Steps adapts the parameters, those of the episode included, by n steps:
// a ← step(a, support, k), where k (Int32 scalar) counts from 0. The body is
// traced once; the host may read every intermediate result and may take another
// number of steps in evaluation, more than n as well.
func Steps(n int,
	step func(m *Model, a Params, support Batch, k *graph.Node) Params) Adaptation[Params] {
	return StepsFrom(n, (*Model).Fast, step)
}

// StepsFrom is Steps from start(s), for states that are more than parameters and
// for loops that carry more, such as the slots of an inner optimizer. A is Params
// or a struct of Params and nodes. The parameters in it are its first field of
// type Params, or A itself; leaves that they lack keep the state's values.
func StepsFrom[S, A any](n int, start func(m *Model, s S) A,
	step func(m *Model, a A, support Batch, k *graph.Node) A) Adaptation[S] {
	a := StepsOn(n, func(m *Model, s S, _ Batch) A { return start(m, s) }, step)
	a.reads = false
	return a
}

// StepsOn is StepsFrom for loops that start from what they see of the support.
func StepsOn[S, A any](n int, start func(m *Model, s S, support Batch) A,
	step func(m *Model, a A, support Batch, k *graph.Node) A) Adaptation[S] {
	return Adaptation[S]{
		count: n, reads: true,
		start: func(m *Model, s S, support Batch) any { return start(m, s, support) },
		step: func(m *Model, a any, support Batch, k *graph.Node) any {
			return step(m, a.(A), support, k)
		},
	}
}

// ClosedForm adapts in one go. Leaves that f does not return keep the state's
// values.
func ClosedForm[S any](f func(m *Model, s S, support Batch) Params) Adaptation[S] {
	return Adaptation[S]{form: f}
}

// Run traces the whole adaptation and returns all leaves of the model after it,
// those of the episode included. It is for the Episode hook.
func (a Adaptation[S]) Run(m *Model, s S, support Batch) Params {
	all := a.Trajectory(m, s, support)
	return all[len(all)-1]
}

// Trajectory is Run that also returns the leaves before every step: n+1 sets, or
// for a closed form two.
func (a Adaptation[S]) Trajectory(m *Model, s S, support Batch) []Params {
	outer := m.base
	m.base = parameters(s)
	defer func() { m.base = outer }()
	all := []Params{m.fill("meta.Adaptation", m.Fast(m.base))}
	switch {
	case a.form != nil:
		all = append(all, m.fill("meta.Adaptation", a.form(m, s, support)))
	case a.step != nil:
		fast := m.edge(a.start(m, s, support))
		for k := range a.count {
			if a.hold > 0 && k == a.hold {
				fast = m.held(fast, all[0])
			}
			fast = m.edge(a.step(m, fast, support, graph.Scalar(graph.Int32, float64(k))))
			all = append(all, m.fill("meta.Adaptation", parameters(fast)))
		}
		if a.hold > 0 && a.hold == a.count {
			all[a.count] = m.held(all[a.count], all[0]).(Params)
		}
	}
	return all
}

func (a Adaptation[S]) none() bool { return a.form == nil && a.step == nil }
