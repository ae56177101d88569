package meta_test

import (
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/meta/metatest"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
)

// The rehearsals are published methods written against this package to see that
// it can express them; each is traced, linked, trained and checked by metatest.

type none struct{}

func rehearse[S, C any](t *testing.T, l meta.Learner[S, C], claims metatest.Claims) {
	t.Helper()
	plugin := meta.Define(l.Name, l.Doc, none{}, func(none) meta.Learner[S, C] { return l })
	metatest.Run[none](t, plugin, nil, claims)
}

var exact = metatest.Claims{Gradient: "grad", Loss: "loss"}

// anchored is an inner problem: φ near θ.
type anchored struct{ Phi, Theta meta.Params }

// TestImplicitMAML: Rajeswaran et al. 2019, https://arxiv.org/abs/1909.04630. φ minimizes
// L + λ/2 ‖φ − θ‖² (eq. 3); the gradient is (I + H/λ)⁻¹ ∇L(φ) (eq. 6), by conjugate
// gradients (Algorithm 2), and no derivative passes through the inner steps.
func TestImplicitMAML(t *testing.T) {
	const lambda, rate = 20, 1. / 30
	adapt := meta.StepsFrom(40,
		func(m *meta.Model, theta meta.Params) anchored {
			return anchored{m.Fast(theta), m.Fast(theta)}
		},
		func(m *meta.Model, a anchored, support meta.Batch, _ *graph.Node) anchored {
			g := m.Grad(m.Loss(a.Phi, support), a.Phi).Add(a.Phi.Sub(a.Theta).Scale(lambda))
			return anchored{a.Phi.Sub(g.Scale(rate)), a.Theta}
		})
	rehearse(t, meta.Learner[meta.Params, meta.GradLoss]{
		Name: "implicit", Adapt: adapt,
		Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) meta.GradLoss {
			phi := adapt.Run(m, theta, ep.Support).Stop()
			slope := m.Grad(m.Loss(phi, ep.Support), phi)
			product := func(v meta.Params) meta.Params { // (I + H/λ) v
				return v.Add(m.Grad(slope.Dot(v.Stop()), phi).Scale(1. / lambda))
			}
			loss := graph.Mul(ep.Weight, m.Loss(phi, ep.Query))
			residual := m.Grad(loss, phi)
			x, p, rr := residual.Zeros(), residual, residual.Dot(residual)
			for range 12 {
				ap := product(p)
				step := nn.SafeDiv(rr, p.Dot(ap))
				x, residual = x.Add(p.ScaleBy(step)), residual.Sub(ap.ScaleBy(step))
				next := residual.Dot(residual)
				p, rr = residual.Add(p.ScaleBy(nn.SafeDiv(next, rr))), next
			}
			return meta.GradLoss{Grad: x.Only(theta), Loss: loss}
		},
	}, metatest.Claims{Gradient: "grad", Loss: "loss", Tolerance: 1e-5, NoDropout: true,
		NeedsSupport: true})
}

// rated is parameters with rates for them.
type rated struct{ Theta, Rates meta.Params }

type ratedGrad struct {
	Grad rated       `reduce:"sum"`
	Loss *graph.Node `reduce:"sum"`
}

func ratedGradient(m *meta.Model, s rated, loss *graph.Node) ratedGrad {
	return ratedGrad{Grad: rated{m.Grad(loss, s.Theta), m.Grad(loss, s.Rates)}, Loss: loss}
}

func ratedUpdate(m *meta.Model, s rated, c ratedGrad) rated {
	return rated{m.Optimize(s.Theta, c.Grad.Theta), m.OptimizeAs("rates", s.Rates, c.Grad.Rates)}
}

// TestMAMLPlusPlus: Antoniou, Edwards & Storkey 2019, https://arxiv.org/abs/1810.09502:
// a learned rate for every layer and step, and the query loss after every step.
func TestMAMLPlusPlus(t *testing.T) {
	const steps = 3
	adapt := meta.StepsFrom(steps, func(_ *meta.Model, s rated) rated { return s },
		func(m *meta.Model, a rated, support meta.Batch, k *graph.Node) rated {
			k = graph.Min(k, graph.Scalar(graph.Int32, steps-1)) // evaluation may go on
			g := m.Grad(m.Loss(a.Theta, support), a.Theta).Leaves()
			for i, l := range g {
				g[i].Node = graph.Mul(l.Node, graph.Gather(a.Rates.Get(l.Address), k))
			}
			return rated{a.Theta.Sub(meta.NewParams(g...)), a.Rates}
		})
	rehearse(t, meta.Learner[rated, ratedGrad]{
		Name: "plusplus", Adapt: adapt, Update: ratedUpdate,
		Init: func(_ *meta.Model, initial meta.Params) rated {
			return rated{initial, initial.Map(func(x *graph.Node) *graph.Node {
				return graph.Const(x.DType(), graph.Shape{steps}, []float64{0.1})
			})}
		},
		Episode: func(m *meta.Model, s rated, ep meta.Episode) ratedGrad {
			path := []meta.Params{s.Theta, s.Theta}
			if !ep.Support.Absent() {
				path = adapt.Trajectory(m, s, ep.Support)
			}
			share := graph.Div(ep.Weight, graph.Scalar(graph.Float32, float64(len(path)-1)))
			loss := graph.Scalar(graph.Float32, 0)
			for _, theta := range path[1:] {
				loss = graph.Add(loss, graph.Mul(share, m.Loss(theta, ep.Query)))
			}
			return ratedGradient(m, s, loss)
		},
	}, exact)
}

