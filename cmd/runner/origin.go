package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/experiment"
	"quickstudy/framework/nn"
	"quickstudy/framework/session"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/record"
)

// learnedFrom is what the run keeps of its data.
func (t *training) learnedFrom() record.Data {
	data := record.Data{Tokens: tokensOf(t.session.Experiment)}
	for _, task := range t.data.Tasks {
		d := task.Description
		data.Tasks = append(data.Tasks, record.TaskData{Task: task.Block.Name, Digest: d.Digest,
			Origin: d.Origin, Licence: d.Licence})
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
func (t *training) sameData() error {
	before, err := t.run.Data()
	if errors.Is(err, record.ErrNotYet) {
		if _, err := checkpoint.Latest(t.run.Checkpoints()); errors.Is(err, checkpoint.ErrNone) {
			return t.run.WriteData(t.learnedFrom(), t.data.Tokenizers)
		}
		t.c.logger.Warn().Msg("the run keeps no record of its data: whether they are still the same " +
			"cannot be checked")
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
	for _, block := range t.session.Experiment.Tokenizers {
		then := tokenizers[block.Name]
		if then == nil {
			return fmt.Errorf("the run has no tokenizer %q in %s; restore it, or begin a new run",
				block.Name, shown(t.run.Dir()))
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

// sameVocabulary holds the vocabulary of the run that the init block names to the
// experiment's, where the token embedding is taken from it: its rows mean nothing in
// another. Where the run or file does not tell, there is a warning, which is only about
// an embedding that is then loaded.
func sameVocabulary(exp *experiment.Experiment, data *session.Data) hcl.Diagnostics {
	embedding, _ := data.Transformer.Embedding()
	taken := embedding != "" && (len(exp.Init.Only) == 0 ||
		slices.ContainsFunc(exp.Init.Only, func(p string) bool { return nn.Match(p, embedding) }))
	info, err := os.Stat(exp.Init.From)
	if err != nil || !taken {
		return nil // what is wrong with the file is reported where it is read
	}
	unknown := func(what string) hcl.Diagnostics {
		return hcl.Diagnostics{experiment.Warning(experiment.CodeData, "Vocabulary not checked",
			fmt.Sprintf("%s has no tokenizer, so nothing shows that the rows of %s are of this "+
				"vocabulary.", what, embedding), exp.Init.Range)}
	}
	if !info.IsDir() {
		return unknown("The file")
	}
	run, err := record.Open(exp.Init.From)
	if err != nil {
		return nil
	}
	then, err := run.Data()
	if errors.Is(err, record.ErrNotYet) {
		return unknown("The run")
	}
	unusable := func(err error) hcl.Diagnostics {
		return hcl.Diagnostics{experiment.Diagnostic(experiment.CodeFile, "Unusable initial values",
			fmt.Sprintf("%v.", err), exp.Init.Range)}
	}
	if err != nil {
		return unusable(err)
	}
	tokenizers, err := run.Tokenizers()
	if err != nil {
		return unusable(err)
	}
	theirs := tokenizers[then.Tokens]
	if theirs == nil {
		return unknown("The run")
	}
	name := tokensOf(exp)
	d := theirs.Difference(data.Tokenizers[name])
	if d == "" {
		return nil
	}
	return hcl.Diagnostics{experiment.Diagnostic(experiment.CodeConflict, "Another vocabulary",
		fmt.Sprintf("The run's tokenizer %q and this experiment's tokenizer %q differ, so the rows of "+
			"%s would belong to other tokens. The run's against this one's: %s. Use the same data, "+
			"split, seed and tokenizer block as the run, or leave the embedding out by only = patterns "+
			"that do not match backbone/embed/**.", then.Tokens, name, embedding, d), exp.Init.Range)}
}
