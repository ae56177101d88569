package head_test

import (
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
)

var spec = head.Spec{
	Width: 8, Batch: 4, Sets: []head.Length{{Set: head.Input, Positions: 6}},
	Target: head.Target{Kind: head.ClassTarget, Classes: 3},
}

func linear(t *head.Tracer) head.Outputs {
	x, labels := t.Encode(head.Input).Pooled, t.Labels()
	w := t.Param("w", graph.Shape{t.Width(), labels.Classes},
		nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	b := t.Param("b", graph.Shape{labels.Classes}, nn.Init{})
	logits := nn.Linear(x, w, b)
	correct := graph.Sum(graph.Mul(nn.Accuracy(logits, labels.IDs, labels.Mask), labels.Weight))
	return head.Outputs{
		Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask),
		Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(logits)}},
		Metrics: []head.Metric{{Name: "accuracy", Finish: head.Ratio, Higher: true,
			Sums: []*graph.Node{correct, graph.Sum(labels.Weight)}}},
	}
}

func TestTrace(t *testing.T) {
	traced, err := head.Trace("linear", linear, spec)
	if err != nil {
		t.Fatal(err)
	}
	var params, results []string
	for _, p := range traced.Func.Params {
		params = append(params, p.Attrs().Name)
	}
	for _, r := range traced.Func.Results {
		results = append(results, r.Name)
	}
	if got, want := strings.Join(params, " "),
		"data/class data/class_mask data/weight param/w param/b key"; got != want {
		t.Errorf("parameters %q, want %q", got, want)
	}
	if got, want := strings.Join(results, " "),
		"loss prediction/class metric/accuracy/0 metric/accuracy/1"; got != want {
		t.Errorf("results %q, want %q", got, want)
	}
	if len(traced.Leaves) != 2 || traced.Leaves[0].Role != "weight" ||
		traced.Leaves[1].Role != "bias" {
		t.Errorf("leaves %v, want w and b", traced.Leaves)
	}
	if !strings.Contains(traced.Func.String(), `"encode:data:input"`) {
		t.Errorf("the backbone is not called:\n%v", traced.Func)
	}
}

