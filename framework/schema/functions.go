package schema

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Functions returns the schedule functions of the experiment language by name:
//
//	constant(v)  cosine(peak, final = 0)  linear(from, to)
//	steps(initial, {step = factor, ...})  warmup(steps, schedule or number)
func Functions() map[string]function.Function {
	number := func(name string) function.Parameter {
		return function.Parameter{Name: name, Type: cty.Number}
	}
	dynamic := func(name string) function.Parameter {
		return function.Parameter{Name: name, Type: cty.DynamicPseudoType}
	}
	finals := number("final")
	return map[string]function.Function{
		ScheduleConstant: scheduleFunction("The same value at every step.", nil,
			func(args []cty.Value) (Schedule, error) { return Constant(float(args[0])), nil },
			number("value")),
		ScheduleCosine: scheduleFunction("Falls from peak to final along half a cosine.", &finals,
			func(args []cty.Value) (Schedule, error) {
				switch len(args) {
				case 1:
					return Cosine(float(args[0]), 0), nil
				case 2:
					return Cosine(float(args[0]), float(args[1])), nil
				}
				return Schedule{}, fmt.Errorf("expected one or two arguments, got %d", len(args))
			}, number("peak")),
		ScheduleLinear: scheduleFunction("Goes from one value to another in a straight line.", nil,
			func(args []cty.Value) (Schedule, error) {
				return Linear(float(args[0]), float(args[1])), nil
			}, number("from"), number("to")),
		ScheduleSteps: scheduleFunction("Multiplied by a factor at each given step.", nil,
			stepsOf, number("initial"), dynamic("factors")),
		"warmup": scheduleFunction("Rises to a schedule in a straight line.", nil,
			warmupOf, number("steps"), dynamic("schedule")),
	}
}

// scheduleFunction makes a function whose result is a schedule.
func scheduleFunction(doc string, rest *function.Parameter,
	make func(args []cty.Value) (Schedule, error), params ...function.Parameter) function.Function {
	return function.New(&function.Spec{
		Description: doc,
		Params:      params,
		VarParam:    rest,
		Type:        function.StaticReturnType(ScheduleType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for i, a := range args {
				if !a.IsWhollyKnown() {
					return cty.UnknownVal(ScheduleType), nil
				}
				if a.Type() == cty.Number && math.IsInf(float(a), 0) {
					return cty.NilVal, function.NewArgErrorf(i, "the number is too large")
				}
			}
			s, err := make(args)
			if err != nil {
				return cty.NilVal, err
			}
			return s.Value(), nil
		},
	})
}

func stepsOf(args []cty.Value) (Schedule, error) {
	if t := args[1].Type(); !t.IsObjectType() && !t.IsMapType() {
		return Schedule{}, function.NewArgErrorf(1,
			"factors by step are needed, such as {1000 = 0.1}, got %s", describe(args[1]))
	}
	var milestones []Milestone
	for name, factor := range args[1].AsValueMap() {
		step, err := strconv.Atoi(name)
		if err != nil || step < 0 {
			return Schedule{}, function.NewArgErrorf(1, "%q is no training step", name)
		}
		if factor.IsNull() || factor.Type() != cty.Number || math.IsInf(float(factor), 0) {
			return Schedule{}, function.NewArgErrorf(1,
				"the factor at step %d must be a number, got %s", step, describe(factor))
		}
		milestones = append(milestones, Milestone{Step: step, Factor: float(factor)})
	}
	s := Steps(float(args[0]), milestones...)
	same := func(a, b Milestone) bool { return a.Step == b.Step }
	if len(slices.CompactFunc(slices.Clone(s.Milestones), same)) < len(s.Milestones) {
		return Schedule{}, function.NewArgErrorf(1, "a step is given twice")
	}
	return s, nil
}

func warmupOf(args []cty.Value) (Schedule, error) {
	steps, err := stepCount(args[0])
	if err != nil {
		return Schedule{}, function.NewArgError(0, err)
	}
	s := Schedule{}
	if args[1].Type() == cty.Number {
		s = Constant(float(args[1]))
	} else if s, err = ScheduleOf(args[1]); err != nil {
		return Schedule{}, function.NewArgError(1, err)
	}
	if s.Warmup > 0 {
		return Schedule{}, function.NewArgErrorf(1, "the schedule has a warm-up already")
	}
	return s.WithWarmup(steps), nil
}
