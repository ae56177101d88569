package wire

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/plugin/proto/pluginv1"
)

// headSpecs are uses of every kind of target.
var headSpecs = map[string]head.Spec{
	"class": {
		Width: 8, Batch: 4, Sets: []head.Length{{Set: "left", Positions: 6},
			{Set: "right", Positions: 2}},
		Target: head.Target{Kind: head.ClassTarget, Classes: 3, VariableWay: true}, Train: true,
		Support: &head.Side{Batch: 5, Sets: []head.Length{{Set: "left", Positions: 7}}},
	},
	"classes": headSpec(head.Target{Kind: head.ClassesTarget, Classes: 3}),
	"value":   headSpec(head.Target{Kind: head.ValueTarget}),
	"value at every position": headSpec(
		head.Target{Kind: head.ValueTarget, PerPosition: true, Set: "right"}),
	"span":   headSpec(head.Target{Kind: head.SpanTarget}),
	"tags":   headSpec(head.Target{Kind: head.TagsTarget, Classes: 3}),
	"tokens": headSpec(head.Target{Kind: head.TokensTarget, Classes: 11, Set: "right"}),
	"decoder alone": {
		Width: 8, Batch: 4, Sets: []head.Length{{Set: "left", Positions: 6}}, Vocabulary: 11,
		Cache: 16, DecoderOnly: true, Target: head.Target{Kind: head.TokensTarget, Classes: 11},
	},
	"next token": {
		Width: 8, Batch: 4, Sets: []head.Length{{Set: "left", Positions: 6}}, Vocabulary: 11,
		Cache: 16, Next: true, Target: head.Target{Kind: head.TokensTarget, Classes: 11},
	},
}

func headSpec(target head.Target) head.Spec {
	return head.Spec{
		Width: 8, Batch: 4, Sets: []head.Length{{Set: "left", Positions: 6},
			{Set: "right", Positions: 3}},
		Vocabulary: 11, Cache: 16, Target: target,
	}
}

// exampleHead uses all that a head may ask for and return.
func exampleHead(t *head.Tracer) head.Outputs {
	if n := t.Next(); n != nil {
		hidden, cache := t.Step(n.Cache, n.Token, n.Position)
		scores := graph.DotT(hidden, t.Embedding(), false, true) // [B, V]
		return head.Outputs{Cache: cache,
			Predictions: []head.Prediction{{Name: "next", Kind: head.Scores, Node: scores}}}
	}
	switch t.Target().Kind {
	case head.ClassTarget:
		return exampleClass(t)
	case head.ClassesTarget:
		sets := t.LabelSets()
		logits := project(t, t.Encode("left").Pooled, sets.Classes) // [B, C]
		return head.Outputs{Loss: graph.Sum(nn.SquaredError(logits, sets.Sets), 1),
			Predictions: []head.Prediction{{Name: "classes", Node: graph.Gt(logits,
				graph.ConstLike(logits, 0))}}}
	case head.ValueTarget:
		values := t.Values()
		x := t.Encode("left").Pooled
		if t.PerPosition() {
			x = t.Encode(t.Set()).Hidden
		}
		y := graph.Reshape(project(t, x, 1), values.Values.Shape()...)
		return head.Outputs{Loss: nn.SquaredError(y, values.Values),
			Predictions: []head.Prediction{{Name: "value", Node: y}}}
	case head.SpanTarget:
		spans := t.Spans()
		logits := project(t, t.Encode(spans.Set).Hidden, 2) // [B, T, 2]
		best := graph.ArgMax(graph.Transpose(logits, 0, 2, 1))
		starts := graph.Reshape(graph.Slice(logits, 2, 0, 1), t.Batch(), -1)
		return head.Outputs{Loss: nn.CrossEntropy(starts, spans.Start, nil),
			Predictions: []head.Prediction{{Name: "span", Node: best}}}
	case head.TagsTarget:
		tags := t.Tags()
		logits := project(t, t.Encode(tags.Set).Hidden, tags.Classes) // [B, T, C]
		return perPosition(logits, tags.IDs, "tags")
	}
	tokens, memory := t.Tokens(), head.Encoded{}
	if !t.DecoderOnly() {
		memory = t.Encode("left")
	}
	hidden := t.Decode(memory, tokens.Set).Hidden                                 // [B, T, D]
	table := graph.Broadcast(t.Embedding(), t.Batch(), tokens.Classes, t.Width()) // [B, V, D]
	out := perPosition(graph.DotT(hidden, table, false, true), tokens.IDs, "tokens")
	if !t.DecoderOnly() {
		out.Cache = t.Start(memory)
	}
	return out
}

// perPosition returns the loss and the best class of every position.
func perPosition(logits, ids *graph.Node, name string) head.Outputs {
	shape := ids.Shape()
	loss := nn.CrossEntropy(graph.Reshape(logits, shape.Size(), -1), graph.Reshape(ids, -1), nil)
	return head.Outputs{Loss: graph.Reshape(loss, shape...),
		Predictions: []head.Prediction{{Name: name, Node: graph.ArgMax(logits)}}}
}

func project(t *head.Tracer, x *graph.Node, out int) *graph.Node {
	w := t.Param("w", graph.Shape{t.Width(), out}, nn.Init{Kind: nn.Normal, Scale: 0.02})
	return nn.Linear(x, w, nil)
}

