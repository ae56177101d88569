package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/backbone"
	"quickstudy/framework/experiment"
	"quickstudy/framework/plugin"
	"quickstudy/framework/regular"
	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/text"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// Data is the data of an experiment's tasks, ready to be drawn from, and the
// Transformer whose vocabulary follows from it.
type Data struct {
	Tasks       []*Task // in the order of the experiment
	Transformer *backbone.Transformer
	Tokenizers  map[string]*text.Tokenizer // by name

	// Limit is what runs of the models' programs may take together.
	Limit program.Limit

	session  *Session
	compiler program.Compiler // for all models of the experiment
}

// Task is a task of the experiment with its data open. Draw and Encode may be
// called from several goroutines at once.
type Task struct {
	*sampling.Task
	Block       experiment.Task
	Description task.Description
	Generator   bool // it composes its own episodes
	Config      sampling.Config

	pool *sampling.Pool
}

// Data opens, checks and divides the data of all tasks, and trains the tokenizers on
// the records of the training splits alone. ctx bounds every later call for records
// too. It may be called once Experiment is set.
func (s *Session) Data(ctx context.Context) (*Data, hcl.Diagnostics, error) {
	d := &Data{session: s}
	var diags hcl.Diagnostics
	for _, block := range s.Experiment.Tasks {
		t, more, err := s.open(ctx, block)
		diags = append(diags, more...)
		if err != nil {
			return nil, diags, err
		}
		d.Tasks = append(d.Tasks, t)
	}
	diags = append(diags, d.checkSampling()...)
	if diags.HasErrors() {
		return nil, experiment.Sorted(diags), nil
	}
	tokenizers := map[string]*text.Tokenizer{}
	for _, t := range s.Experiment.Tokenizers {
		tokenizer, more, err := d.train(t)
		diags = append(diags, more...)
		if err != nil {
			return nil, diags, err
		}
		tokenizers[t.Name] = tokenizer
	}
	if diags.HasErrors() {
		return nil, experiment.Sorted(diags), nil
	}
	d.Tokenizers = tokenizers
	for _, t := range d.Tasks {
		more, err := d.finish(t, tokenizers)
		diags = append(diags, more...)
		if err != nil {
			return nil, diags, err
		}
	}
	var more hcl.Diagnostics
	d.Transformer, more = s.transformer(tokenizers)
	if diags = append(diags, more...); diags.HasErrors() {
		return nil, experiment.Sorted(diags), nil
	}
	return d, experiment.Sorted(diags), nil
}

// checkSampling reports a rule by the number of records where a task has none.
func (d *Data) checkSampling() hcl.Diagnostics {
	s := d.session.Experiment.Sampling
	if s.Rule != experiment.SampleProportional && s.Rule != experiment.SampleTemperature {
		return nil
	}
	var diags hcl.Diagnostics
	for _, t := range d.Tasks {
		if t != nil && t.Generator {
			diags = append(diags, experiment.Diagnostic(experiment.CodeConflict, "Share by size",
				fmt.Sprintf("The rule %q goes by the number of a task's records, and the plugin %q of the "+
					"task %q generates them; use %q or %q.", s.Rule, t.Block.Plugin, t.Block.Name,
					experiment.SampleUniform, experiment.SampleWeighted), s.Range))
		}
	}
	return diags
}

// open describes a task's data, checks what the experiment asks of it, and divides
// its records.
func (s *Session) open(ctx context.Context, block experiment.Task) (*Task, hcl.Diagnostics, error) {
	data, err := s.tasks[block.Name].Dataset(ctx)
	if err != nil {
		diags, err := unsuitable(block, err)
		return nil, diags, err
	}
	t := &Task{Block: block, Generator: data.Generator != nil}
	if t.Description, err = data.Describe(); err != nil {
		diags, err := unsuitable(block, err)
		return nil, diags, err
	}
	diags := block.CheckDataset(t.Generator)
	var more hcl.Diagnostics
	t.Config, more = sampled(s.Experiment, block, t.Description)
	if diags = append(diags, more...); diags.HasErrors() {
		return t, diags, nil
	}
	if t.pool, err = sampling.NewPool(data, t.Config); err != nil {
		more, err := unsuitable(block, err)
		return t, append(diags, more...), err
	}
	return t, diags, nil
}

