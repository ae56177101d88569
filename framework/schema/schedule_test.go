package schema

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

func TestScheduleAt(t *testing.T) {
	steps := Steps(1, Milestone{6, 0.5}, Milestone{4, 0.1})
	tests := []struct {
		name        string
		s           Schedule
		step, total int
		want        float64
	}{
		{"zero", Schedule{}, 3, 10, 0},
		{"constant", Constant(2), 3, 10, 2},
		{"cosine start", Cosine(1, 0), 0, 10, 1},
		{"cosine middle", Cosine(1, 0.5), 5, 10, 0.75},
		{"cosine end", Cosine(1, 0.5), 10, 10, 0.5},
		{"cosine beyond", Cosine(1, 0.5), 99, 10, 0.5},
		{"linear", Linear(1, 3), 5, 10, 2},
		{"no steps", Linear(1, 3), 0, 0, 3},
		{"steps before", steps, 3, 10, 1},
		{"steps at", steps, 4, 10, 0.1},
		{"steps both", steps, 6, 10, 0.05},
		{"warmup first", Constant(2).WithWarmup(4), 0, 10, 0.5},
		{"warmup last", Constant(2).WithWarmup(4), 3, 10, 2},
		{"warmup over", Constant(2).WithWarmup(4), 4, 10, 2},
		{"cosine after warmup", Cosine(1, 0).WithWarmup(4), 4, 10, 1},
		{"cosine halfway after warmup", Cosine(1, 0).WithWarmup(4), 7, 10, 0.5},
		{"warmup longer than training", Cosine(1, 0).WithWarmup(20), 9, 10, 0.5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.s.At(tt.step, tt.total); math.Abs(got-tt.want) > 1e-12 {
				t.Errorf("%v at %d of %d = %v, want %v", tt.s, tt.step, tt.total, got, tt.want)
			}
		})
	}
}

func TestScheduleValueRoundTrip(t *testing.T) {
	tests := []struct {
		s    Schedule
		text string
	}{
		{Constant(0.05), "0.05"},
		{Constant(1e21), "1e21"},
		{Cosine(1e-3, 0), "cosine(0.001, 0)"},
		{Linear(1, 0.5), "linear(1, 0.5)"},
		{Steps(1, Milestone{10, 0.1}), "steps(1, {10 = 0.1})"},
		{Cosine(1, 0).WithWarmup(7), "warmup(7, cosine(1, 0))"},
	}
	for _, tt := range tests {
		if got := tt.s.String(); got != tt.text {
			t.Errorf("written %s, want %s", got, tt.text)
		}
		got, err := ScheduleOf(tt.s.Value())
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
		} else if diff := cmp.Diff(tt.s, got); diff != "" {
			t.Errorf("%s: %s", tt.text, diff)
		}
		if got.IsConstant() != (tt.s.Kind == ScheduleConstant) {
			t.Errorf("%s: constant %v", tt.text, got.IsConstant())
		}
	}
}

func TestScheduleOfRefuses(t *testing.T) {
	change := func(name string, v cty.Value) cty.Value {
		m := Steps(1, Milestone{10, 0.1}).Value().AsValueMap()
		m[name] = v
		return cty.ObjectVal(m)
	}
	milestones := func(s ...Milestone) cty.Value {
		return Schedule{Milestones: s}.Value().GetAttr("milestones")
	}
	tests := []struct {
		name string
		v    cty.Value
		want string
	}{
		{"number", cty.Zero, "a schedule is needed"},
		{"unknown", cty.UnknownVal(ScheduleType), "a schedule is needed"},
		{"null", cty.NullVal(ScheduleType), "a schedule is needed"},
		{"null member", change("from", cty.NullVal(cty.Number)), "from is null"},
		{"kind", change("kind", cty.StringVal("square")), `got "square"`},
		{"negative warmup", change("warmup", cty.NumberIntVal(-1)), "warmup"},
		{"broken warmup", change("warmup", cty.NumberFloatVal(0.5)), "warmup"},
		{"infinite", change("to", cty.MustParseNumberVal("1e999")), "finite"},
		{"order", change("milestones", milestones(Milestone{2, 1}, Milestone{2, 1})), "ascend"},
	}
	for _, tt := range tests {
		if _, err := ScheduleOf(tt.v); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestScheduleFunctions(t *testing.T) {
	functions := Functions()
	at := cty.ObjectVal(map[string]cty.Value{"10": cty.NumberFloatVal(0.1), "5": cty.NumberIntVal(2)})
	tests := []struct {
		name string
		args []cty.Value
		want string // the schedule, or a part of the error
	}{
		{"constant", []cty.Value{number(2)}, "2"},
		{"cosine", []cty.Value{number(2)}, "cosine(2, 0)"},
		{"cosine", []cty.Value{number(2), number(1)}, "cosine(2, 1)"},
		{"cosine", []cty.Value{number(2), number(1), number(1)}, "got 3"},
		{"linear", []cty.Value{number(2), number(1)}, "linear(2, 1)"},
		{"steps", []cty.Value{number(2), at}, "steps(2, {5 = 2, 10 = 0.1})"},
		{"steps", []cty.Value{number(2), object("x", number(1))}, `"x" is no training step`},
		{"steps", []cty.Value{number(2), object("1", number(1), "01", number(1))}, "twice"},
		{"steps", []cty.Value{number(2), object("1", cty.StringVal(""))}, "must be a number"},
		{"steps", []cty.Value{number(2), number(2)}, "factors by step"},
		{"warmup", []cty.Value{number(3), number(2)}, "warmup(3, 2)"},
		{"warmup", []cty.Value{number(3), Cosine(1, 0).Value()}, "warmup(3, cosine(1, 0))"},
		{"warmup", []cty.Value{number(3), Constant(1).WithWarmup(2).Value()}, "already"},
		{"warmup", []cty.Value{number(0.5), number(1)}, "whole"},
		{"warmup", []cty.Value{number(3), cty.StringVal("x")}, "a schedule is needed"},
		{"constant", []cty.Value{cty.MustParseNumberVal("1e999")}, "too large"},
	}
	for _, tt := range tests {
		v, err := functions[tt.name].Call(tt.args)
		var got string
		if err != nil {
			got = err.Error()
		} else if s, err := ScheduleOf(v); err != nil {
			t.Errorf("%s%v: %v", tt.name, tt.args, err)
		} else {
			got = s.String()
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
