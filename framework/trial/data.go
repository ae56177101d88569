package trial

import (
	"errors"
	"fmt"
	"slices"

	"quickstudy/framework/experiment"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/record"
)

// learnedFrom is what the run keeps of its data.
func (t *Trial) learnedFrom() record.Data {
	data := record.Data{Tokens: tokensOf(t.experiment())}
	for _, task := range t.data.Tasks {
		d, report := task.Description, task.Pool().Report()
		data.Tasks = append(data.Tasks, record.TaskData{Task: task.Block.Name, Digest: d.Digest,
			Origin: d.Origin, Licence: d.Licence, LeftOut: record.LeftOut{
				Unlabelled: report.Unlabelled, Unused: report.Unused, Duplicates: report.Duplicates,
				SmallClasses: len(report.Dropped)}})
	}
	return data
}

// tokensOf names the tokenizer of the backbone's tokens; "" without one.
func tokensOf(exp *experiment.Experiment) string {
	for _, in := range exp.Backbone.Inputs {
		if in.Name == experiment.InputTokens {
			return in.Tokenizer
		}
	}
	return ""
}

const restore = "restore the data that the run began with, or begin a new run"

// sameData refuses to go on with other data or tokenizers than those of the run, since
// what was learned would not be about them. A run that was killed before it kept either
// does so now if it has no checkpoint; any other without them goes on with a warning.
func (t *Trial) sameData() error {
	before, err := t.run.Data()
	if errors.Is(err, record.ErrNotYet) {
		if _, err := checkpoint.Latest(t.run.Checkpoints()); errors.Is(err, checkpoint.ErrNone) {
			return t.run.WriteData(t.learnedFrom(), t.data.Tokenizers)
		}
		t.config.Logger.Warn().Msg("the run keeps no record of its data: whether they are still the " +
			"same cannot be checked")
		return nil
	}
	if err != nil {
		return err
	}
	for _, now := range t.learnedFrom().Tasks {
		i := slices.IndexFunc(before.Tasks, func(then record.TaskData) bool {
			return then.Task == now.Task
		})
		if i < 0 {
			return fmt.Errorf("task %q took no part when the run began; %s", now.Task, restore)
		}
		if then := before.Tasks[i].Digest; then != now.Digest {
			return fmt.Errorf("task %q: its data has changed since the run began: the digest was %s and "+
				"is %s; %s", now.Task, digestText(then), digestText(now.Digest), restore)
		}
	}
	tokenizers, err := t.run.Tokenizers()
	if err != nil {
		return err
	}
	for _, block := range t.experiment().Tokenizers {
		then := tokenizers[block.Name]
		if then == nil {
			return fmt.Errorf("the run has no tokenizer %q in %s; restore it, or begin a new run",
				block.Name, t.run.Dir())
		}
		if d := then.Difference(t.data.Tokenizers[block.Name]); d != "" {
			return fmt.Errorf("tokenizer %q is not what it was when the run began (what it was against "+
				"what it is): %s; %s", block.Name, d, restore)
		}
	}
	return nil
}

// digestText shortens a digest for people.
func digestText(digest string) string {
	if digest == "" {
		return "none (generated)"
	}
	return fmt.Sprintf("%.12s", digest)
}
