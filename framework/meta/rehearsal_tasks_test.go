package meta_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
)

// byTask is the contribution of methods that weigh tasks.
type byTask struct {
	Grad meta.Params `reduce:"task"`
	Loss *graph.Node `reduce:"task"`
}

func perTask(m *meta.Model, theta meta.Params, ep meta.Episode) byTask {
	loss := m.Loss(theta, ep.Query)
	return byTask{Grad: m.Grad(loss, theta), Loss: loss}
}

// conflictAverse solves CAGrad's dual (Liu et al. 2021, https://arxiv.org/abs/2110.14048,
// Algorithm 1): min over the simplex of g_w·g₀ + c‖g₀‖‖g_w‖, by exponentiated
// gradients, and returns d = g₀ + c‖g₀‖/‖g_w‖ g_w as weights of the tasks.
func conflictAverse(c float64) func(w meta.Weighing) (meta.Weighed, error) {
	return func(w meta.Weighing) (meta.Weighed, error) {
		n := len(w.Losses)
		mean := make([]float64, n)
		for i := range mean {
			mean[i] = 1 / float64(n)
		}
		times := func(v []float64) []float64 { // Gram · v
			out := make([]float64, n)
			for i, row := range w.Gram {
				out[i] = dot(row, v)
			}
			return out
		}
		radius := c * math.Sqrt(dot(mean, times(mean)))
		point, against := slices.Clone(mean), times(mean)
		length := func() float64 { return math.Sqrt(max(dot(point, times(point)), 1e-30)) }
		for range 2000 {
			slope, size, sum := times(point), length(), 0.0
			scale := max(math.Abs(slices.Max(against)), math.Abs(slices.Min(against)), 1e-30)
			for i := range point {
				point[i] *= math.Exp(-0.05 * (against[i] + radius*slope[i]/size) / scale)
				sum += point[i]
			}
			for i := range point {
				point[i] /= sum
			}
		}
		out := make([]float64, n)
		for i := range out {
			out[i] = mean[i] + radius/length()*point[i]
		}
		return meta.Weighed{Weights: out}, nil
	}
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// TestCAGrad: the solver is ordinary code; graphs make its inner products and
// apply its weights.
func TestCAGrad(t *testing.T) {
	const c = 0.5
	rehearse(t, meta.Learner[meta.Params, byTask]{
		Name: "averse", Episode: perTask, Weigh: conflictAverse(c),
		Update: func(m *meta.Model, theta meta.Params, c byTask) meta.Params {
			return m.Optimize(theta, c.Grad.Contract(m.Weights()))
		},
	}, exact)

	// A long gradient, and a short one that it conflicts with.
	gram := [][]float64{{4, -1}, {-1, 0.5}}
	answer, err := conflictAverse(c)(meta.Weighing{Gram: gram, Losses: []float64{1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	w := answer.Weights
	gain := func(v []float64) float64 {
		return min(dot(gram[0], v), dot(gram[1], v))
	} // of the worst task
	square := func(v []float64) float64 { return v[0]*dot(gram[0], v) + v[1]*dot(gram[1], v) }
	mean := []float64{0.5, 0.5}
	if gain(w) <= gain(mean) {
		t.Errorf("the worst task gains %v, the mean gradient gives it %v", gain(w), gain(mean))
	}
	if away := math.Sqrt(square([]float64{w[0] - 0.5, w[1] - 0.5})); math.Abs(
		away-c*math.Sqrt(square(mean))) > 1e-9 {
		t.Errorf("%v away from the mean gradient, want %v", away, c*math.Sqrt(square(mean)))
	}
	best := math.Inf(-1) // over all directions at that distance, by search
	for turn := range 100000 {
		angle := 2 * math.Pi * float64(turn) / 100000
		step := []float64{math.Cos(angle), math.Sin(angle)}
		scale := c * math.Sqrt(square(mean)/square(step))
		best = max(best, gain([]float64{0.5 + scale*step[0], 0.5 + scale*step[1]}))
	}
	if gain(w) < best-1e-3 {
		t.Errorf("the worst task gains %v, want %v", gain(w), best)
	}
}

// famo is parameters with a logit for every task.
type famo struct {
	Theta meta.Params
	Xi    *graph.Node // [T]
}

type twoLosses struct {
	Before *graph.Node `reduce:"task"`
	After  *graph.Node `reduce:"task"`
}

// famoSettle moves the logits: ξ ← ξ − β (Jᵀ(log L − log L′) + γξ), J of softmax.
func famoSettle(m *meta.Model, s famo, d twoLosses) famo {
	change := graph.Sub(nn.SafeLog(d.Before), nn.SafeLog(d.After))
	change = graph.Select(m.Present(), change, graph.ConstLike(change, 0))
	g := graph.Grad(graph.Sum(graph.Mul(softmax(s.Xi), graph.StopGradient(change))), s.Xi)[0]
	g = graph.Add(g, graph.Mul(graph.Scalar(graph.Float32, 0.01), s.Xi))
	return famo{s.Theta, graph.Sub(s.Xi, graph.Mul(graph.Scalar(graph.Float32, 0.025), g))}
}

func softmax(x *graph.Node) *graph.Node {
	e := graph.Exp(x)
	return graph.Div(e, graph.Sum(e))
}

// TestFAMO: Liu et al. 2023, https://arxiv.org/abs/2306.03792, Algorithm 1: the weights
// follow from how much each loss fell, so every episode is looked at once more.
func TestFAMO(t *testing.T) {
	learner := meta.Learner[famo, byTask]{
		Name: "famo",
		Init: func(m *meta.Model, initial meta.Params) famo {
			return famo{initial, graph.Const(graph.Float32, graph.Shape{m.Tasks()}, []float64{0})}
		},
		Episode: func(m *meta.Model, s famo, ep meta.Episode) byTask {
			return perTask(m, s.Theta, ep)
		},
		Update: func(m *meta.Model, s famo, c byTask) famo {
			share := nn.SafeDiv(softmax(s.Xi), c.Loss) // of ∇log L
			weights := nn.SafeDiv(share, graph.Broadcast(graph.Sum(share), share.Shape()...))
			return famo{m.Optimize(s.Theta, c.Grad.Contract(weights)), s.Xi}
		},
		Settle: meta.Settle(func(m *meta.Model, before, after famo, ep meta.Episode) twoLosses {
			return twoLosses{m.Loss(before.Theta, ep.Query), m.Loss(after.Theta, ep.Query)}
		}, famoSettle),
	}
	rehearse(t, learner, exact)

	two := spec
	two.Episodes, two.Tasks, two.Optimizer = 2, 2, &optim.Config{Kind: "sgd"}
	p, err := meta.Trace(learner, two)
	if err != nil {
		t.Fatal(err)
	}
	xi := exectest.Compile(t, p.Settle, reference.Double).Run(t, exectest.Values{
		"state/theta/backbone/w": {0, 0, 0}, "state/theta/heads/h/b": {0, 0}, "state/xi": {0, 0},
		"contribution/before": {1, 1}, "contribution/after": {1, math.Exp(-1)}, "present": {1, 1},
	})["state/xi"]
	// The second loss fell by e, the first did not: the first gets more weight.
	// At ξ = 0, Jᵀδ = ½ (δ − mean δ).
	exectest.Near(t, "logits", xi, []float64{0.025 * 0.25, -0.025 * 0.25}, 1e-12)
}

// TestAbsentTask: the leaf of an absent task and its slots stay as they are, even
// where its gradient is not a number.
func TestAbsentTask(t *testing.T) {
	s := spec
	s.Episodes, s.Tasks = 1, 1
	s.Optimizer = &optim.Config{Kind: "adamw", Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8,
		WeightDecay: 0.1}
	f, err := meta.TraceUpdate(gradient{}, s)
	if err != nil {
		t.Fatal(err)
	}
	args := exectest.Values{
		"state/backbone/w": {1, 2, 3}, "state/heads/h/b": {4, math.Copysign(0, -1)},
		"contribution/grad/backbone/w": {1, 1, 1}, "contribution/grad/heads/h/b": {math.NaN(), 1},
		"contribution/loss": {1}, "present/backbone/w": {1}, "present/heads/h/b": {0},
		"slot/mean/backbone/w": {0, 0, 0}, "slot/variance/backbone/w": {0, 0, 0},
		"slot/mean/heads/h/b": {0.5, 0.25}, "slot/variance/heads/h/b": {0.125, 1}, "rate": {0.1},
		"step": {2},
	}
	out := exectest.Compile(t, f, reference.Single).Run(t, args)
	for name, got := range out {
		same := slices.EqualFunc(got, args[name], func(x, y float64) bool {
			return math.Float64bits(x) == math.Float64bits(y)
		})
		if absent := name[len(name)-len("heads/h/b"):] == "heads/h/b"; same != absent {
			t.Errorf("%s: %v was %v", name, got, args[name])
		}
	}
}

// TestOptimizeTasks: of what every task has one of, the rows of absent tasks and their
// slots stay as they are.
func TestOptimizeTasks(t *testing.T) {
	learner := meta.Learner[famo, byTask]{
		Name: "rows",
		Init: func(m *meta.Model, initial meta.Params) famo {
			return famo{initial, graph.Const(graph.Float32, graph.Shape{m.Tasks()}, []float64{0})}
		},
		Episode: func(m *meta.Model, s famo, ep meta.Episode) byTask {
			return perTask(m, s.Theta, ep)
		},
		Update: func(m *meta.Model, s famo, c byTask) famo {
			rows := meta.NewParams(meta.Leaf{Address: "xi", Node: s.Xi})
			slope := meta.NewParams(meta.Leaf{Address: "xi", Node: c.Loss})
			return famo{s.Theta, m.OptimizeTasks("rows", rows, slope).Get("xi")}
		},
	}
	s := spec
	s.Episodes, s.Tasks = 1, 2
	s.Optimizer = &optim.Config{Kind: "momentum", Momentum: 0.5}
	f, err := meta.TraceUpdate(learner, s)
	if err != nil {
		t.Fatal(err)
	}
	out := exectest.Compile(t, f, reference.Double).Run(t, exectest.Values{
		"state/theta/backbone/w": {0, 0, 0}, "state/theta/heads/h/b": {0, 0},
		"state/xi": {1, 2}, "contribution/grad/backbone/w": make([]float64, 6),
		"contribution/grad/heads/h/b": make([]float64, 4), "contribution/loss": {3, 5},
		"slot/velocity/rows/xi": {1, 1}, "present": {1, 0}, "rate": {0.1}, "step": {1},
	})
	exectest.Near(t, "rows", out["state/xi"], []float64{1 - 0.35, 2}, 1e-12)
	exectest.Near(t, "slots", out["slot/velocity/rows/xi"], []float64{3.5, 1}, 1e-12)

	s.Tasks = 3
	learner.Update = func(m *meta.Model, s famo, c byTask) famo {
		two := meta.NewParams(meta.Leaf{Address: "xi",
			Node: graph.Const(graph.Float32, graph.Shape{2}, []float64{0})})
		m.OptimizeTasks("rows", two, two)
		return s
	}
	if _, err := meta.TraceUpdate(learner, s); err == nil ||
		!strings.Contains(err.Error(), "leading axis of 2, want 3") {
		t.Errorf("error %v, want one about the axis", err)
	}
}
