package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
	"quickstudy/framework/plugin/proto/pluginv1"
)

var metaSpec = meta.Spec{
	Leaves: []graph.Value{
		{Name: "backbone/w", DType: graph.Float32, Shape: graph.Shape{4, 3}},
		{Name: "heads/x/b", DType: graph.Float32, Shape: graph.Shape{3}},
	},
	Support:  []graph.Value{{Name: "input/tokens", DType: graph.Int32, Shape: graph.Shape{5, 6}}},
	Query:    []graph.Value{{Name: "input/tokens", DType: graph.Int32, Shape: graph.Shape{7, 6}}},
	Episodes: 4, Tasks: 2,
	Optimizer: &optim.Config{Kind: "adamw", Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8,
		WeightDecay: 0.01},
}

// exampleState and exampleContribution use every reduction.
type exampleState struct {
	Theta meta.Params
	Rates meta.Params
}

type exampleContribution struct {
	Grad  exampleState `reduce:"sum"`
	Loss  *graph.Node  `reduce:"mean"`
	Each  *graph.Node  `reduce:"stack"`
	Tasks *graph.Node  `reduce:"task"`
}

// exampleLearner learns a rate for every parameter.
func exampleLearner() meta.Learner[exampleState, exampleContribution] {
	adapt := meta.StepsFrom(3, func(_ *meta.Model, s exampleState) meta.Params { return s.Theta },
		func(m *meta.Model, a meta.Params, support meta.Batch) meta.Params {
			return a.Sub(m.Grad(m.Loss(a, support), a).Scale(0.1))
		})
	return meta.Learner[exampleState, exampleContribution]{
		Name: "example", Adapt: adapt,
		Init: func(_ *meta.Model, initial meta.Params) exampleState {
			return exampleState{Theta: initial, Rates: initial.Scale(0)}
		},
		Episode: func(m *meta.Model, s exampleState, ep meta.Episode) exampleContribution {
			fast := s.Theta.Sub(s.Rates.Mul(m.Grad(m.Loss(s.Theta, ep.Support), s.Theta)))
			loss := graph.Mul(ep.Weight, m.Loss(fast, ep.Query))
			return exampleContribution{
				Grad: exampleState{Theta: m.Grad(loss, s.Theta), Rates: m.Grad(loss, s.Rates)},
				Loss: loss, Each: loss, Tasks: loss,
			}
		},
		Update: func(m *meta.Model, s exampleState, c exampleContribution) exampleState {
			return exampleState{
				Theta: m.Optimize(s.Theta, c.Grad.Theta),
				Rates: s.Rates.Sub(c.Grad.Rates.ScaleBy(graph.Sum(c.Tasks))),
			}
		},
	}
}

func tracePrograms(t testing.TB) *meta.Programs {
	t.Helper()
	p, err := meta.Trace(exampleLearner(), metaSpec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProgramsRoundTrip(t *testing.T) {
	use, err := EncodeMetaSpec(metaSpec)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := DecodeMetaSpec(use)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(metaSpec, spec); diff != "" {
		t.Errorf("use (-want +got):\n%s", diff)
	}
	want := tracePrograms(t)
	m, err := EncodePrograms(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodePrograms(m, metaSpec)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		name      string
		got, want *graph.Func
	}{
		{"init", got.Init, want.Init}, {"episode", got.Episode, want.Episode},
		{"update", got.Update, want.Update},
		{"start", got.Adapt.Start, want.Adapt.Start}, {"step", got.Adapt.Step, want.Adapt.Step},
	} {
		if f.got.String() != f.want.String() {
			t.Errorf("%s\n%v\nwant\n%v", f.name, f.got, f.want)
		}
	}
	if got.Adapt.Count != 3 {
		t.Errorf("%d inner steps, want 3", got.Adapt.Count)
	}
	if diff := cmp.Diff(want.Reduced, got.Reduced); diff != "" {
		t.Errorf("reductions (-want +got):\n%s", diff)
	}
}

func TestProgramsRefused(t *testing.T) {
	fewer := metaSpec
	fewer.Episodes = 3
	sgd := metaSpec
	sgd.Optimizer = &optim.Config{Kind: "sgd"}
	noQuery := metaSpec
	noQuery.Query = nil
	for _, tt := range []struct {
		name   string
		spec   meta.Spec
		change func(*pluginv1.Programs)
		want   string
	}{
		{"other number of episodes", fewer, func(*pluginv1.Programs) {},
			"contribution/each: f32[4], want"},
		{"other optimizer", sgd, func(*pluginv1.Programs) {},
			"is no slot of the experiment's optimizer"},
		{"no query", noQuery, func(*pluginv1.Programs) {}, `"query/input/tokens" is not among`},
		{"no update", metaSpec, func(m *pluginv1.Programs) { m.Update = nil }, "update: "},
		{"update of another state", metaSpec, func(m *pluginv1.Programs) {
			m.Update.Results = m.Update.Results[1:]
		}, "update: result"},
		{"slot without result", metaSpec, func(m *pluginv1.Programs) {
			m.Update.Results = m.Update.Results[:len(m.Update.Results)-1]
		}, "update: 3 results, want 4"},
		{"swapped programs", metaSpec, func(m *pluginv1.Programs) {
			m.Init, m.Episode = m.Episode,
				m.Init
		}, "result"},
		{"reductions", metaSpec, func(m *pluginv1.Programs) { m.Reductions = m.Reductions[1:] },
			"6 reductions for 7 results"},
		{"unknown reduction", metaSpec, func(m *pluginv1.Programs) { m.Reductions[0] = 9 },
			"unknown reduction 9"},
		{"many steps", metaSpec, func(m *pluginv1.Programs) { m.Adaptation.Count = 1 << 30 },
			"steps"},
		{"closed form with steps", metaSpec,
			func(m *pluginv1.Programs) { m.Adaptation.Step = nil }, "closed form with 3 steps"},
		{"step to other leaves", metaSpec, func(m *pluginv1.Programs) {
			m.Adaptation.Step.Results = m.Adaptation.Step.Results[1:]
		}, "step of the adaptation: 1 results, want 2"},
	} {
		m, err := EncodePrograms(tracePrograms(t))
		if err != nil {
			t.Fatal(err)
		}
		tt.change(m)
		if _, err := DecodePrograms(m, tt.spec); err == nil ||
			!strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func FuzzDecodePrograms(f *testing.F) {
	m, err := EncodePrograms(tracePrograms(f))
	if err != nil {
		f.Fatal(err)
	}
	seed(f, m)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pluginv1.Programs
		if Unmarshal(data, &m) != nil {
			return
		}
		p, err := DecodePrograms(&m, metaSpec)
		if err != nil {
			return
		}
		if _, err := EncodePrograms(p); err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
	})
}

func FuzzDecodeMetaSpec(f *testing.F) {
	m, err := EncodeMetaSpec(metaSpec)
	if err != nil {
		f.Fatal(err)
	}
	seed(f, m)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pluginv1.LearnerUse
		if Unmarshal(data, &m) != nil {
			return
		}
		if spec, err := DecodeMetaSpec(&m); err == nil {
			if _, err := EncodeMetaSpec(spec); err != nil {
				t.Fatalf("what was decoded cannot be encoded: %v", err)
			}
		}
	})
}
