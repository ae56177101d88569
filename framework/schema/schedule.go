package schema

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// Kinds of Schedule.
const (
	ScheduleConstant = "constant" // From throughout
	ScheduleCosine   = "cosine"   // half a cosine from From to To
	ScheduleLinear   = "linear"   // a straight line from From to To
	ScheduleSteps    = "steps"    // From times the factors of all milestones reached
)

// A Schedule is a number that changes with the training step. The zero value is the constant 0.
type Schedule struct {
	Kind     string // one of the Schedule constants; "" is constant
	From, To float64
	// Warmup is the number of first steps during which the value rises in a straight line to From.
	// Cosine and linear schedules then span what remains; milestones count from the first step.
	Warmup     int
	Milestones []Milestone // by ascending step
}

// A Milestone multiplies a schedule by Factor from step Step on.
type Milestone struct {
	Step   int
	Factor float64
}

// ScheduleType is the type of a schedule among configuration values: a plain object, so that a
// plugin in any language can read it.
var ScheduleType = cty.Object(map[string]cty.Type{
	"kind":   cty.String,
	"from":   cty.Number,
	"to":     cty.Number,
	"warmup": cty.Number,
	"milestones": cty.List(cty.Object(map[string]cty.Type{
		"step":   cty.Number,
		"factor": cty.Number,
	})),
})

// Constant is v at every step.
func Constant(v float64) Schedule { return Schedule{Kind: ScheduleConstant, From: v} }

// Cosine falls from peak to final along half a cosine: final + (peak-final)·(1+cos πt)/2, where t
// runs from 0 to 1. Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983, eq. 5, with one
// period.
func Cosine(peak, final float64) Schedule {
	return Schedule{Kind: ScheduleCosine, From: peak, To: final}
}

// Linear goes from from to to in a straight line.
func Linear(from, to float64) Schedule {
	return Schedule{Kind: ScheduleLinear, From: from, To: to}
}

// Steps starts at initial and is multiplied by each milestone's factor once its step is reached.
func Steps(initial float64, milestones ...Milestone) Schedule {
	sorted := slices.Clone(milestones)
	slices.SortStableFunc(sorted, func(a, b Milestone) int { return a.Step - b.Step })
	return Schedule{Kind: ScheduleSteps, From: initial, Milestones: sorted}
}

// WithWarmup returns the schedule with its first steps replaced by a rise in a straight line:
// step s of the warm-up has (s+1)/steps of the schedule's value, so no step has rate 0.
func (s Schedule) WithWarmup(steps int) Schedule {
	s.Warmup = steps
	return s
}

// At returns the value at a step, counted from 0, of a training of total steps. Steps beyond the
// total have the schedule's last value.
func (s Schedule) At(step, total int) float64 {
	t := 1.0
	if span := total - s.Warmup; span > 0 {
		t = min(1, max(0, float64(step-s.Warmup)/float64(span)))
	}
	value := s.From
	switch s.Kind {
	case ScheduleCosine:
		value = s.To + (s.From-s.To)*(1+math.Cos(math.Pi*t))/2
	case ScheduleLinear:
		value = s.From + (s.To-s.From)*t
	case ScheduleSteps:
		for _, m := range s.Milestones {
			if step >= m.Step {
				value *= m.Factor
			}
		}
	}
	if step < s.Warmup {
		if s.Kind == ScheduleCosine || s.Kind == ScheduleLinear {
			value = s.From
		}
		value *= float64(step+1) / float64(s.Warmup)
	}
	return value
}

// IsConstant reports whether the value is the same at every step.
func (s Schedule) IsConstant() bool {
	switch s.Kind {
	case ScheduleCosine, ScheduleLinear:
		return s.From == s.To && s.Warmup <= 1
	}
	return len(s.Milestones) == 0 && s.Warmup <= 1
}

// String writes the schedule as it is written in an experiment file: a number, cosine(0.001, 0),
// linear(0.1, 0.01), steps(0.1, {100 = 0.5}), or one of these in warmup(10, ...).
func (s Schedule) String() string {
	from := formatNumber(s.From)
	text := from
	switch s.Kind {
	case ScheduleCosine, ScheduleLinear:
		text = fmt.Sprintf("%s(%s, %s)", s.Kind, from, formatNumber(s.To))
	case ScheduleSteps:
		at := make([]string, len(s.Milestones))
		for i, m := range s.Milestones {
			at[i] = fmt.Sprintf("%d = %s", m.Step, formatNumber(m.Factor))
		}
		text = fmt.Sprintf("steps(%s, {%s})", from, strings.Join(at, ", "))
	}
	if s.Warmup > 0 {
		text = fmt.Sprintf("warmup(%d, %s)", s.Warmup, text)
	}
	return text
}

