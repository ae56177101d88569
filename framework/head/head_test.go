package head_test

import (
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
	w := t.Param("w", graph.Shape{t.Width(), labels.Classes}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
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
	if got, want := strings.Join(params, " "), "data/class data/class_mask data/weight param/w param/b key"; got != want {
		t.Errorf("parameters %q, want %q", got, want)
	}
	if got, want := strings.Join(results, " "), "loss prediction/class metric/accuracy/0 metric/accuracy/1"; got != want {
		t.Errorf("results %q, want %q", got, want)
	}
	if len(traced.Leaves) != 2 || traced.Leaves[0].Role != "weight" || traced.Leaves[1].Role != "bias" {
		t.Errorf("leaves %v, want w and b", traced.Leaves)
	}
	if !strings.Contains(traced.Func.String(), `"encode:data:input"`) {
		t.Errorf("the backbone is not called:\n%v", traced.Func)
	}
}

func TestMisuse(t *testing.T) {
	value := spec
	value.Target = head.Target{Kind: head.ValueTarget}
	tests := []struct {
		name  string
		spec  head.Spec
		trace func(t *head.Tracer) head.Outputs
		want  string
	}{
		{"other target", value, linear, "head/head_test.go:LINE: head.Labels: the target is a value, the head wants a class"},
		{"unknown set", spec, func(t *head.Tracer) head.Outputs { t.Encode("left"); return head.Outputs{} },
			`no input set "left"; the task has input`},
		{"no loss", spec, func(t *head.Tracer) head.Outputs { return head.Outputs{} }, "want f32[4]: one for every example"},
		{"two shapes", spec, func(t *head.Tracer) head.Outputs {
			t.Param("w", graph.Shape{2}, nn.Init{})
			t.Param("w", graph.Shape{3}, nn.Init{})
			return head.Outputs{}
		}, `"w" has shape [2], then [3]`},
		{"bad spec", head.Spec{Width: 8}, linear, "want at least 1"},
		{"one class", head.Spec{Width: 8, Batch: 1, Sets: spec.Sets, Target: head.Target{Kind: head.ClassTarget, Classes: 1}}, linear, "want at least 2"},
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
