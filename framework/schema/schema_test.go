package schema

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

// part and config have one field of every supported kind.
type part struct {
	Fraction float64 `config:"fraction,required" min:">0" max:"1"`
	Label    string  `config:"label"`
}

type config struct {
	Rate    Schedule        `config:"rate" doc:"rate of the step" unit:"1/step" min:">0" max:"10"`
	Steps   int             `config:"steps" doc:"number of steps" min:"1"`
	Path    string          `config:"path,required,path" doc:"file of records" example:"a.json"`
	Mode    string          `config:"mode" oneof:"first,second"`
	Flag    bool            `config:"flag"`
	Small   uint8           `config:"small"`
	Single  float32         `config:"single" max:"<1"`
	Layers  []int           `config:"layers" min:"0"`
	Grid    [][]float64     `config:"grid"`
	Rates   []Schedule      `config:"rates" min:"0"`
	Names   map[string]int  `config:"names"`
	Split   map[string]part `config:"split"`
	Parts   []part          `config:"parts"`
	Options struct {
		Depth int `config:"depth" max:"8"`
	} `config:"options"`
	Skipped chan int `config:"-"`
}

func defaults() config {
	c := config{Rate: Cosine(0.1, 0), Steps: 5, Mode: "first", Layers: []int{1, 2}}
	c.Options.Depth = 2
	return c
}

func mustOf(t testing.TB, v any) *Schema {
	t.Helper()
	s, err := Of(v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func number(f float64) cty.Value { return cty.NumberFloatVal(f) }

func object(pairs ...any) cty.Value {
	m := map[string]cty.Value{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1].(cty.Value)
	}
	return cty.ObjectVal(m)
}

func TestOfReadsTags(t *testing.T) {
	s := mustOf(t, defaults())
	rate := s.Attribute("rate")
	if !rate.Schedule || !rate.MinOpen || *rate.Min != 0 || *rate.Max != 10 || rate.MaxOpen ||
		rate.Unit != "1/step" || rate.Doc != "rate of the step" || rate.Required {
		t.Errorf("rate: %+v", rate)
	}
	if got, want := rate.Range(), "above 0 and at most 10"; got != want {
		t.Errorf("range %q, want %q", got, want)
	}
	path := s.Attribute("path")
	if !path.Required || !path.Path || path.Default != cty.NilVal || path.Example != "a.json" {
		t.Errorf("path: %+v", path)
	}
	var names []string
	for _, a := range s.Attributes {
		names = append(names, a.Name)
	}
	want := "rate steps path mode flag small single layers grid rates names split parts options"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("attributes %s\nwant %s", got, want)
	}
	if got := s.Attribute("grid").Type; !got.Equals(cty.List(cty.List(cty.Number))) {
		t.Errorf("grid is a %s", got.FriendlyName())
	}
	nested := s.Attribute("split").Nested
	if len(nested) != 2 || !nested[0].Required || nested[0].Name != "fraction" {
		t.Errorf("split: %+v", nested)
	}
	if s.Attribute("absent") != nil {
		t.Error("an attribute that does not exist was found")
	}
}

