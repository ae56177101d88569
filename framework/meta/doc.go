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
//	func (c maml) step(m *meta.Model, theta meta.Params, support meta.Batch) meta.Params {
//		g := m.Grad(m.Loss(theta, support), theta) // ∇θ L(fθ)
//		return theta.Sub(g.Scale(c.InnerLR))       // θ′ = θ − α ∇θ L(fθ)
//	}
//
// A step is map (Episode, once an episode, a pure function), reduce (by the tag
// of each field of the contribution, in episode order) and update. The backbone
// and the heads are known here by signature only: Model.Loss traces a call that
// the host links to their bodies.
package meta