func TestMisuse(t *testing.T) {
	value := spec
	value.Target = head.Target{Kind: head.ValueTarget}
	decoding := func(only bool) head.Spec {
		s := spec
		s.Cache, s.DecoderOnly = 16, only
		return s
	}
	alone := spec
	alone.DecoderOnly = true
	tests := []struct {
		name  string
		spec  head.Spec
		trace func(t *head.Tracer) head.Outputs
		want  string
	}{
		{"other target", value, linear,
			"head/head_test.go:LINE: head.Labels: the target is a value, the head wants a class"},
		{"unknown set", spec, func(t *head.Tracer) head.Outputs {
			t.Encode("left")
			return head.Outputs{}
		},
			`no input set "left"; the task has input`},
		{"no loss", spec, func(t *head.Tracer) head.Outputs { return head.Outputs{} },
			"the loss is nil, want a node: one for every example"},
		{"two shapes", spec, func(t *head.Tracer) head.Outputs {
			t.Param("w", graph.Shape{2}, nn.Init{})
			t.Param("w", graph.Shape{3}, nn.Init{})
			return head.Outputs{}
		}, `"w" has shape [2], then [3]`},
		{"loss of another shape", spec, func(t *head.Tracer) head.Outputs {
			return head.Outputs{Loss: graph.Const(graph.Float32, graph.Shape{3}, []float64{1})}
		}, "head/head_test.go:LINE: the loss is f32[3], want f32[4]"},
		{"type of a prediction", spec,
			with(func(o *head.Outputs) { o.Predictions[0].Kind = head.PredictedSpan }),
			`prediction "class" is i32[4], want i32[4,2]`},
		{"kind of a prediction", spec, with(func(o *head.Outputs) { o.Predictions[0].Name = "answer" }),
			`prediction "answer" is of the unknown kind "answer"`},
		{"prediction twice", spec, with(func(o *head.Outputs) {
			o.Predictions = append(o.Predictions, o.Predictions[0])
		}),
			"prediction/class"},
		{"name of a metric", spec, with(func(o *head.Outputs) { o.Metrics[0].Name = "a/b" }),
			`a metric is called "a/b"`},
		{"number of sums", spec, with(func(o *head.Outputs) { o.Metrics[0].Finish = head.R2 }),
			"of 2 sums, want 4"},
		{"sum that is no scalar", spec, with(func(o *head.Outputs) { o.Metrics[0].Sums[1] = o.Loss }),
			`metric "accuracy": sum 1 is f32[4], want a single f32`},
		{"a cache of no text", spec, with(func(o *head.Outputs) { o.Cache = o.Loss }),
			"belongs to nothing"},
		{"no decoder", spec, func(t *head.Tracer) head.Outputs {
			t.Decode(t.Encode(head.Input), head.Input)
			return head.Outputs{}
		},
			"head/head_test.go:LINE: head.Decode: the backbone has no decoder; " +
				"choose one of a kind that decodes"},
		{"no memory", decoding(false),
			func(t *head.Tracer) head.Outputs {
				t.Decode(head.Encoded{}, head.Input)
				return head.Outputs{}
			},
			"head/head_test.go:LINE: head.Decode: the decoder sees a memory; " +
				"pass what Encode gives of another input set"},
		{"a memory", decoding(true), func(t *head.Tracer) head.Outputs {
			t.Decode(t.Encode(head.Input), head.Input)
			return head.Outputs{}
		},
			"head/head_test.go:LINE: head.Decode: the decoder is all of the backbone and " +
				"sees no memory; pass the zero Encoded"},
		{"a start", decoding(true), func(t *head.Tracer) head.Outputs {
			t.Start(head.Encoded{})
			return head.Outputs{}
		},
			"head/head_test.go:LINE: head.Start: a decoder alone starts from zeros; return no cache"},
		{"a decoder without a cache", alone, linear,
			"head: a decoder alone and no cache for it, want its size"},
		{"no embedding", spec, func(t *head.Tracer) head.Outputs { t.Embedding(); return head.Outputs{} },
			"head.Embedding: the backbone has no token embedding; give it an input of tokens"},
		{"bad spec", head.Spec{Width: 8}, linear, "want at least 1"},
		{"one class", head.Spec{Width: 8, Batch: 1, Sets: spec.Sets,
			Target: head.Target{Kind: head.ClassTarget, Classes: 1}}, linear, "want at least 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := head.Trace("h", test.trace, test.spec)
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

// with is the linear head with other outputs.
func with(change func(*head.Outputs)) func(*head.Tracer) head.Outputs {
	return func(t *head.Tracer) head.Outputs {
		out := linear(t)
		change(&out)
		return out
	}
}

func TestSpecCheck(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*head.Spec)
		want   string // empty: nothing is wrong
	}{
		{"class", func(*head.Spec) {}, ""},
		{"one of several classes", func(s *head.Spec) {
			s.Target = head.Target{Kind: head.ClassesTarget, Classes: 1}
		}, ""},
		{"tags of a set", func(s *head.Spec) {
			s.Target = head.Target{Kind: head.TagsTarget, Classes: 2, Set: head.Input}
		}, ""},
		{"next token", func(s *head.Spec) {
			s.Target, s.Cache, s.Next = head.Target{Kind: head.TokensTarget, Classes: 5}, 3, true
		}, ""},
		{"unknown kind", func(s *head.Spec) { s.Target.Kind = "mood" }, `kind "mood", want one of`},
		{"value of classes", func(s *head.Spec) { s.Target.Kind = head.ValueTarget },
			"a value of 3 classes"},
		{"no tags", func(s *head.Spec) { s.Target = head.Target{Kind: head.TagsTarget} }, "0 classes"},
		{"tags of variable way", func(s *head.Spec) {
			s.Target = head.Target{Kind: head.TagsTarget, Classes: 2, VariableWay: true}
		}, "a tags of variable way"},
		{"class per position", func(s *head.Spec) { s.Target.PerPosition = true },
			"marked as per position"},
		{"class in a set", func(s *head.Spec) { s.Target.Set = head.Input }, "it has none"},
		{"span in another set", func(s *head.Spec) {
			s.Target = head.Target{Kind: head.SpanTarget, Set: "left"}
		},
			`set "left"; the task has input`},
		{"set twice", func(s *head.Spec) { s.Sets = append(s.Sets, s.Sets[0]) }, "a name of its own"},
		{"name of a set", func(s *head.Spec) { s.Sets = []head.Length{{Set: "a:b", Positions: 1}} },
			"a name of its own"},
		{"empty support", func(s *head.Spec) { s.Support = &head.Side{} }, "an empty support is nil"},
		{"next class", func(s *head.Spec) { s.Next, s.Cache = true, 3 }, "the next token of a target"},
		{"next without a decoder", func(s *head.Spec) {
			s.Target, s.Next = head.Target{Kind: head.TokensTarget, Classes: 5}, true
		}, "a cache of 0"},
		{"negative", func(s *head.Spec) { s.Vocabulary = -1 }, "vocabulary of -1"},
	} {
		s := spec
		s.Sets = slices.Clone(spec.Sets)
		row.change(&s)
		err := s.Check()
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: error %v, want %q", row.name, err, row.want)
		}
	}
}

