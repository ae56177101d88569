package wire

import (
	"math"
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
	Support:    []graph.Value{{Name: "input/tokens", DType: graph.Int32, Shape: graph.Shape{5, 6}}},
	Query:      []graph.Value{{Name: "input/tokens", DType: graph.Int32, Shape: graph.Shape{7, 6}}},
	Episodic:   []graph.Value{{Name: "heads/x/w", DType: graph.Float32, Shape: graph.Shape{4}}},
	Objectives: []meta.Objective{{Name: "x", Weight: 2}, {Name: "y", Weight: 0.5}},
	Episodes:   4, Tasks: 2, Task: 1, TotalWeight: 5, TrainSteps: 100,
	Optimizer: &optim.Config{Kind: "adamw", Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8,
		WeightDecay: 0.01, ClipNorm: 10},
}

// exampleState and exampleContribution use every reduction.
type exampleState struct {
	Theta meta.Params
	Rates meta.Params
}

type exampleContribution struct {
	Grad   exampleState `reduce:"sum"`
	Loss   *graph.Node  `reduce:"mean"`
	Each   *graph.Node  `reduce:"stack"`
	Tasks  *graph.Node  `reduce:"task"`
	ByTask meta.Params  `reduce:"task"`
}

type change struct {
	Loss *graph.Node `reduce:"task"`
}

