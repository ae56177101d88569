package train

import (
	"fmt"
	"strings"

	"gorgonia.org/tensor"

	"quickstudy/framework/schema"
	"quickstudy/framework/train/program"
)

// TaskRates are a task's own schedules, over the steps of the training. Loss multiplies the
// loss of the task's episodes, and so its gradient, before a learner weighs or combines it.
// Own multiplies what an update changes of the leaves below heads/ and private/ that no other
// task trains: their learning rate, whatever the optimizer, whose slots are as without it.
type TaskRates struct{ Loss, Own schema.Schedule }

// ownLeaves lists for each task the leaves that are its own, where tasks have rates.
func (l *Loop) ownLeaves() ([][]leaf, error) {
	if l.config.TaskRates == nil {
		return nil, nil
	}
	own := make([][]leaf, len(l.trained))
	for _, leaf := range l.leaves {
		if !strings.HasPrefix(leaf.address, "heads/") && !strings.HasPrefix(leaf.address, "private/") {
			continue
		}
		of, tasks := 0, 0
		for i, trains := range l.trained {
			if trains[leaf.address] {
				of, tasks = i, tasks+1
			}
		}
		if tasks != 1 {
			continue
		}
		if r := l.config.TaskRates[of].Own; leaf.path == "" && (!r.IsConstant() || r.From != 1) {
			return nil, fmt.Errorf("a rate for the leaves of the task %q alone: the learner keeps %s in "+
				"another form than that of a leaf", l.config.Model.Tasks()[of].Name, leaf.address)
		}
		own[of] = append(own[of], leaf)
	}
	return own, nil
}

// lossRate is the multiplier of a task's loss in the step to be made.
func (l *Loop) lossRate(task int) float64 {
	if l.config.TaskRates == nil {
		return 1
	}
	return l.config.TaskRates[task].Loss.At(int(l.step), l.config.Steps)
}

// scaleOwn applies the tasks' own rates to what an update has made of a state.
func (l *Loop) scaleOwn(before, after program.Values) {
	for i, leaves := range l.own {
		rate := l.config.TaskRates[i].Own.At(int(l.step), l.config.Steps)
		if rate == 1 {
			continue
		}
		for _, leaf := range leaves {
			scaleChange(before[leaf.path], after[leaf.path], rate)
		}
	}
}

// scaleChange makes old + rate (new - old) of new. What has not changed stays, bit by bit.
func scaleChange(old, next *tensor.Dense, rate float64) {
	if next.Dtype() == tensor.Float32 {
		scaleBy(old.Float32s(), next.Float32s(), float32(rate))
	} else {
		scaleBy(old.Float64s(), next.Float64s(), rate)
	}
}

func scaleBy[T float32 | float64](old, next []T, rate T) {
	for i, x := range old {
		if next[i] != x {
			next[i] = x + T(rate*T(next[i]-x))
		}
	}
}

// measureRates adds those that the experiment schedules.
func (l *Loop) measureRates(measured map[string]float64) {
	for i, r := range l.config.TaskRates {
		name := l.config.Model.Tasks()[i].Name
		for _, of := range []struct {
			path     string
			schedule schema.Schedule
		}{{"rate/loss/", r.Loss}, {"rate/own/", r.Own}} {
			if !of.schedule.IsConstant() || of.schedule.From != 1 {
				measured[of.path+name] = of.schedule.At(int(l.step), l.config.Steps)
			}
		}
	}
}