func TestOfRefusesDeclarations(t *testing.T) {
	type recursive struct {
		Child []recursive `config:"child"`
	}
	type inner struct {
		Must int `config:"must,required"`
	}
	tests := []struct {
		name     string
		defaults any
		want     string
	}{
		{"no struct", 3, "a struct with config tags is needed"},
		{"nil", nil, "a struct with config tags is needed"},
		{"no tag", struct{ A int }{}, "field A: no config tag"},
		{"unexported", struct {
			a int `config:"a"`
		}{}, "must be exported"},
		{"option", struct {
			A int `config:"a,requird"`
		}{}, `Did you mean "required"?`},
		{"type", struct {
			A chan int `config:"a"`
		}{}, "type chan int: expected"},
		{"pointer", struct {
			A *int `config:"a"`
		}{}, "type *int: expected"},
		{"map key", struct {
			A map[int]int `config:"a"`
		}{}, "keys must be strings"},
		{"name", struct {
			A int `config:"1a"`
		}{}, "attribute name"},
		{"no name", struct {
			A int `config:",required"`
		}{}, "attribute name"},
		{"twice", struct {
			A int `config:"a"`
			B int `config:"a"`
		}{}, "declared twice"},
		{"bad bound", struct {
			A int `config:"a" min:"one"`
		}{}, `min tag "one"`},
		{"empty range", struct {
			A int `config:"a" min:"2" max:"1"`
		}{}, "no number is at least 2 and at most 1"},
		{"range of a string", struct {
			A string `config:"a" min:"1"`
		}{}, "only numbers and schedules have a range"},
		{"choices of a number", struct {
			A int `config:"a" oneof:"1,2"`
		}{}, "only strings have a list of choices"},
		{"path of a number", struct {
			A int `config:"a,path"`
		}{}, "only a string can be marked as a path"},
		{"default out of range", struct {
			A int `config:"a" min:"1"`
		}{}, "its default: .a"},
		{"default no choice", struct {
			A string `config:"a" oneof:"x,y"`
		}{}, `must be "x" or "y"`},
		{"default not finite", struct {
			A float64 `config:"a"`
		}{math.NaN()}, "not finite"},
		{"schedule not finite", struct {
			A Schedule `config:"a"`
		}{Constant(math.Inf(1))}, "not finite"},
		{"recursive", recursive{}, "nest deeper"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Of(tt.defaults)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	s := mustOf(t, struct {
		Inner inner `config:"inner"`
	}{})
	if !s.Attributes[0].Required {
		t.Error("an object with a required attribute is not required itself")
	}
}

func TestCompleteFillsDefaults(t *testing.T) {
	s := mustOf(t, defaults())
	v, problems := s.Complete(object("path", cty.StringVal("x"), "rate", number(0.25),
		"steps", cty.NullVal(cty.Number),
		"split", object("train", object("fraction", number(0.5)))))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if !v.Type().Equals(s.ImpliedType()) {
		t.Fatalf("type %#v", v.Type())
	}
	var c config // a complete value needs no defaults
	if problems := Decode(v, &c); len(problems) > 0 {
		t.Fatal(problems)
	}
	want := defaults()
	want.Path, want.Rate = "x", Constant(0.25)
	want.Split = map[string]part{"train": {Fraction: 0.5}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

func TestCompleteIsStrict(t *testing.T) {
	s := mustOf(t, defaults())
	text := cty.StringVal
	tuple := func(v ...cty.Value) cty.Value { return cty.TupleVal(v) }
	tests := []struct {
		name       string
		give       cty.Value
		path, code string
		detail     string // a part of it
	}{
		{"missing", cty.EmptyObjectVal, "", CodeMissing, `"path" must be given: file of records.`},
		{"not an object", text("x"), "", CodeType, "the block must be an object"},
		{"null", cty.NullVal(cty.EmptyObject), "", CodeType, "got null"},
		{"unknown", object("path", text(""), "stepps", number(1)), ".stepps", CodeUnknown,
			`Did you mean "steps"?`},
		{"typo of a required one", object("pth", text("")), ".pth", CodeUnknown,
			`Did you mean "path"?`},
		{"string for number", object("path", text(""), "steps", text("5")), ".steps", CodeType,
			`"steps" must be a whole number, got the string "5".`},
		{"number for string", object("path", number(1)), ".path", CodeType, "must be a string"},
		{"number for bool", object("path", text(""), "flag", number(1)), ".flag", CodeType,
			"must be true or false, got the number 1"},
		{"fraction for int", object("path", text(""), "steps", number(2.5)), ".steps", CodeType,
			"must be a whole number, got 2.5"},
		{"below", object("path", text(""), "steps", number(0)), ".steps", CodeRange,
			"must be at least 1, got 0"},
		{"open bound", object("path", text(""), "single", number(1)), ".single", CodeRange,
			"must be below 1, got 1"},
		{"above 2^63", object("path", text(""), "steps", number(1e30)), ".steps", CodeRange,
			"below 2^63, got 1e30"},
		{"too large", object("path", text(""), "single", cty.MustParseNumberVal("1e400")),
			".single", CodeRange, "too large"},
		{"choice", object("path", text(""), "mode", text("frist")), ".mode", CodeChoice,
			`must be "first" or "second", got "frist". Did you mean "first"?`},
		{"schedule for number", object("path", text(""), "steps", Cosine(1, 0).Value()), ".steps",
			CodeType, "got a schedule, which changes with the step"},
		{"string for schedule", object("path", text(""), "rate", text("fast")), ".rate", CodeType,
			"a number or a schedule, such as 0.1 or cosine(0.1)"},
		{"schedule starts on open bound", object("path", text(""), "rate", Linear(0, 1).Value()),
			".rate", CodeRange, "above 0"},
		{"schedule leaves range", object("path", text(""), "rate", Linear(1, 11).Value()),
			".rate", CodeRange, "got 11"},
		{"milestone leaves range", object("path", text(""),
			"rate", Steps(1, Milestone{3, -1}).Value()), ".rate", CodeRange, "got -1"},
		{"list", object("path", text(""), "layers", number(1)), ".layers", CodeType,
			"must be a list"},
		{"list element", object("path", text(""), "layers", tuple(number(1), text("2"))),
			".layers[1]", CodeType, `"layers[1]" must be a whole number`},
		{"null element", object("path", text(""), "layers", tuple(cty.NullVal(cty.Number))),
			".layers[0]", CodeType, "got null"},
		{"inner list", object("path", text(""), "grid", tuple(tuple(text("")))), ".grid[0][0]",
			CodeType, "a number"},
		{"map", object("path", text(""), "names", tuple()), ".names", CodeType, "must be a map"},
		{"map element", object("path", text(""), "names", object("a b", text("x"))),
			`.names["a b"]`, CodeType, "whole number"},
		{"nested unknown", object("path", text(""), "options", object("dept", number(1))),
			".options.dept", CodeUnknown, `Did you mean "depth"?`},
		{"nested range", object("path", text(""), "split", object("valid",
			object("fraction", number(1.7)))), `.split["valid"].fraction`, CodeRange, "got 1.7"},
		{"nested missing", object("path", text(""), "parts", tuple(cty.EmptyObjectVal)),
			".parts[0]", CodeMissing, `"fraction" must be given`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, problems := s.Complete(tt.give)
			if len(problems) != 1 {
				t.Fatalf("%d problems, want 1: %v", len(problems), problems)
			}
			p := problems[0]
			if p.Path != tt.path || p.Code != tt.code || !strings.Contains(p.Detail, tt.detail) {
				t.Errorf("got %s (%s)\nwant %s (%s) %q", p, p.Code, tt.path, tt.code, tt.detail)
			}
			if !v.Type().Equals(s.ImpliedType()) {
				t.Errorf("the value is not of the schema's type")
			}
			c := defaults()
			if got := Decode(tt.give, &c); len(got) != 1 || !cmp.Equal(c, defaults()) {
				t.Errorf("Decode: %v, or the struct has changed", got)
			}
		})
	}
	if _, problems := s.Complete(cty.DynamicVal); len(problems) > 0 {
		t.Errorf("unknown block: %v", problems)
	}
	if _, problems := s.Complete(object("path", cty.DynamicVal)); len(problems) > 0 {
		t.Errorf("unknown attribute: %v", problems)
	}
}

func TestDecodeChecksGoTypes(t *testing.T) {
	type small struct {
		A int8    `config:"a"`
		B uint16  `config:"b"`
		C float32 `config:"c"`
	}
	var s small
	problems := Decode(object("a", number(200), "b", number(-1), "c", number(1e300)), &s)
	var paths []string
	for _, p := range problems {
		paths = append(paths, p.Path)
	}
	if want := []string{".a", ".b", ".c"}; !reflect.DeepEqual(paths, want) {
		t.Errorf("problems at %v, want %v", paths, want)
	}
	for _, into := range []any{nil, s, (*small)(nil), new(int)} {
		if problems := Decode(cty.EmptyObjectVal, into); !HasErrors(problems) {
			t.Errorf("Decode into %T: no problem", into)
		}
	}
}

func TestPaths(t *testing.T) {
	for _, text := range []string{"", ".a", `.split["valid"].fraction`, ".a[0][12]", `["a\"]b"].c`} {
		path, err := ParsePath(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := FormatPath(path); got != text {
			t.Errorf("%s reads back as %s", text, got)
		}
	}
	for _, text := range []string{".", "a", "..a", "[", "[]", "[-1]", "[1.5]", `["a]`, `["a"`, ".a ",
		"[99999999999999999999]", strings.Repeat(".a", 65)} {
		if _, err := ParsePath(text); err == nil {
			t.Errorf("%.20s: no error", text)
		}
	}
}

func TestNearest(t *testing.T) {
	candidates := []string{"width", "heads", "layers", "learning_rate"}
	tests := []struct{ give, want string }{
		{"widht", "width"}, {"widh", "width"}, {"head", "heads"}, {"learning_rte", "learning_rate"},
		{"lerning_rte", "learning_rate"}, {"x", ""}, {"", ""}, {"layer", "layers"},
	}
	for _, tt := range tests {
		if got := Nearest(tt.give, candidates); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.give, got, tt.want)
		}
	}
}

func TestFacts(t *testing.T) {
	s, err := Of(struct {
		Rate  Schedule `config:"rate" min:">0" max:"<1e-3"`
		Steps int      `config:"steps" min:"1" max:"1048576" unit:"steps"`
		Files []string `config:"files,required,path" example:"a.json"`
		Kind  string   `config:"kind" oneof:"a,b"`
	}{Rate: Linear(1e-4, 0), Steps: 5, Kind: "a"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range s.Attributes {
		got = append(got, a.Facts())
	}
	want := []string{
		"schedule, default linear(0.0001, 0), above 0, below 0.001",
		"number of steps, default 5, at least 1, at most 1048576",
		"list of path, required, such as a.json",
		`string, default "a", one of a, b`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
