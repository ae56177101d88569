package kernel

import "math"

func chainGeneric(steps []Step, rows, cols int) {
	for i := range rows {
		for j := range cols {
			v := float32(0)
			for s := range steps {
				v = steps[s].apply(v, i, j)
			}
		}
	}
}

func (s *Step) apply(v float32, i, j int) float32 {
	operand := func(p *float32, row int, single StepCode) *float32 {
		if s.Code&single != 0 {
			return at(p, i*row)
		}
		return at(p, i*row+j)
	}
	kind := StepKind(s.Code >> 2)
	switch kind {
	case 0:
		return v
	case StepNeg:
		return math.Float32frombits(math.Float32bits(v) ^ 1<<31)
	}
	p := operand(s.X, s.RowX, 1)
	if kind == StepStore {
		*p = v
		return v
	}
	x := *p
	switch kind {
	case StepLoad:
		return x
	case StepAdd:
		return v + x
	case StepSub:
		return v - x
	case StepFrom:
		return x - v
	case StepMul:
		return v * x
	case StepDiv:
		return v / x
	case StepInto:
		return x / v
	case StepEq:
		return math.Float32frombits(maskOf(v == x))
	case StepLess:
		return math.Float32frombits(maskOf(v < x))
	case StepGreater:
		return math.Float32frombits(maskOf(v > x))
	case StepAtMost:
		return math.Float32frombits(maskOf(v <= x))
	case StepAtLeast:
		return math.Float32frombits(maskOf(v >= x))
	}
	y := *operand(s.Y, s.RowY, 2)
	mask, then, other := x, v, y
	switch kind {
	case StepElse:
		then, other = y, v
	case StepPick:
		mask, then = v, x
	}
	if math.Float32bits(mask) != 0 {
		return then
	}
	return other
}