// TestMetaSGD: Li et al. 2017, https://arxiv.org/abs/1707.09835, Algorithm 1: a learned
// rate for every element, θ′ = θ − α∘∇L.
func TestMetaSGD(t *testing.T) {
	adapt := meta.StepsFrom(1, func(_ *meta.Model, s rated) rated { return s },
		func(m *meta.Model, a rated, support meta.Batch, _ *graph.Node) rated {
			return rated{a.Theta.Sub(a.Rates.Mul(m.Grad(m.Loss(a.Theta, support), a.Theta))),
				a.Rates}
		})
	rehearse(t, meta.Learner[rated, ratedGrad]{
		Name: "elementwise", Adapt: adapt, Update: ratedUpdate,
		Init: func(_ *meta.Model, initial meta.Params) rated {
			return rated{initial, initial.Map(
				func(x *graph.Node) *graph.Node { return graph.ConstLike(x, 0.1) })}
		},
		Episode: func(m *meta.Model, s rated, ep meta.Episode) ratedGrad {
			return ratedGradient(m, s, graph.Mul(ep.Weight, m.Loss(adapt.Run(m, s, ep.Support),
				ep.Query)))
		},
	}, metatest.Claims{Gradient: "grad", Loss: "loss", NeedsSupport: true})
}

// TestANIL: Raghu et al. 2020, https://arxiv.org/abs/1909.09157: only heads adapt. What
// the loop carries is the heads; it reads the rest from the state.
func TestANIL(t *testing.T) {
	learner := meta.Learner[meta.Params, meta.GradLoss]{
		Name: "heads",
		Adapt: meta.StepsFrom(2,
			func(m *meta.Model, theta meta.Params) meta.Params {
				return m.Fast(theta).Match("heads/**")
			}, inner),
	}
	rehearse(t, learner, exact)
	p, err := meta.TraceAdapt(learner, spec)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Step.Signature().Results; len(got) != 1 || got[0].Name != "fast/heads/h/b" {
		t.Errorf("the loop carries %v, want fast/heads/h/b", got)
	}
	if got := p.Step.Signature().Params[1].Name; got != "state/backbone/w" {
		t.Errorf("the step reads %s, want the rest of the state", got)
	}
}

// TestInContext: nothing adapts; the head reads the support with the query, as in
// matching networks (Vinyals et al. 2016, https://arxiv.org/abs/1606.04080).
func TestInContext(t *testing.T) {
	learner := meta.Learner[meta.Params, meta.GradLoss]{Name: "context"}
	rehearse(t, learner, exact)
	with := spec
	with.Optimizer = &optim.Config{Kind: "sgd"}
	p, err := meta.Trace(learner, with)
	if err != nil {
		t.Fatal(err)
	}
	if p.Adapt != nil {
		t.Error("there is an adaptation")
	}
	if text := p.Episode.String(); !strings.Contains(text, "support/x") ||
		strings.Contains(text, meta.LossName("support")) {
		t.Errorf("want a query loss that is given the support, and no other:\n%s", text)
	}
}

// TestClosedForm: the head is a function of the support, here the best shift for a
// linear model, and derivatives pass through it.
func TestClosedForm(t *testing.T) {
	rehearse(t, meta.Learner[meta.Params, meta.GradLoss]{
		Name: "closed",
		Adapt: meta.ClosedForm(func(m *meta.Model, theta meta.Params,
			support meta.Batch) meta.Params {
			heads := theta.Match("heads/**")
			return heads.Sub(m.Grad(m.Loss(theta, support), heads).ScaleBy(nn.SafeDiv(
				graph.Scalar(graph.Float32, 1), heads.Norm())))
		}),
	}, exact)
}
