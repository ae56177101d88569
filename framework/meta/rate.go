package meta

import (
	"math"

	"quickstudy/framework/graph"
	"quickstudy/framework/schema"
)

// Rate returns the value of a schedule at the present step of training, a scalar
// of the leaves' type; see schema.Schedule.At. A constant needs no Progress;
// without training the value is the first.
func (m *Model) Rate(s schema.Schedule) *graph.Node {
	number := func(v float64) *graph.Node { return graph.Scalar(m.spec.dtype(), v) }
	if s.IsConstant() {
		return number(s.From)
	}
	total := float64(m.spec.TrainSteps)
	// Progress is rounded; half a step more makes whole numbers of it again.
	step := graph.Add(graph.Mul(m.Progress(), number(total)), number(0.5))
	step = graph.Convert(graph.Convert(step, graph.Int32), m.spec.dtype())
	warmup := float64(s.Warmup)
	value := number(s.From)
	switch s.Kind {
	case schema.ScheduleCosine, schema.ScheduleLinear:
		t := number(0) // a warm-up as long as training never ends
		if span := total - warmup; span > 0 {
			t = graph.Div(graph.Sub(step, number(warmup)), number(span))
			t = graph.Min(number(1), graph.Max(number(0), t))
		}
		if s.Kind == schema.ScheduleCosine { // (1 + cos πt) / 2 of the way is left
			left := graph.Mul(number(0.5), graph.Add(number(1),
				graph.Cos(graph.Mul(number(math.Pi), t))))
			value = graph.Add(number(s.To), graph.Mul(number(s.From-s.To), left))
		} else {
			value = graph.Add(value, graph.Mul(number(s.To-s.From), t))
		}
	case schema.ScheduleSteps:
		for _, reached := range s.Milestones {
			factor := graph.Select(graph.Ge(step, number(float64(reached.Step))),
				number(reached.Factor), number(1))
			value = graph.Mul(value, factor)
		}
	}
	if warmup > 0 { // before its end t is 0, so cosine and linear are at From
		share := graph.Div(graph.Add(step, number(1)), number(warmup))
		value = graph.Mul(value, graph.Min(number(1), share))
	}
	return value
}
