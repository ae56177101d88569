package meta

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/optim"
	"quickstudy/framework/schema"
)

// Descent is the inner loop of learners that adapt by steps of an optimizer along the
// gradient of the support's loss. Its fields are attributes: a configuration that embeds
// it has them as its own.
//
//	a ← U(a, ∇L(a)),  inner_steps times
type Descent struct {
	InnerSteps     int             `config:"inner_steps" doc:"gradient steps on the support" unit:"steps" min:"0" max:"65536"`
	InnerLR        schema.Schedule `config:"inner_lr" doc:"rate of an inner step, α" min:">0"`
	InnerOptimizer string          `config:"inner_optimizer" doc:"takes the inner steps, with fresh slots in every episode" oneof:"sgd,momentum,adam"`
	InnerMomentum  float64         `config:"inner_momentum" doc:"momentum: share of the velocity that is kept" min:"0" max:"<1"`
	InnerBeta1     float64         `config:"inner_beta1" doc:"adam: decay of the first moment" min:"0" max:"<1"`
	InnerBeta2     float64         `config:"inner_beta2" doc:"adam: decay of the second moment" min:"0" max:"<1"`
	InnerClipNorm  float64         `config:"inner_clip_norm" doc:"largest norm of an inner step's gradient; 0 is any" min:"0"`
	Adapt          []string        `config:"adapt" doc:"patterns of the leaves that adapt" example:"[\"heads/**\"]"`
}

// NewDescent returns steps of plain descent that adapt every leaf.
func NewDescent(steps int, rate float64) Descent {
	return Descent{InnerSteps: steps, InnerLR: schema.Constant(rate), InnerOptimizer: "sgd",
		InnerMomentum: 0.9, InnerBeta1: 0.9, InnerBeta2: 0.999, Adapt: []string{"**"}}
}

// Descending is what an inner loop changes: the leaves that adapt, and the optimizer's
// slots (none for sgd, one for momentum, two for adam), which begin at zero.
type Descending struct{ Theta, First, Second Params }

// Adaptation returns the loop. Leaves that do not match Adapt keep θ's values; it is a
// misuse if none matches. With firstOrder every ∇L is held constant in derivatives.
func (d Descent) Adaptation(firstOrder bool) Adaptation[Params] {
	return StepsFrom(d.InnerSteps, func(m *Model, theta Params) Descending {
		return d.From(d.Adapted(m, theta))
	}, func(m *Model, a Descending, support Batch, k *graph.Node) Descending {
		g := m.Grad(m.Loss(a.Theta, support), a.Theta)
		if firstOrder {
			g = g.Stop()
		}
		return d.Step(m, a, g, k)
	})
}

// Adapted returns the leaves that adapt, those of the episode included.
func (d Descent) Adapted(m *Model, theta Params) Params {
	adapted := m.Fast(theta).Match(d.Adapt...)
	if adapted.Len() == 0 {
		graph.Failf("meta.Descent", "no leaf of the model matches adapt = %q", d.Adapt)
	}
	return adapted
}

// From returns where a loop from p starts.
func (d Descent) From(p Params) Descending {
	a := Descending{Theta: p}
	if n := len(d.optimizer().Slots()); n > 0 {
		a.First = p.Zeros()
		if n > 1 {
			a.Second = p.Zeros()
		}
	}
	return a
}

// Step takes step k, which counts from 0, along g.
func (d Descent) Step(m *Model, a Descending, g Params, k *graph.Node) Descending {
	rate := m.Rate(d.InnerLR)
	if d.InnerClipNorm > 0 {
		g = g.ScaleBy(d.optimizer().Clip(g.Norm()))
	}
	slots := []Params{a.First, a.Second}[:len(d.optimizer().Slots())]
	number := graph.Convert(graph.Add(k, graph.Scalar(graph.Int32, 1)), rate.DType())
	next, slots := a.Theta.Descend(d.optimizer(), g, slots, rate, number)
	out := Descending{Theta: next}
	for i, to := range []*Params{&out.First, &out.Second}[:len(slots)] {
		*to = slots[i]
	}
	return out
}

func (d Descent) optimizer() optim.Config {
	return optim.Config{Kind: d.InnerOptimizer, Momentum: d.InnerMomentum, Beta1: d.InnerBeta1,
		Beta2: d.InnerBeta2, Epsilon: 1e-8, ClipNorm: d.InnerClipNorm}
}

// Truncated returns the adaptation whose derivatives pass through its last n steps alone:
// what the steps before have added to the parameters is held constant, and so is all else
// that they have made (Shaban et al. 2019, https://arxiv.org/abs/1810.10667, section 3, for
// an inner loop that starts from what is learned). 0 is the first-order derivative; with
// the number of steps or more, nothing is held. Values stay the same.
func (a Adaptation[S]) Truncated(n int) Adaptation[S] {
	if n < a.count {
		a.hold = a.count - n
	}
	return a
}

// held returns what a loop carries with the difference of its parameters to base held
// constant, and everything else.
func (m *Model) held(a any, base Params) any {
	seen := false
	return mapFields(a, func(field any) any {
		switch field := field.(type) {
		case Params:
			first := !seen
			seen = true
			out := field.Leaves()
			for i, l := range out {
				out[i].Node = graph.StopGradient(l.Node)
				if from := base.Get(l.Address); first && from != nil {
					out[i].Node = graph.Add(from, graph.StopGradient(graph.Sub(l.Node, from)))
				}
			}
			return Params{leaves: out}
		case *graph.Node:
			return graph.StopGradient(field)
		}
		return field
	})
}
