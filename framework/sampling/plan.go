package sampling

import (
	"fmt"
	"math"
)

// Mix is the rule by which the tasks of an experiment share the steps.
type Mix string

// The rules of mixing.
const (
	Every        Mix = "every"        // every task in every step
	Uniform      Mix = "uniform"      // tasks drawn with equal probability
	Proportional Mix = "proportional" // in proportion to their size
	Temperature  Mix = "temperature"  // in proportion to size^(1/temperature)
)

// Plan says which tasks a step is made of. Like every draw, it is a pure
// function of (seed, step).
type Plan struct {
	Seed uint64
	Mix  Mix // "" is Every
	// PerStep is the number of draws in a step; with Every, of each task.
	PerStep int
	// Sizes are the numbers of training records of the tasks, in the order of
	// the experiment.
	Sizes       []int
	Temperature float64 // 1: proportional; large: uniform
}

// Pick is one draw of a step: a task, by position, and the index of its draw.
type Pick struct {
	Task  int
	Index int64
}

// Step returns the draws of a step. No task is given the same index twice in a
// run. With Every, a task's indices are consecutive, so its batches run through
// whole epochs; otherwise the index counts all draws, and a task's batches are
// taken from its epochs at random.
func (p Plan) Step(step int64) ([]Pick, error) {
	if step < 0 || p.PerStep < 1 || len(p.Sizes) == 0 {
		return nil, fmt.Errorf("step %d of a plan with %d draws a step and %d tasks, want at "+
			"least 0, 1 and 1", step, p.PerStep, len(p.Sizes))
	}
	first := step * int64(p.PerStep)
	var picks []Pick
	if p.Mix == Every || p.Mix == "" {
		for task := range p.Sizes {
			for i := range int64(p.PerStep) {
				picks = append(picks, Pick{task, first + i})
			}
		}
		return picks, nil
	}
	shares, err := p.Shares()
	if err != nil {
		return nil, err
	}
	s := newStream(p.Seed, "plan", Train, step)
	for i := range int64(p.PerStep) {
		u, task := s.float(), 0
		for task < len(shares)-1 && u >= shares[task] {
			u -= shares[task]
			task++
		}
		picks = append(picks, Pick{task, first + i})
	}
	return picks, nil
}

// Shares returns the probability of each task in a draw.
func (p Plan) Shares() ([]float64, error) {
	exponent := 0.0
	switch p.Mix {
	case Every, "", Uniform:
	case Proportional:
		exponent = 1
	case Temperature:
		if !(p.Temperature > 0) {
			return nil, fmt.Errorf("temperature %v of the mix of tasks, want more than 0",
				p.Temperature)
		}
		exponent = 1 / p.Temperature
	default:
		return nil, fmt.Errorf("mix of tasks %q, want %q, %q, %q or %q", p.Mix, Every, Uniform,
			Proportional, Temperature)
	}
	shares, total := make([]float64, len(p.Sizes)), 0.0
	for i, n := range p.Sizes {
		if n < 1 && exponent > 0 {
			return nil, fmt.Errorf("task %d has %d training records: a mix by size needs at "+
				"least one", i, n)
		}
		shares[i] = 1
		if exponent > 0 {
			shares[i] = math.Pow(float64(n), exponent)
		}
		total += shares[i]
	}
	for i := range shares {
		shares[i] /= total
	}
	return shares, nil
}
