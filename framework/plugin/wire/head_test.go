package wire

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin/proto/pluginv1"
)

var headSpecs = map[string]head.Spec{
	"class": {
		Width: 8, Batch: 4, Sets: []head.Length{{Set: "left", Positions: 6},
			{Set: "right", Positions: 2}},
		Target: head.Target{Kind: head.ClassTarget, Classes: 3, VariableWay: true}, Train: true,
		Support: &head.Side{Batch: 5, Sets: []head.Length{{Set: "left", Positions: 7}}},
	},
	"value at every position": {
		Width: 8, Batch: 4, Sets: []head.Length{{Set: "input", Positions: 6}},
		Target: head.Target{Kind: head.ValueTarget, PerPosition: true},
	},
}

// exampleHead uses all that a head may ask for and return.
func exampleHead(t *head.Tracer) head.Outputs {
	if t.PerPosition() {
		values := t.Values()
		w := t.Param("w", graph.Shape{t.Width(), 1}, nn.Init{Kind: nn.Normal, Scale: 0.02})
		hidden := t.Encode("input").Hidden // [B, T, D]
		d := graph.Sub(graph.Sum(graph.Mul(hidden, graph.Reshape(w, t.Width())), 2),
			values.Values) // [B, T]
		return head.Outputs{Loss: graph.Mul(d, d)}
	}
	labels, support := t.Labels(), t.Support()
	w := t.EpisodicParam("w", graph.Shape{t.Width(), labels.Classes},
		nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	logits := nn.Linear(t.Encode("left").Pooled, w,
		t.Param("b", graph.Shape{labels.Classes}, nn.Init{}))
	seen := graph.Sum(graph.Mul(support.Encode("left").Pooled,
		graph.Reshape(support.Labels().Weight, 5, 1)))
	noise := graph.Uniform(t.Key(), graph.Float32, graph.Shape{t.Batch()})
	t.Coupled()
	correct := graph.Mul(nn.Accuracy(logits, labels.IDs, labels.Mask), labels.Weight)
	return head.Outputs{
		Loss: graph.Add(nn.CrossEntropy(logits, labels.IDs, labels.Mask),
			graph.Mul(noise, seen)),
		Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(logits)},
			{Name: "scores", Node: logits}},
		Metrics: []head.Metric{{Name: "accuracy", Finish: head.Ratio, Higher: true,
			Sums: []*graph.Node{graph.Sum(correct), graph.Sum(labels.Weight)}}},
	}
}

func traceExample(t testing.TB, spec head.Spec) *head.Traced {
	t.Helper()
	traced, err := head.Trace("example", exampleHead, spec)
	if err != nil {
		t.Fatal(err)
	}
	return traced
}

func TestHeadRoundTrip(t *testing.T) {
	for name, spec := range headSpecs {
		t.Run(name, func(t *testing.T) {
			use, err := EncodeHeadSpec(spec)
			if err != nil {
				t.Fatal(err)
			}
			gotSpec, err := DecodeHeadSpec(use)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(spec, gotSpec); diff != "" {
				t.Errorf("use (-want +got):\n%s", diff)
			}
			want := traceExample(t, spec)
			m, err := EncodeTraced(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := DecodeTraced(m, spec)
			if err != nil {
				t.Fatal(err)
			}
			if got.Func.String() != want.Func.String() {
				t.Errorf("function\n%v\nwant\n%v", got.Func, want.Func)
			}
			got.Func, want.Func = nil, nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("head (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHeadRefused(t *testing.T) {
	spec := headSpecs["class"]
	smaller := spec
	smaller.Batch = 3
	noSupport := spec
	noSupport.Support = nil
	for _, tt := range []struct {
		name   string
		spec   head.Spec
		change func(*pluginv1.TracedHead)
		want   string
	}{
		{"other batch", smaller, func(*pluginv1.TracedHead) {},
			"data/class: i32[4], want data/class: i32[3]"},
		{"no support", noSupport, func(*pluginv1.TracedHead) {}, `"support/class" is neither`},
		{"leaf without parameter", spec, func(m *pluginv1.TracedHead) {
			m.Leaves = append(m.Leaves, m.Leaves[0])
		}, "is no parameter"},
		{"parameter without leaf", spec, func(m *pluginv1.TracedHead) { m.Leaves = m.Leaves[:1] },
			"is not the next leaf"},
		{"leaf of another shape", spec, func(m *pluginv1.TracedHead) { m.Leaves[1].Dims = []uint32{9} }, "its leaf has the shape [9]"},
		{"pattern as address", spec, func(m *pluginv1.TracedHead) { m.Leaves[0].Address = "**" },
			"character of patterns"},
		{"unknown initial values", spec,
			func(m *pluginv1.TracedHead) { m.Leaves[0].Init = "magic" },
			`unknown initial values "magic"`},
		{"infinite scale", spec, func(m *pluginv1.TracedHead) { m.Leaves[0].Scale = math.Inf(1) },
			"scale"},
		{"unknown role", spec, func(m *pluginv1.TracedHead) { m.Leaves[0].Role = "king" },
			`"king"`},
		{"no loss", spec, func(m *pluginv1.TracedHead) { m.Function.Results = m.Function.Results[1:] }, "want loss"},
		{"unknown metric", spec, func(m *pluginv1.TracedHead) { m.Metrics[0].Finish = "magic" },
			`finished by "magic"`},
		{"metric without sums", spec, func(m *pluginv1.TracedHead) { m.Function.Results = m.Function.Results[:4] }, "with 1 results left"},
		{"sums without metric", spec, func(m *pluginv1.TracedHead) { m.Metrics = nil },
			"belongs to nothing"},
		{"no function", spec, func(m *pluginv1.TracedHead) { m.Function = nil }, "entry 0"},
	} {
		m, err := EncodeTraced(traceExample(t, spec))
		if err != nil {
			t.Fatal(err)
		}
		tt.change(m)
		if _, err := DecodeTraced(m, tt.spec); err == nil ||
			!strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func FuzzDecodeTraced(f *testing.F) {
	m, err := EncodeTraced(traceExample(f, headSpecs["class"]))
	if err != nil {
		f.Fatal(err)
	}
	seed(f, m)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pluginv1.TracedHead
		if Unmarshal(data, &m) != nil {
			return
		}
		traced, err := DecodeTraced(&m, headSpecs["class"])
		if err != nil {
			return
		}
		if _, err := EncodeTraced(traced); err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
	})
}

func FuzzDecodeHeadSpec(f *testing.F) {
	m, err := EncodeHeadSpec(headSpecs["class"])
	if err != nil {
		f.Fatal(err)
	}
	seed(f, m)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pluginv1.HeadUse
		if Unmarshal(data, &m) != nil {
			return
		}
		if spec, err := DecodeHeadSpec(&m); err == nil {
			if _, err := EncodeHeadSpec(spec); err != nil {
				t.Fatalf("what was decoded cannot be encoded: %v", err)
			}
		}
	})
}
