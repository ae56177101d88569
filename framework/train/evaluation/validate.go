package evaluation

import (
	"context"
	"fmt"
	"math"

	"quickstudy/framework/link"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
)

// Validator scores states on frozen validation episodes. By its score a state is
// chosen among those of a run, and a setting among several.
type Validator struct {
	Model *program.Model
	// Sets are of the split sampling.Validation, by position of the task; without draws where
	// a task is not evaluated.
	Sets     []Set
	Steps    []int // of adaptation, by position of the task; nil: as trained
	Workers  int
	Seed     uint64
	Progress func(done, total int) // over the draws of all tasks; may be nil
}

// Validation is what a state scored.
type Validation struct {
	Score        float64 // NaN if any part of it is
	HigherBetter bool
	// Values holds every score by <task>/<objective>/<metric>@<steps>: the mean over
	// episodes, or the total of ordinary batches.
	Values map[string]float64
}

// Better reports whether v is a better score than another of the same validator. No
// score is worse than any.
func (v Validation) Better(other Validation) bool {
	if math.IsNaN(v.Score) || math.IsNaN(other.Score) {
		return !math.IsNaN(v.Score)
	}
	if v.HigherBetter {
		return v.Score > other.Score
	}
	return v.Score < other.Score
}

// Validate scores a state after the validator's adaptation steps, or after as many as
// the learner is trained with. The score is the mean of the objectives' main measures,
// weighted as their losses are; where more is better for one and less for another, it
// is the mean of their losses. The state is that after so many steps of training: see
// Request.Trained.
func (v Validator) Validate(ctx context.Context, state program.Values, step int) (Validation,
	error) {
	tasks := v.Model.Tasks()
	if len(v.Sets) != len(tasks) {
		return Validation{}, fmt.Errorf("validation: episodes of %d tasks, want %d", len(v.Sets),
			len(tasks))
	}
	if v.Steps != nil && len(v.Steps) != len(tasks) {
		return Validation{}, fmt.Errorf("validation: numbers of steps for %d tasks, want %d",
			len(v.Steps), len(tasks))
	}
	for i, set := range v.Sets {
		for _, d := range set.Frozen.Draws {
			if d.Split != sampling.Validation {
				return Validation{}, fmt.Errorf("validation: task %q: an episode is of the split %q: "+
					"a state is chosen on %q alone", tasks[i].Name, d.Split, sampling.Validation)
			}
		}
	}
	out := Validation{Values: map[string]float64{}}
	var main, losses weighted
	weight := weights(tasks)
	done, total := 0, 0
	for _, set := range v.Sets {
		total += len(set.Frozen.Draws)
	}
	for i, set := range v.Sets {
		if set.none() {
			continue
		}
		request := Request{Model: v.Model, State: state, Trained: step, Task: i, Set: set,
			Steps: []int{v.steps(i)}, Workers: v.Workers, Seed: v.Seed}
		if v.Progress != nil {
			request.Progress = func(n, _ int) { v.Progress(done+n, total) }
		}
		scores, err := Run(ctx, request)
		if err != nil {
			return Validation{}, err
		}
		done += len(set.Frozen.Draws)
		for _, o := range tasks[i].Objectives {
			main.add(scores.Main(o.Name, scores.Steps[0]), weight(o))
			losses.add(scores.Find(o.Name, lossName, scores.Steps[0]), weight(o))
		}
		for _, s := range scores.All {
			name := fmt.Sprintf("%s/%s/%s@%d", tasks[i].Name, s.Objective, s.Metric, s.Step)
			out.Values[name] = s.Mean()
		}
	}
	if main.higher > 0 && main.lower > 0 {
		main = losses
	}
	out.Score, out.HigherBetter = main.sum/main.weights, main.higher > 0
	return out, nil
}

func (v Validator) steps(task int) int {
	if v.Steps == nil {
		return v.Model.InnerSteps()
	}
	return v.Steps[task]
}

// weights returns the weight of an objective's score: that of its loss, or 1 where no
// objective has one.
func weights(tasks []program.Task) func(link.Objective) float64 {
	for _, t := range tasks {
		for _, o := range t.Objectives {
			if o.Weight != 0 {
				return func(o link.Objective) float64 { return o.Weight }
			}
		}
	}
	return func(link.Objective) float64 { return 1 }
}

// weighted is a weighted mean of scores.
type weighted struct {
	sum, weights  float64
	higher, lower int // how many scores are better when they are higher, or lower
}

// add adds a score. One of weight 0 has no say.
func (w *weighted) add(s *Score, weight float64) {
	if weight == 0 {
		return
	}
	w.sum, w.weights = w.sum+weight*s.Mean(), w.weights+weight
	if s.HigherBetter {
		w.higher++
	} else {
		w.lower++
	}
}