func exampleClass(t *head.Tracer) head.Outputs {
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
	counts := graph.ConstLike(labels.Mask, 1) // [C]
	return head.Outputs{
		Loss: graph.Add(nn.CrossEntropy(logits, labels.IDs, labels.Mask),
			graph.Mul(noise, seen)),
		Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(logits)},
			{Name: "logits", Kind: head.Scores, Node: logits}},
		Metrics: []head.Metric{
			{Name: "accuracy", Finish: head.Ratio, Higher: true,
				Sums: []*graph.Node{graph.Sum(correct), graph.Sum(labels.Weight)}},
			{Name: "macro_f1", Finish: head.MacroF1, Higher: true,
				Sums: []*graph.Node{counts, counts, counts}},
		},
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
		{"leaf of another shape", spec, func(m *pluginv1.TracedHead) { m.Leaves[1].Dims = []uint32{9} },
			"its leaf has the shape [9]"},
		{"pattern as address", spec, func(m *pluginv1.TracedHead) { m.Leaves[0].Address = "**" },
			"character of patterns"},
		{"unknown initial values", spec,
			func(m *pluginv1.TracedHead) { m.Leaves[0].Init = "magic" },
			`unknown initial values "magic"`},
		{"infinite scale", spec, func(m *pluginv1.TracedHead) { m.Leaves[0].Scale = math.Inf(1) },
			"scale"},
		{"unknown role", spec, func(m *pluginv1.TracedHead) { m.Leaves[0].Role = "king" },
			`"king"`},
		{"no loss", spec, func(m *pluginv1.TracedHead) { m.Function.Results = m.Function.Results[1:] },
			`want "loss"`},
		{"unknown metric", spec, func(m *pluginv1.TracedHead) { m.Metrics[0].Finish = "magic" },
			`finished by "magic"`},
		{"metric without sums", spec,
			func(m *pluginv1.TracedHead) { m.Function.Results = m.Function.Results[:4] },
			`want "metric/accuracy/1"`},
		{"sums without metric", spec, func(m *pluginv1.TracedHead) { m.Metrics = nil },
			"belongs to nothing"},
		{"metric of another shape", spec,
			func(m *pluginv1.TracedHead) {
				m.Metrics[0].Finish, m.Metrics[0].Name = "f1", "macro_f1"
				m.Metrics[1].Finish, m.Metrics[1].Name = "ratio", "accuracy"
			}, `want "metric/macro_f1/0"`},
		{"unknown prediction", spec,
			func(m *pluginv1.TracedHead) { m.Predictions[0].Kind = "mood" }, `unknown kind "mood"`},
		{"prediction of another type", spec,
			func(m *pluginv1.TracedHead) { m.Predictions[0].Kind = "span" }, "want i32[4,2]"},
		{"prediction without result", spec,
			func(m *pluginv1.TracedHead) { m.Predictions[1].Name = "scores" },
			`want "prediction/scores"`},
		{"too many predictions", spec, func(m *pluginv1.TracedHead) {
			m.Predictions = make([]*pluginv1.Prediction, 65)
		}, "65 predictions, want at most 64"},
		{"unknown function", spec, func(m *pluginv1.TracedHead) {
			m.Function.Signatures[0].Name = "exec:data:left"
		}, `call of "exec:data:left": the backbone has no such function`},
		{"side that is not there", spec, func(m *pluginv1.TracedHead) {
			m.Function.Signatures[0].Name = "encode:query:left"
		}, `not "query"`},
		{"set that is not there", spec, func(m *pluginv1.TracedHead) {
			m.Function.Signatures[0].Name = "encode:data:middle"
		}, `no input set "middle"`},
		{"function of another type", spec, func(m *pluginv1.TracedHead) {
			m.Function.Signatures[0].Results[2].Name = "summary"
		}, `call of "encode:`},
		{"decoder that is not there", spec, func(m *pluginv1.TracedHead) {
			m.Function.Signatures[0].Name = "decode:data:left"
		}, "the backbone has no decoder"},
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
	for _, name := range slices.Sorted(maps.Keys(headSpecs)) {
		m, err := EncodeTraced(traceExample(f, headSpecs[name]))
		if err != nil {
			f.Fatal(err)
		}
		seed(f, m)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pluginv1.TracedHead
		if Unmarshal(data, &m) != nil {
			return
		}
		for _, spec := range headSpecs {
			traced, err := DecodeTraced(&m, spec)
			if err != nil {
				continue
			}
			if _, err := EncodeTraced(traced); err != nil {
				t.Fatalf("what was decoded cannot be encoded: %v", err)
			}
		}
	})
}

func TestHeadUseRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*pluginv1.HeadUse)
		want   string
	}{
		{"huge", func(m *pluginv1.HeadUse) { m.Cache = 1 << 31 }, "size 2147483648"},
		{"many sets", func(m *pluginv1.HeadUse) { m.Sets = make([]*pluginv1.InputSet, 65) },
			"65 input sets"},
		{"no target", func(m *pluginv1.HeadUse) { m.Target = nil }, `target of kind ""`},
		{"next class", func(m *pluginv1.HeadUse) { m.Next = true }, "the next token"},
	} {
		m, err := EncodeHeadSpec(headSpecs["class"])
		if err != nil {
			t.Fatal(err)
		}
		tt.change(m)
		if _, err := DecodeHeadSpec(m); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func FuzzDecodeHeadSpec(f *testing.F) {
	for _, name := range slices.Sorted(maps.Keys(headSpecs)) {
		m, err := EncodeHeadSpec(headSpecs[name])
		if err != nil {
			f.Fatal(err)
		}
		seed(f, m)
	}
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
