package evaluation

import (
	"fmt"
	"math"
	"slices"

	"quickstudy/framework/head"
	"quickstudy/framework/train/metric"
)

// Score is one measure of an objective after a number of adaptation steps.
type Score struct {
	Objective    string
	Metric       string
	HigherBetter bool
	Step         int
	Draws        []float64 // by episode or batch, in the order of the draws
	Total        float64   // over the examples of all draws together
	// Records are the scores of the records that have a target, in their order; nil
	// unless the total is their mean: the accuracy, the exact match or the mean squared
	// error of ordinary batches.
	Records []float64

	batched bool
	groups  groups // of other measures of ordinary batches that follow from predictions
	finish  head.Finish
}

// Mean returns the mean over episodes, or over records of ordinary batches, or if there are none
// of these the total.
func (s *Score) Mean() float64 {
	switch {
	case !s.batched:
		return metric.Mean(s.Draws).Mean
	case s.Records != nil:
		return metric.Mean(s.Records).Mean
	}
	return s.Total
}

// Interval returns the mean with its 95 % interval. The units are episodes, or records of
// ordinary batches. A total that is no mean over them, such as an F-score, has the interval of
// the bootstrap; a head's own has none, as what its records add to it is not known.
func (s *Score) Interval() metric.Interval {
	switch {
	case !s.batched:
		return metric.Mean(s.Draws)
	case s.Records != nil:
		return metric.Mean(s.Records)
	case s.groups != nil:
		if i, err := metric.Bootstrap(s.finish, s.groups.sums(1)); err == nil {
			return i
		}
	}
	return metric.Interval{Mean: s.Total, HalfWidth: math.NaN()}
}

// Scores are what a state came to on the draws of a set.
type Scores struct {
	Hash  string // of the draws
	Count int    // of them
	Steps []int
	All   []Score // by objective, measure and steps; an objective's main one first
}

// Find returns a score, or nil.
func (s *Scores) Find(objective, metric string, step int) *Score {
	for i, score := range s.All {
		if score.Objective == objective && score.Metric == metric && score.Step == step {
			return &s.All[i]
		}
	}
	return nil
}

// Main returns the score of an objective's first measure, or nil.
func (s *Scores) Main(objective string, step int) *Score {
	for i, score := range s.All {
		if score.Objective == objective && score.Step == step {
			return &s.All[i]
		}
	}
	return nil
}

// scores finishes the sums of every draw, and their totals in the order of the draws.
func (e *evaluator) scores(outcomes []drawn) (*Scores, error) {
	s := &Scores{Hash: e.Set.Frozen.Hash, Count: len(outcomes), Steps: e.Steps}
	for k, o := range e.objectives {
		for m := range o.measures {
			for i, steps := range e.Steps {
				column := make([]outcome, len(outcomes))
				for d := range outcomes {
					column[d] = outcomes[d][i][k]
				}
				score, err := o.finish(m, column, e.Set.Data.Batched())
				if err != nil {
					return nil, fmt.Errorf("evaluation: objective %q: %s after %d steps: %w", o.name,
						o.measures[m].name, steps, err)
				}
				score.Step = steps
				s.All = append(s.All, score)
			}
		}
	}
	return s, nil
}

// finish makes a score of one measure from the draws' outcomes.
func (o objective) finish(index int, outcomes []outcome, batched bool) (Score, error) {
	m := o.measures[index]
	score := Score{Objective: o.name, Metric: m.name, HigherBetter: m.higherBetter,
		batched: batched, finish: m.finish}
	var total []float64
	diverged, records := false, 0
	for _, out := range outcomes {
		x, err := metric.Finish(m.finish, out.sums[index])
		if err != nil {
			return Score{}, err
		}
		if !o.finite(out) {
			x, diverged = math.NaN(), true
		}
		score.Draws = append(score.Draws, x)
		if total, err = metric.Add(m.finish, total, out.sums[index]); err != nil {
			return Score{}, err
		}
		if batched && slices.Contains([]string{accuracyName, mseName, exactMatchName}, m.name) {
			score.Records = append(score.Records, out.records...)
		}
		for _, record := range out.each[index] {
			score.groups = score.groups.add(m.finish, records, record)
			records++
		}
	}
	var err error
	if score.Total, err = metric.Finish(m.finish, total); err != nil {
		return Score{}, err
	}
	if diverged {
		score.Total, score.Records, score.groups = math.NaN(), nil, nil
		return score, nil
	}
	if !near(metric.Mean(score.Records).Mean, score.Total) {
		score.Records = nil // the head means something else by the name
	}
	if !batched || score.Records != nil {
		score.groups = nil
	}
	return score, nil
}

// finite reports whether the loss of a draw is a number. Where it is none, so are the
// logits, and an arg-max over them, which always finds a class, means nothing.
func (o objective) finite(out outcome) bool {
	for i, m := range o.measures {
		if m.name != lossName {
			continue
		}
		for _, x := range out.sums[i] {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return false
			}
		}
	}
	return true
}

// near allows for sums in single precision.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-4*max(1, math.Abs(b)) }
