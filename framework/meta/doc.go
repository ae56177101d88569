// Package meta is what the author of a meta-learner or multi-task method writes
// against: a Learner says how parameters adapt to a task and how they are
// updated from what episodes contribute. Its hooks are traced into graphs; the
// numbers never enter the author's process.
//
//	type maml struct{ InnerLR float64; InnerSteps int }
//
//	func (c maml) Learner() meta.Learner[meta.Params, meta.GradLoss] {
//		return meta.Learner[meta.Params, meta.GradLoss]{
//			Name: "maml", Doc: "Finn et al. 2017, Algorithm 2",
//			Adapt: meta.Steps(c.InnerSteps, c.step),
//		}
//	}
//
//	func (c maml) step(m *meta.Model, theta meta.Params, support meta.Batch,
//		_ *graph.Node) meta.Params {
//		g := m.Grad(m.Loss(theta, support), theta) // ∇θ L(fθ)
//		return theta.Sub(g.Scale(c.InnerLR))       // θ′ = θ − α ∇θ L(fθ)
//	}
//
// A step of training is map (Episode, once an episode, a pure function), reduce (by
// the tag of each field of the contribution, in episode order), optionally Weigh,
// and update; then optionally a second map and reduce (Settle). Evaluation is Adapt,
// then the heads' prediction of the query given the support, for every learner.
//
// The backbone and the heads are known here by signature only: Model.Loss traces a
// call that the host links to their bodies. A task has the backbone's leaves and its
// own heads', and its programs are traced with those; Init and Update are traced
// with the leaves of all tasks. States and contributions are matched by path: what
// an episode does not contribute adds nothing to a sum, mean or stack.
package meta
