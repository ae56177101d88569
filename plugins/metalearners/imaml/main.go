// Plugin imaml is MAML with implicit gradients, Rajeswaran, Finn, Kakade & Levine 2019,
// "Meta-Learning with Implicit Gradients", https://arxiv.org/abs/1909.04630: the inner
// problem is to minimize
//
//	L(φ) + λ/2 ‖φ − θ‖²      on the support (equation 3)
//
// and the outer gradient is that of its solution, whatever led there:
//
//	(I + H/λ)⁻¹ ∇L(φ; query),  H = ∇²L(φ; support)      (equation 6)
//
// by conjugate gradients (Algorithm 2), which need products with H and no derivative of the
// inner steps: memory does not grow with their number.
//
//	metalearner "imaml" {
//	  inner_steps = 16
//	  inner_lr    = 0.1
//	  lambda      = 2
//	  cg_steps    = 5
//	  optimizer "adam" { learning_rate = cosine(1e-3) }
//	}
//
// The gradient is exact as far as the steps solve the inner problem and the products agree:
// with dropout every pass draws anew, and neither holds. It does not keep the curvature from
// growing to where steps of a fixed rate diverge, as that of maml does; inner_clip_norm
// bounds the steps. Where the curvature along a
// direction is not positive, H/λ < −1, conjugate gradients stop there and the solution so
// far is taken, as with a gradient of zero. Of leaves ψ that do not match adapt,
// whose values φ depends on too, the gradient is ∇ψ L(φ, ψ; query) − ∇ψ (∇φ L(φ, ψ; support)
// · v) / λ, v the solution above. A task of ordinary batches trains on its loss as it is.
package main

import (
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin"
)

func main() { plugin.Serve(imaml) }

// config is the attributes of the plugin's block.
type config struct {
	meta.Descent
	Lambda  float64 `config:"lambda" doc:"how strongly what adapts is drawn to θ, λ" min:">0"`
	CGSteps int     `config:"cg_steps" doc:"conjugate gradient steps of the outer gradient" unit:"steps" min:"1" max:"1000"`
}

var imaml = meta.Define("imaml",
	"implicit MAML (Rajeswaran et al. 2019): the gradient of an inner problem's solution",
	config{Descent: meta.NewDescent(16, 0.1), Lambda: 2, CGSteps: 5}, config.learner)

// near is an inner loop, and where it is drawn to.
type near struct {
	Phi    meta.Descending
	Center meta.Params
}

func (c config) learner() meta.Learner[meta.Params, meta.GradLoss] {
	adapt := meta.StepsFrom(c.InnerSteps, func(m *meta.Model, theta meta.Params) near {
		center := c.Adapted(m, theta)
		return near{c.From(center), center}
	}, func(m *meta.Model, a near, support meta.Batch, k *graph.Node) near {
		phi := a.Phi.Theta
		g := m.Grad(m.Loss(phi, support), phi).Add(phi.Sub(a.Center).Scale(c.Lambda))
		return near{c.Step(m, a.Phi, g, k), a.Center}
	})
	return meta.Learner[meta.Params, meta.GradLoss]{
		Adapt: adapt,
		Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) meta.GradLoss {
			if ep.Support.Absent() {
				loss := graph.Mul(ep.Weight, m.Loss(theta, ep.Query))
				return meta.GradLoss{Grad: m.Grad(loss, theta), Loss: loss}
			}
			all := adapt.Run(m, theta, ep.Support).Stop()
			phi := all.Only(c.Adapted(m, theta))
			loss := graph.Mul(ep.Weight, m.Loss(all, ep.Query))
			direct := m.Grad(loss, all)
			slope := m.Grad(m.Loss(all, ep.Support), phi)
			v := c.solve(m, slope, phi, direct.Only(phi))
			grad := direct.With(v)
			rest := all.Where(func(address string) bool { return phi.Get(address) == nil })
			if rest.Len() > 0 {
				pull := m.Grad(slope.Dot(v.Stop()), rest).Scale(1 / c.Lambda)
				grad = grad.With(direct.Only(rest).Sub(pull))
			}
			return meta.GradLoss{Grad: grad.Only(theta), Loss: loss}
		},
	}
}

// solve returns (I + H/λ)⁻¹ g by conjugate gradients (Hestenes & Stiefel 1952) from zero.
// slope is ∇L(φ; support).
func (c config) solve(m *meta.Model, slope, phi, g meta.Params) meta.Params {
	product := func(v meta.Params) meta.Params {
		return v.Add(m.Grad(slope.Dot(v.Stop()), phi).Scale(1 / c.Lambda))
	}
	x, residual, along := g.Zeros(), g, g
	square := residual.Dot(residual)
	for range c.CGSteps {
		image := product(along)
		curvature := along.Dot(image)
		zero := graph.ConstLike(curvature, 0)
		step := graph.Select(graph.Gt(curvature, zero), nn.SafeDiv(square, curvature), zero)
		x, residual = x.Add(along.ScaleBy(step)), residual.Sub(image.ScaleBy(step))
		next := residual.Dot(residual)
		along = residual.Add(along.ScaleBy(nn.SafeDiv(next, square)))
		square = next
	}
	return x
}