// Value returns the schedule as a value of ScheduleType.
func (s Schedule) Value() cty.Value {
	kind := s.Kind
	if kind == "" {
		kind = ScheduleConstant
	}
	milestone := ScheduleType.AttributeType("milestones").ElementType()
	milestones := cty.ListValEmpty(milestone)
	if len(s.Milestones) > 0 {
		values := make([]cty.Value, len(s.Milestones))
		for i, m := range s.Milestones {
			values[i] = cty.ObjectVal(map[string]cty.Value{
				"step":   cty.NumberIntVal(int64(m.Step)),
				"factor": cty.NumberFloatVal(m.Factor),
			})
		}
		milestones = cty.ListVal(values)
	}
	return cty.ObjectVal(map[string]cty.Value{
		"kind":       cty.StringVal(kind),
		"from":       cty.NumberFloatVal(s.From),
		"to":         cty.NumberFloatVal(s.To),
		"warmup":     cty.NumberIntVal(int64(s.Warmup)),
		"milestones": milestones,
	})
}

// ScheduleOf reads a value of ScheduleType, checking that it could have come from Value.
func ScheduleOf(v cty.Value) (Schedule, error) {
	if !v.Type().Equals(ScheduleType) || !v.IsWhollyKnown() || v.IsNull() {
		return Schedule{}, fmt.Errorf("a schedule is needed, got %s", describe(v))
	}
	s := Schedule{}
	attr := v.AsValueMap()
	for name, a := range attr {
		if a.IsNull() {
			return Schedule{}, fmt.Errorf("the schedule's %s is null", name)
		}
	}
	s.Kind = attr["kind"].AsString()
	kinds := []string{ScheduleConstant, ScheduleCosine, ScheduleLinear, ScheduleSteps}
	if !slices.Contains(kinds, s.Kind) {
		return Schedule{}, fmt.Errorf("a schedule is %s, got %q", OrList(kinds), s.Kind)
	}
	s.From, s.To = float(attr["from"]), float(attr["to"])
	if math.IsInf(s.From, 0) || math.IsInf(s.To, 0) {
		return Schedule{}, fmt.Errorf("a schedule's values must be finite, got %v and %v",
			s.From, s.To)
	}
	var err error
	if s.Warmup, err = stepCount(attr["warmup"]); err != nil {
		return Schedule{}, fmt.Errorf("warmup: %w", err)
	}
	for _, m := range attr["milestones"].AsValueSlice() {
		if m.IsNull() || m.GetAttr("step").IsNull() || m.GetAttr("factor").IsNull() {
			return Schedule{}, fmt.Errorf("a milestone of the schedule is null")
		}
		step, err := stepCount(m.GetAttr("step"))
		if err != nil {
			return Schedule{}, fmt.Errorf("milestone: %w", err)
		}
		factor := float(m.GetAttr("factor"))
		if math.IsInf(factor, 0) {
			return Schedule{}, fmt.Errorf("milestone %d: the factor must be finite", step)
		}
		if n := len(s.Milestones); n > 0 && s.Milestones[n-1].Step >= step {
			return Schedule{}, fmt.Errorf("milestone %d comes after %d: steps must ascend",
				step, s.Milestones[n-1].Step)
		}
		s.Milestones = append(s.Milestones, Milestone{Step: step, Factor: factor})
	}
	return s, nil
}

// extremes returns the smallest and largest value that the schedule takes after its warm-up.
func (s Schedule) extremes() (low, high float64) {
	low, high = s.From, s.From
	switch s.Kind {
	case ScheduleCosine, ScheduleLinear:
		low, high = min(s.From, s.To), max(s.From, s.To)
	case ScheduleSteps:
		value := s.From
		for _, m := range s.Milestones {
			value *= m.Factor
			low, high = min(low, value), max(high, value)
		}
	}
	return low, high
}

func stepCount(v cty.Value) (int, error) {
	const most = 1 << 40
	n, accuracy := v.AsBigFloat().Int64()
	if accuracy != big.Exact || n < 0 || n > most {
		return 0, fmt.Errorf("a number of steps is whole and from 0 to %d, got %s", most,
			formatNumber(float(v)))
	}
	return int(n), nil
}

// float rounds a known number to the nearest float64.
func float(v cty.Value) float64 {
	f, _ := v.AsBigFloat().Float64()
	return f
}

// FormatNumber writes a number so that it reads back the same: all digits of a whole number that an
// int64 holds, the shortest decimal of any other's float64.
func FormatNumber(v cty.Value) string {
	if n, accuracy := v.AsBigFloat().Int64(); accuracy == big.Exact {
		return strconv.FormatInt(n, 10)
	}
	return formatNumber(float(v))
}

// formatNumber writes the shortest decimal that reads back as f.
func formatNumber(f float64) string {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	return strings.Replace(text, "e+", "e", 1)
}
