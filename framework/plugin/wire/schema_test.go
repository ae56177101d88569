package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
	"google.golang.org/protobuf/proto"

	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/schema"
)

type nested struct {
	Fraction float64 `config:"fraction" min:"0" max:"1" doc:"share"`
}

type block struct {
	Path   string            `config:"path,required" doc:"a file" example:"data/x.json"`
	Rate   schema.Schedule   `config:"rate" doc:"step size" unit:"1/step" min:"0"`
	Steps  int               `config:"steps" min:"1" max:"100"`
	Kind   string            `config:"kind" oneof:"a,b"`
	Names  []string          `config:"names"`
	Split  map[string]nested `config:"split"`
	Strict bool              `config:"strict"`
}

func exampleSchema(t testing.TB) *schema.Schema {
	t.Helper()
	s, err := schema.Of(&block{
		Rate: schema.Constant(0.1), Steps: 5, Kind: "a", Names: []string{"x", "y"},
		Split: map[string]nested{"train": {Fraction: 0.5}},
	})
	if err != nil {
		t.Fatal(err)
	}
	named := *s
	named.Name, named.Kind, named.Doc = "example", "head", "An example."
	return &named
}

// values compares cty values and types by their own equality.
var values = cmp.Options{
	cmp.Comparer(func(a, b cty.Value) bool { return a.RawEquals(b) }),
	cmp.Comparer(func(a, b cty.Type) bool { return a.Equals(b) }),
}

func TestDescriptionRoundTrip(t *testing.T) {
	want := Description{
		Kind: "head", Name: "example", Version: "v1.2.3", Doc: "An example.", Protocol: 1,
		Capabilities: []string{"weigh"}, Schema: exampleSchema(t),
	}
	m, err := EncodeDescription(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeDescription(m)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, values); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}
}

func TestSchemaRefused(t *testing.T) {
	deep := &pluginv1.Attribute{Name: "x", Type: []byte(`"string"`)}
	for range 100 {
		deep = &pluginv1.Attribute{Name: "x", Type: []byte(`["object",{}]`),
			Nested: []*pluginv1.Attribute{deep}}
	}
	attribute := func(change func(*pluginv1.Attribute)) *pluginv1.Schema {
		a := &pluginv1.Attribute{Name: "x", Type: []byte(`"number"`), DefaultValue: []byte{1}}
		change(a)
		return &pluginv1.Schema{Name: "s", Attributes: []*pluginv1.Attribute{a}}
	}
	for _, tt := range []struct {
		name string
		m    *pluginv1.Schema
		want string
	}{
		{"none", nil, "no schema"},
		{"deep", &pluginv1.Schema{Attributes: []*pluginv1.Attribute{deep}}, "levels"},
		{"type", attribute(func(a *pluginv1.Attribute) { a.Type = []byte(`"colour"`) }), "type"},
		{"deep type", attribute(func(a *pluginv1.Attribute) {
			a.Type = []byte(strings.Repeat(`["list",`, 5000) +
				`"string"` + strings.Repeat(`]`, 5000))
		}), "nests deeper"},
		{"capsule", attribute(func(a *pluginv1.Attribute) { a.Type = []byte(`"dynamic"`) }),
			"type must be"},
		{"default of another type", attribute(func(a *pluginv1.Attribute) {
			a.DefaultValue = []byte{0xa1, 'x'}
		}), "finite number"},
		{"default with a tail", attribute(func(a *pluginv1.Attribute) {
			a.DefaultValue = []byte{1, 2}
		}), "after the value"},
		{"default and required", attribute(func(a *pluginv1.Attribute) { a.Required = true }),
			"no default"},
		{"neither", attribute(func(a *pluginv1.Attribute) { a.DefaultValue = nil }),
			"must have a default"},
		{"default out of range", attribute(func(a *pluginv1.Attribute) { a.Max = new(0.5) }),
			"default"},
	} {
		_, err := DecodeSchema(tt.m)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestProblemsRoundTrip(t *testing.T) {
	want := []schema.Problem{
		{Path: `.split["train"].fraction`, Code: schema.CodeRange, Summary: "Out of range",
			Detail: "1.7 is more than 1."},
		{Code: schema.CodePlugin, Summary: "Slow", Detail: "No GPU.", Warning: true},
	}
	got, err := DecodeProblems(EncodeProblems(want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	bad := EncodeProblems([]schema.Problem{{Path: "no path", Summary: "bad \xff text"}})
	if !proto.Equal(bad[0], &pluginv1.Problem{Path: "no path", Summary: "bad � text"}) {
		t.Errorf("encoded %v", bad[0])
	}
	if _, err := DecodeProblems(bad); err == nil {
		t.Error("a path that cannot be parsed was accepted")
	}
}

func FuzzDecodeDescription(f *testing.F) {
	m, err := EncodeDescription(Description{Kind: "head", Name: "x", Schema: exampleSchema(f)})
	if err != nil {
		f.Fatal(err)
	}
	seed(f, m)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pluginv1.DescribeResponse
		if Unmarshal(data, &m) != nil {
			return
		}
		d, err := DecodeDescription(&m)
		if err != nil {
			return
		}
		again, err := EncodeDescription(d)
		if err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		if d2, err := DecodeDescription(again); err != nil || !cmp.Equal(d, d2, values) {
			t.Fatalf("decoding is not stable: %v", err)
		}
	})
}

func FuzzDecodeProblems(f *testing.F) {
	seed(f, &pluginv1.ConfigureResponse{Problems: EncodeProblems([]schema.Problem{
		{Path: `.a["b"][3].c`, Code: schema.CodeRange, Summary: "s", Detail: "d", Warning: true}})})
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pluginv1.ConfigureResponse
		if Unmarshal(data, &m) != nil {
			return
		}
		problems, err := DecodeProblems(m.GetProblems())
		if err != nil {
			return
		}
		again, err := DecodeProblems(EncodeProblems(problems))
		if err != nil || !cmp.Equal(problems, again) {
			t.Fatalf("decoding is not stable: %v\n%v\n%v", err, problems, again)
		}
	})
}

func seed(f *testing.F, m proto.Message) {
	f.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
}