// exampleLearner learns a rate for every parameter.
func exampleLearner() meta.Learner[exampleState, exampleContribution] {
	adapt := meta.StepsFrom(3, func(m *meta.Model,
		s exampleState) meta.Params {
		return m.Fast(s.Theta)
	},
		func(m *meta.Model, a meta.Params, support meta.Batch, _ *graph.Node) meta.Params {
			return a.Sub(m.Grad(m.Loss(a, support), a).Scale(0.1))
		})
	return meta.Learner[exampleState, exampleContribution]{
		Name: "example", Adapt: adapt,
		Weigh: func(w meta.Weighing) (meta.Weighed, error) {
			return meta.Weighed{Weights: w.Losses}, nil
		},
		Settle: meta.Settle(
			func(m *meta.Model, before, after exampleState, ep meta.Episode) change {
				return change{graph.Sub(m.Loss(after.Theta, ep.Query),
					m.Loss(before.Theta, ep.Query))}
			},
			func(m *meta.Model, s exampleState, d change) exampleState {
				used := graph.Mul(d.Loss, graph.Convert(m.Present(), graph.Float32))
				return exampleState{Theta: s.Theta, Rates: s.Rates.ScaleBy(graph.Sum(used))}
			}),
		Init: func(_ *meta.Model, initial meta.Params) exampleState {
			return exampleState{Theta: initial, Rates: initial.Scale(0)}
		},
		Episode: func(m *meta.Model, s exampleState, ep meta.Episode) exampleContribution {
			fast := s.Theta.Sub(s.Rates.Mul(m.Grad(m.Loss(s.Theta, ep.Support), s.Theta)))
			loss := graph.Mul(ep.Weight, m.Loss(fast, ep.Query))
			return exampleContribution{
				Grad: exampleState{Theta: m.Grad(loss, s.Theta), Rates: m.Grad(loss, s.Rates)},
				Loss: loss, Each: graph.Sum(m.Losses(fast, ep.Query)), Tasks: loss,
				ByTask: m.Grad(loss, s.Theta),
			}
		},
		Update: func(m *meta.Model, s exampleState, c exampleContribution) exampleState {
			return exampleState{
				Theta: m.Optimize(s.Theta, c.Grad.Theta),
				Rates: s.Rates.Sub(c.Grad.Rates.ScaleBy(graph.Mul(m.Progress(),
					graph.Sum(graph.Mul(m.Weights(), c.Tasks))))),
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
		{"finish", got.Adapt.Finish, want.Adapt.Finish},
		{"parameters", got.Parameters, want.Parameters}, {"weighing", got.Weighing, want.Weighing},
		{"after", got.After, want.After}, {"settle", got.Settle, want.Settle},
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
	if diff := cmp.Diff(want.AfterReduced, got.AfterReduced); diff != "" {
		t.Errorf("reductions of the second round (-want +got):\n%s", diff)
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
			"8 reductions for 9 results"},
		{"unknown reduction", metaSpec, func(m *pluginv1.Programs) { m.Reductions[0] = 9 },
			"unknown reduction 9"},
		{"many steps", metaSpec, func(m *pluginv1.Programs) { m.Adaptation.Count = 1 << 30 },
			"steps"},
		{"closed form with steps", metaSpec,
			func(m *pluginv1.Programs) { m.Adaptation.Step = nil }, "closed form with 3 steps"},
		{"no parameters", metaSpec, func(m *pluginv1.Programs) { m.Parameters = nil },
			"parameters: "},
		{"no finish", metaSpec, func(m *pluginv1.Programs) { m.Adaptation.Finish = nil },
			"finish of the adaptation: "},
		{"parameters of another model", metaSpec, func(m *pluginv1.Programs) {
			m.Parameters.Results = m.Parameters.Results[1:]
		}, "parameters: 2 results, want 3"},
		{"half a second round", metaSpec, func(m *pluginv1.Programs) { m.Settle = nil },
			"there is one only"},
		{"weights without weighing", metaSpec, func(m *pluginv1.Programs) { m.Weighing = nil },
			`parameter "weights" is not among`},
		{"loss with too few arguments", metaSpec, func(m *pluginv1.Programs) {
			s := m.Episode.Signatures[0]
			s.Params = s.Params[1:]
			for _, n := range m.Episode.Nodes {
				if a := n.GetAttributes(); a != nil && a.Signature == 1 {
					n.Inputs = n.Inputs[1:]
				}
			}
		}, "takes 4 values to 2, want 5 to 2"},
		{"call of what is not there", metaSpec, func(m *pluginv1.Programs) {
			m.Adaptation.Step.Signatures[0].Name = "encode:data:input"
		}, `calls "encode:data:input", which the host does not have`},
		{"step to other leaves", metaSpec, func(m *pluginv1.Programs) {
			m.Adaptation.Step.Results = m.Adaptation.Step.Results[1:]
		}, "step of the adaptation: 2 results, want 3"},
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

func TestSpecRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*pluginv1.LearnerUse)
		want   string
	}{
		{"many episodes", func(m *pluginv1.LearnerUse) { m.Episodes = 1 << 30 },
			"want at most 65536"},
		{"many tasks", func(m *pluginv1.LearnerUse) { m.Tasks = 1 << 30 }, "want at most 1024"},
		{"task beyond", func(m *pluginv1.LearnerUse) { m.Task = 2 }, "task 2 of 2"},
		{"long training", func(m *pluginv1.LearnerUse) { m.TrainSteps = 1 << 63 }, "want at most"},
		{"negative weight", func(m *pluginv1.LearnerUse) { m.Objectives[0].Weight = -1 },
			"weight is -1"},
		{"no number", func(m *pluginv1.LearnerUse) { m.TotalWeight = math.NaN() }, "weight is NaN"},
		{"long name", func(m *pluginv1.LearnerUse) {
			m.Objectives[0].Name = strings.Repeat("x", 2000)
		}, "has 2000 bytes"},
		{"unknown optimizer", func(m *pluginv1.LearnerUse) { m.Optimizer.Kind = "lion" }, "lion"},
	} {
		m, err := EncodeMetaSpec(metaSpec)
		if err != nil {
			t.Fatal(err)
		}
		tt.change(m)
		if _, err := DecodeMetaSpec(m); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

var weighing = meta.Weighing{
	Gram: [][]float64{{1, 2}, {2, 5}}, Losses: []float64{3, 4}, Present: []bool{true, false},
	Last: []float64{0.5, 0.5}, Memory: []float64{1, 2, 3}, Step: 7, Seed: 1 << 63,
}

func TestWeighing(t *testing.T) {
	m, err := EncodeWeighing(3, weighing)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeWeighing(m)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(weighing, got); diff != "" || m.GetInstance() != 3 {
		t.Errorf("instance %d (-want +got):\n%s", m.GetInstance(), diff)
	}
	for name, change := range map[string]func(*pluginv1.MetaLearnerServiceWeighRequest){
		"no task": func(m *pluginv1.MetaLearnerServiceWeighRequest) { m.Losses = nil },
		"gram":    func(m *pluginv1.MetaLearnerServiceWeighRequest) { m.Gram = m.Gram[1:] },
		"flags":   func(m *pluginv1.MetaLearnerServiceWeighRequest) { m.Present = nil },
		"last":    func(m *pluginv1.MetaLearnerServiceWeighRequest) { m.Last = m.Last[1:] },
		"step":    func(m *pluginv1.MetaLearnerServiceWeighRequest) { m.Step = 1 << 63 },
		"memory": func(m *pluginv1.MetaLearnerServiceWeighRequest) {
			m.Memory = make([]float64, meta.MaxMemory+1)
		},
		"many losses": func(m *pluginv1.MetaLearnerServiceWeighRequest) {
			m.Losses = make([]float64,
				1<<20)
		},
	} {
		m, _ := EncodeWeighing(3, weighing)
		change(m)
		if _, err := DecodeWeighing(m); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzDecodeWeighing(f *testing.F) {
	m, err := EncodeWeighing(1, weighing)
	if err != nil {
		f.Fatal(err)
	}
	seed(f, m)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pluginv1.MetaLearnerServiceWeighRequest
		if Unmarshal(data, &m) != nil {
			return
		}
		if w, err := DecodeWeighing(&m); err == nil {
			if _, err := EncodeWeighing(1, w); err != nil {
				t.Fatalf("what was decoded cannot be encoded: %v", err)
			}
		}
	})
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