// TestTargets: every kind of target has the tensors that are written down for it, on
// both sides.
func TestTargets(t *testing.T) {
	for _, row := range []struct {
		target head.Target
		read   func(t *head.Tracer)
		want   string
	}{
		{head.Target{Kind: head.ClassTarget, Classes: 3},
			func(t *head.Tracer) { t.Labels(); t.Support().Labels() },
			"data/class: i32[4] data/class_mask: f32[3] data/weight: f32[4] " +
				"support/class: i32[5] support/weight: f32[5]"},
		{head.Target{Kind: head.ClassesTarget, Classes: 3},
			func(t *head.Tracer) { t.LabelSets(); t.Support().LabelSets() },
			"data/classes: f32[4,3] data/class_mask: f32[3] data/weight: f32[4] " +
				"support/classes: f32[5,3] support/weight: f32[5]"},
		{head.Target{Kind: head.ValueTarget}, func(t *head.Tracer) { t.Values(); t.Support().Values() },
			"data/value: f32[4] data/weight: f32[4] support/value: f32[5] support/weight: f32[5]"},
		{head.Target{Kind: head.ValueTarget, PerPosition: true},
			func(t *head.Tracer) { t.Values(); t.Support().Values() },
			"data/value: f32[4,6] data/weight: f32[4,6] support/value: f32[5,7] support/weight: f32[5,7]"},
		{head.Target{Kind: head.SpanTarget}, func(t *head.Tracer) { t.Spans(); t.Support().Spans() },
			"data/start: i32[4] data/end: i32[4] data/present: f32[4] data/weight: f32[4] " +
				"data/allowed: f32[4,6] " +
				"support/start: i32[5] support/end: i32[5] support/present: f32[5] support/weight: f32[5] " +
				"support/allowed: f32[5,7]"},
		{head.Target{Kind: head.TagsTarget, Classes: 3, Set: "words"},
			func(t *head.Tracer) { t.Tags(); t.Support().Tags() },
			"data/tags: i32[4,2] data/weight: f32[4,2] support/tags: i32[5,3] support/weight: f32[5,3]"},
		{head.Target{Kind: head.TokensTarget, Classes: 3},
			func(t *head.Tracer) { t.Tokens(); t.Support().Tokens() },
			"data/tokens: i32[4,6] data/weight: f32[4,6] support/tokens: i32[5,7] support/weight: f32[5,7]"},
	} {
		s := head.Spec{
			Width: 8, Batch: 4, Sets: []head.Length{{Set: head.Input, Positions: 6},
				{Set: "words", Positions: 2}},
			Support: &head.Side{Batch: 5,
				Sets: []head.Length{{Set: head.Input, Positions: 7}, {Set: "words", Positions: 3}}},
			Target: row.target,
		}
		traced, err := head.Trace("h", func(t *head.Tracer) head.Outputs {
			row.read(t)
			shape := graph.Shape{4}
			if t.PerPosition() {
				shape = t.Encode(t.Set()).Mask.Shape()
			}
			return head.Outputs{Loss: graph.Const(graph.Float32, shape, []float64{0})}
		}, s)
		if err != nil {
			t.Errorf("%+v: %v", row.target, err)
			continue
		}
		var got []string
		for _, p := range traced.Func.Signature().Params {
			if p.Name != "key" {
				got = append(got, p.String())
			}
		}
		if got := strings.Join(got, " "); got != row.want {
			t.Errorf("%+v: parameters\n%s, want\n%s", row.target, got, row.want)
		}
	}
}

func TestNoSupportIsNil(t *testing.T) {
	_, err := head.Trace("h", func(tr *head.Tracer) head.Outputs {
		if tr.Support() != nil {
			t.Error("a support that is not there")
		}
		return linear(tr)
	}, spec)
	if err != nil {
		t.Fatal(err)
	}
}