// train makes a tokenizer from the training records of all tasks that use it, in
// their order.
func (d *Data) train(t experiment.Tokenizer) (*text.Tokenizer, hcl.Diagnostics, error) {
	options := text.Options{Kind: text.Kind(t.Kind), Size: t.Size, MinCount: t.MinCount,
		Lowercase: t.Lowercase, Class: d.session.Experiment.Backbone.Pooling == "first",
		Ends:      slices.ContainsFunc(d.Tasks, (*Task).writes),
		Separator: segments(d.session.Experiment) > 1}
	if t.From != "" {
		made, err := taken(t, options)
		if err != nil {
			return nil, hcl.Diagnostics{experiment.Diagnostic(experiment.CodeFile, "Unusable tokenizer",
				sentence(err), t.Range)}, nil
		}
		return made, nil, nil
	}
	if t.File != "" {
		options = text.Options{Kind: text.File, Class: options.Class, Ends: options.Ends,
			Separator: options.Separator}
		made, err := ofFile(t.File, options)
		if err != nil {
			return nil, hcl.Diagnostics{experiment.Diagnostic(experiment.CodeFile, "Unusable tokenizer",
				sentence(err), t.Range)}, nil
		}
		return made, nil, nil
	}
	var texts []string
	if options.Kind != text.Bytes {
		for _, user := range d.Tasks {
			more, diags, err := user.texts(d.session.Experiment, t)
			if err != nil || diags.HasErrors() {
				return nil, diags, err
			}
			texts = append(texts, more...)
		}
	}
	made, err := text.Train(options, slices.Values(texts))
	if err != nil {
		return nil, hcl.Diagnostics{experiment.Diagnostic(experiment.CodeData, "Unsuitable tokenizer",
			sentence(err), t.Range)}, nil
	}
	return made, nil, nil
}

