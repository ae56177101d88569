package meta_test

import (
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/passes"
)

var (
	leaves = []graph.Value{{Name: "backbone/w", DType: graph.Float32, Shape: graph.Shape{3}},
		{Name: "heads/h/b", DType: graph.Float32, Shape: graph.Shape{2}}}
	side = []graph.Value{{Name: "x", DType: graph.Float32, Shape: graph.Shape{3}}}
	spec = meta.Spec{Leaves: leaves, Support: side, Query: side}
)

// inner takes gradient steps of rate 0.1 on the support loss.
func inner(m *meta.Model, theta meta.Params, support meta.Batch, _ *graph.Node) meta.Params {
	return theta.Sub(m.Grad(m.Loss(theta, support), theta).Scale(0.1))
}

type gradient = meta.Learner[meta.Params, meta.GradLoss]

func TestDefaultEpisode(t *testing.T) {
	f, reduced, err := meta.TraceEpisode(gradient{Name: "inner", Adapt: meta.Steps(2, inner)}, spec)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range f.Params {
		names = append(names, p.Attrs().Name)
	}
	want := "state/backbone/w state/heads/h/b support/x query/x weight key"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("parameters %q, want %q", got, want)
	}
	if len(reduced) != 3 || reduced[0].Name != "contribution/grad/backbone/w" ||
		reduced[2].Reduction != meta.Sum {
		t.Errorf("reductions %v, want both gradient leaves and the loss, summed", reduced)
	}
	// loss = Σ w·x² + Σ b²; linked, the program has no call and no grad left.
	body := func(args []*graph.Node) ([]*graph.Node, error) {
		w, b, x := args[0], args[1], args[2]
		loss := graph.Add(graph.Sum(graph.Mul(w, graph.Mul(w, x))), graph.Sum(graph.Mul(b, b)))
		return []*graph.Node{loss, graph.Reshape(loss, 1)}, nil
	}
	f, err = passes.Run(f, map[string]passes.Body{meta.LossName("support"): body,
		meta.LossName("query"): body}, passes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := graph.Parse(f.String()); err != nil {
		t.Error(err)
	}
}

type rates struct {
	Theta, Alpha meta.Params
}

type both struct {
	Grad meta.Params `reduce:"stack"`
	Rate meta.Params `reduce:"mean"`
}

// A state of two parameter sets and a contribution with its own reductions.
func TestStateOfSeveralFields(t *testing.T) {
	learner := meta.Learner[rates, both]{
		Name: "rates",
		Init: func(_ *meta.Model, initial meta.Params) rates {
			return rates{Theta: initial, Alpha: initial.Map(
				func(x *graph.Node) *graph.Node { return graph.ConstLike(x, 0.1) })}
		},
		Episode: func(m *meta.Model, s rates, ep meta.Episode) both {
			fast := s.Theta.Sub(s.Alpha.Mul(m.Grad(m.Loss(s.Theta, ep.Support), s.Theta)))
			loss := m.Loss(fast, ep.Query)
			return both{Grad: m.Grad(loss, s.Theta), Rate: m.Grad(loss, s.Alpha)}
		},
	}
	f, reduced, err := meta.TraceEpisode(learner, spec)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Params[2].Attrs().Name; got != "state/alpha/backbone/w" {
		t.Errorf("third parameter %q, want the rate of the first leaf", got)
	}
	if reduced[0].Reduction != meta.Stack || reduced[2].Reduction != meta.Mean {
		t.Errorf("reductions %v, want stack and mean", reduced)
	}
}

func TestMisuse(t *testing.T) {
	tests := []struct {
		name    string
		spec    meta.Spec
		learner gradient
		want    string
	}{
		{"leaf of another shape", spec, gradient{Adapt: meta.Steps(1,
			func(m *meta.Model, a meta.Params, support meta.Batch, _ *graph.Node) meta.Params {
				m.Loss(a.Map(func(x *graph.Node) *graph.Node { return graph.Reshape(x, -1, 1) }),
					support)
				return a
			})}, `meta/meta_test.go:LINE: meta.Loss: leaf backbone/w: f32[3] is needed, there is f32[3,1]`},
		{"leaf of another model", spec, gradient{Adapt: meta.Steps(1,
			func(m *meta.Model, a meta.Params, support meta.Batch, _ *graph.Node) meta.Params {
				m.Loss(meta.NewParams(meta.Leaf{Address: "heads/x", Node: a.Get("backbone/w")}),
					support)
				return a
			})}, `meta.Loss: the model has no leaf "heads/x"`},
		{"sets differ", spec, gradient{Adapt: meta.Steps(1, func(m *meta.Model, a meta.Params,
			_ meta.Batch, _ *graph.Node) meta.Params {
			return a.Add(a.Where(func(address string) bool { return address == "heads/h/b" }))
		})}, "meta.Params.Add: 2 leaves and 1 leaves"},
		{"absent support", meta.Spec{Leaves: leaves, Query: side},
			gradient{Episode: func(m *meta.Model, s meta.Params, ep meta.Episode) meta.GradLoss {
				return meta.GradLoss{Grad: s, Loss: m.Loss(s, ep.Support)}
			}}, "the batch is absent"},
		{"field not set", spec, gradient{Episode: func(m *meta.Model, s meta.Params,
			ep meta.Episode) meta.GradLoss {
			return meta.GradLoss{Grad: s}
		}}, `field "loss" is nil`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := meta.TraceEpisode(test.learner, test.spec)
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range strings.Split(test.want, "LINE") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q, want it to contain %q", err, part)
				}
			}
		})
	}
}

func TestStateOfOtherTypeNeedsInit(t *testing.T) {
	_, _, err := meta.TraceEpisode(meta.Learner[rates, meta.GradLoss]{Name: "r"}, spec)
	if err == nil || !strings.Contains(err.Error(),
		"Init is nil, so the state must be meta.Params") {
		t.Errorf("error %v, want one that asks for Init", err)
	}
}

// A plugin traces every program under its configuration.
func TestPlugin(t *testing.T) {
	type config struct{ Steps int }
	p := meta.Define("inner", "gradient steps", config{Steps: 2}, func(c config) gradient {
		return gradient{Adapt: meta.Steps(c.Steps, inner), Update: func(_ *meta.Model,
			s meta.Params, c meta.GradLoss) meta.Params {
			return s.Sub(c.Grad)
		}}
	})
	c := p.New().(*config)
	c.Steps = 3
	programs, err := p.Trace(c, spec)
	if err != nil {
		t.Fatal(err)
	}
	if got := programs.Adapt.Count; got != 3 {
		t.Errorf("%d steps, want the configured 3", got)
	}
	if p.New().(*config).Steps != 2 {
		t.Error("a configuration changed the defaults")
	}
	for _, f := range []*graph.Func{programs.Init, programs.Adapt.Start, programs.Adapt.Step,
		programs.Episode, programs.Update} {
		if _, err := graph.Parse(f.String()); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	if got, want := programs.Update.Results[0].Name, "state/backbone/w"; got != want {
		t.Errorf("first result of the update is %q, want %q", got, want)
	}
}
