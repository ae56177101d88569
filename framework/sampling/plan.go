package sampling

import (
	"fmt"
	"math"
	"slices"

	"quickstudy/framework/schema"
)

// Mix is the rule by which the tasks of an experiment share the steps.
type Mix string

// The rules of mixing.
const (
	Every        Mix = "every"        // every task in every step
	Uniform      Mix = "uniform"      // tasks drawn with equal probability
	Proportional Mix = "proportional" // in proportion to their size
	Temperature  Mix = "temperature"  // in proportion to size^(1/temperature)
	Weighted     Mix = "weighted"     // in proportion to stated weights
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
	Sizes []int
	// Cap is the most that counts of a size; 0: any.
	Cap int
	// Temperature, at 1 proportional and when it is large uniform, is scheduled over so many
	// Steps.
	Temperature schema.Schedule
	Steps       int
	// Weights of the tasks with Weighted; a task of weight 0 is never drawn.
	Weights []float64
}

// Draws returns the number of draws in a step.
func (p Plan) Draws() int {
	if p.Mix == Every || p.Mix == "" {
		return p.PerStep * len(p.Sizes)
	}
	return p.PerStep
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
	shares, err := p.Shares(step)
	if err != nil {
		return nil, err
	}
	s := newStream(p.Seed, "plan", Train, step)
	for i := range int64(p.PerStep) {
		u, task := s.float(), -1
		for i, share := range shares {
			if share == 0 {
				continue
			}
			if task = i; u < share {
				break
			}
			u -= share // what rounding leaves over is of the last with a share
		}
		picks = append(picks, Pick{task, first + i})
	}
	return picks, nil
}

// Shares returns the probability of each task in a draw of a step.
func (p Plan) Shares(step int64) ([]float64, error) {
	exponent := 0.0
	switch p.Mix {
	case Every, "", Uniform:
	case Proportional:
		exponent = 1
	case Temperature:
		temperature := p.Temperature.At(int(step), p.Steps)
		if !(temperature > 0) {
			return nil, fmt.Errorf("temperature %v of the mix of tasks in step %d, want more than 0",
				temperature, step+1)
		}
		exponent = 1 / temperature
	case Weighted:
		if len(p.Weights) != len(p.Sizes) {
			return nil, fmt.Errorf("%d weights of %d tasks", len(p.Weights), len(p.Sizes))
		}
	default:
		return nil, fmt.Errorf("mix of tasks %q, want %q, %q, %q, %q or %q", p.Mix, Every, Uniform,
			Proportional, Temperature, Weighted)
	}
	shares := make([]float64, len(p.Sizes))
	for i, n := range p.Sizes {
		switch {
		case p.Mix == Weighted:
			if shares[i] = p.Weights[i]; !(shares[i] >= 0) || math.IsInf(shares[i], 0) {
				return nil, fmt.Errorf("weight %v of task %d, want a number of at least 0", shares[i], i)
			}
		case exponent > 0 && n < 1:
			return nil, fmt.Errorf("task %d has %d training records: a mix by size needs at "+
				"least one", i, n)
		default:
			if shares[i] = float64(n); p.Cap > 0 {
				shares[i] = float64(min(n, p.Cap))
			}
		}
	}
	if p.Mix == Weighted {
		exponent = 1
	}
	// Of the largest, because powers of sizes, and sums of weights, may be too large for a number.
	largest, total := slices.Max(shares), 0.0
	if p.Mix == Weighted && largest == 0 {
		return nil, fmt.Errorf("the weights of all tasks are 0")
	}
	for i := range shares {
		shares[i] = math.Pow(shares[i]/largest, exponent)
		total += shares[i]
	}
	for i := range shares {
		shares[i] /= total
	}
	return shares, nil
}