// ofFile reads a tokenizer.json.
func ofFile(path string, options text.Options) (*text.Tokenizer, error) {
	content, err := regular.Read(path, text.MaxDefinitionBytes)
	if err != nil {
		return nil, err
	}
	made, err := text.FromFile(content, options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return made, nil
}

// taken returns the tokenizer of a run, which must have the special tokens that the experiment
// needs.
func taken(t experiment.Tokenizer, needed text.Options) (*text.Tokenizer, error) {
	run, err := record.Open(t.From)
	if err != nil {
		return nil, err
	}
	tokenizers, err := run.Tokenizers()
	if err != nil {
		return nil, err
	}
	found := tokenizers[t.Name]
	if found == nil {
		return nil, fmt.Errorf("the run %s has no tokenizer %q; it has %q", t.From, t.Name,
			slices.Sorted(maps.Keys(tokenizers)))
	}
	has := found.Options()
	if needed.Kind == "" {
		needed.Kind = has.Kind
	}
	has.Size, has.MinCount, has.Lowercase = needed.Size, needed.MinCount, needed.Lowercase
	if has != needed {
		return nil, fmt.Errorf("the tokenizer %q of the run %s has %s, and this experiment needs %s",
			t.Name, t.From, specials(has), specials(needed))
	}
	return found, nil
}

// specials tells a tokenizer's kind and special tokens.
func specials(o text.Options) string {
	told := fmt.Sprintf("tokens of kind %q", o.Kind)
	for _, token := range []struct {
		has  bool
		name string
	}{{o.Class, "class"}, {o.Ends, "begin and end"}, {o.Separator, "separator"}} {
		if token.has {
			told += ", " + token.name
		}
	}
	return told
}

// writes reports whether a task predicts a text, so that its tokens need ends.
func (t *Task) writes() bool {
	return slices.ContainsFunc(t.Config.Predicts,
		func(p sampling.Predict) bool { return p.Kind == task.Text })
}

// texts returns what a task feeds to a tokenizer in training, each field once.
func (t *Task) texts(exp *experiment.Experiment, tokenizer experiment.Tokenizer) ([]string,
	hcl.Diagnostics, error) {
	var texts []string
	var read []string
	for _, set := range t.Block.Inputs {
		for _, f := range set.Fields {
			if input(exp, f.Input).Tokenizer != tokenizer.Name {
				continue
			}
			for _, field := range f.Fields {
				if slices.Contains(read, field) {
					continue
				}
				read = append(read, field)
				more, err := t.pool.Texts(sampling.Train, field)
				if err != nil {
					diags, err := unsuitable(t.Block, err)
					return nil, diags, err
				}
				texts = append(texts, more...)
			}
		}
	}
	return texts, nil, nil
}

// finish joins a task with its tokenizers, and draws once from every split that the
// experiment uses, so that a split with too few records is known before training.
func (d *Data) finish(t *Task, tokenizers map[string]*text.Tokenizer) (hcl.Diagnostics, error) {
	exp := d.session.Experiment
	i := 0
	for _, set := range t.Block.Inputs {
		for _, f := range set.Fields {
			t.Config.Inputs[i].Tokenizer = tokenizers[input(exp, f.Input).Tokenizer]
			i++
		}
	}
	var err error
	if t.Task, err = sampling.NewTask(t.pool, t.Config); err != nil {
		return unsuitable(t.Block, err)
	}
	diags, err := t.checkLengths()
	if err != nil || diags.HasErrors() {
		return diags, err
	}
	more, err := d.checkSplits(t)
	return append(diags, more...), err
}

// checkSplits makes the first draw of every split that the experiment uses. Whether a
// split has enough for a draw does not depend on which draw it is, so that a setting that
// the data do not allow is found before training.
func (d *Data) checkSplits(t *Task) (hcl.Diagnostics, error) {
	e := d.session.Experiment.Evaluate
	at := t.Block.DrawnRange()
	type use struct {
		split string
		at    hcl.Range
		why   string // the split is used, where that is not plain
	}
	uses := []use{{sampling.Train, at, ""}}
	evaluated := e.Includes(t.Block.Name)
	if evaluated {
		uses = append(uses, use{sampling.Test, at, ""})
	}
	switch {
	case !evaluated:
	case e.Every > 0:
		uses = append(uses, use{sampling.Validation, e.EveryRange,
			fmt.Sprintf("every = %d asks for validation: ", e.Every)})
	case e.Untrained != nil:
		uses = append(uses, use{sampling.Validation, e.Untrained.Range,
			"the untrained row's setting is chosen on validation: "})
	}
	var diags hcl.Diagnostics
	for _, u := range uses {
		more, err := t.checkSplit(u.split)
		for _, d := range more {
			d.Subject, d.Detail = u.at.Ptr(), u.why+d.Detail
		}
		if diags = append(diags, more...); err != nil {
			return diags, err
		}
	}
	return diags, nil
}

// checkSplit draws from a split and encodes what is drawn.
func (t *Task) checkSplit(split string) (hcl.Diagnostics, error) {
	named := func(s task.Split) bool { return s.Name == split }
	if t.Generator && !slices.ContainsFunc(t.Description.Splits, named) {
		var names []string
		for _, s := range t.Description.Splits {
			names = append(names, fmt.Sprintf("%q", s.Name))
		}
		return unsuitable(t.Block, fmt.Errorf("task %q: the plugin %q generates no split %q; it has %s",
			t.Block.Name, t.Block.Plugin, split, strings.Join(names, ", ")))
	}
	draw, err := t.Draw(split, 0)
	if err == nil {
		_, err = t.Encode(draw)
	}
	if err != nil {
		return unsuitable(t.Block, err)
	}
	return nil, nil
}

// checkLengths reports an input whose texts are longer than the backbone can read,
// which would otherwise stop the run at the first that is drawn.
func (t *Task) checkLengths() (hcl.Diagnostics, error) {
	if t.Generator || t.Config.Truncate {
		return nil, nil
	}
	var diags hcl.Diagnostics
	for i, in := range t.Config.Inputs {
		over, all, longest, err := t.TooLong(i)
		if err != nil {
			return unsuitable(t.Block, err)
		}
		what, unit := "texts", "tokens"
		if in.Kind == sampling.Numeric {
			what, unit = "records", "positions"
		}
		if over > 0 {
			diags = append(diags, experiment.Diagnostic(experiment.CodeData, "Inputs too long",
				fmt.Sprintf("%d of %d %s in %q have more than max_length = %d %s, at most %d. Raise "+
					"max_length, or set truncate = true in the input.", over, all, what, in.Name(),
					in.MaxLength, unit, longest),
				t.inputRange(i)))
		}
	}
	return diags, nil
}

// inputRange is the place of the name of the field that input i reads.
func (t *Task) inputRange(i int) hcl.Range {
	for _, set := range t.Block.Inputs {
		if i < len(set.Fields) {
			return set.Fields[i].Range
		}
		i -= len(set.Fields)
	}
	return t.Block.Range
}

// input finds one of the backbone's inputs, which the experiment has checked.
func input(exp *experiment.Experiment, name string) experiment.Input {
	for _, in := range exp.Backbone.Inputs {
		if in.Name == name {
			return in
		}
	}
	return experiment.Input{}
}

// unsuitable tells what the data does not allow, which is the experiment's mistake,
// from a failure of the plugin. What the plugin itself says against the data, such as
// that a file is missing, is of the first kind.
func unsuitable(block experiment.Task, err error) (hcl.Diagnostics, error) {
	var failure *plugin.Error
	if errors.As(err, &failure) && failure.Answered {
		said := fmt.Sprintf("The plugin %q says: %s", block.Plugin, failure.Reason)
		if len(block.MissingFiles()) > 0 {
			said += "\n" + experiment.FromFolder(block.Range.Filename)
		}
		return hcl.Diagnostics{experiment.Diagnostic(experiment.CodeData, "Unsuitable data", said,
			block.Range)}, nil
	}
	if failure != nil || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) {
		return nil, located(block, err)
	}
	return hcl.Diagnostics{experiment.Diagnostic(experiment.CodeData, "Unsuitable data", sentence(err),
		block.Range)}, nil
}

func sentence(err error) string { return fmt.Sprintf("%v.", err) }

// located says which block a failure belongs to.
func located(block experiment.Task, err error) error {
	return fmt.Errorf("%s:%d: %w", block.Range.Filename, block.Range.Start.Line, err)
}
