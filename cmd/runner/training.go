package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/experiment"
	"quickstudy/framework/sampling"
	"quickstudy/framework/session"
	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/evaluation"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// training is an experiment that is about to be trained, or is.
type training struct {
	c       *console
	session *session.Session
	data    *session.Data
	model   *program.Model
	initial map[string][]float64 // values from elsewhere, by address; nil: none
	stop    context.CancelFunc   // softly
	run     *record.Run          // nil until there is one
	workers int
}

// prepare opens an experiment, its data and its model. The training must be closed even
// when there is an error.
func prepare(ctx context.Context, c *console, e *experimentFlags, path string) (*training, error) {
	t, err := openTraining(ctx, c, e, path)
	if err == nil {
		err = t.trace(ctx)
	}
	return t, err
}

// openTraining is prepare without the model.
func openTraining(ctx context.Context, c *console, e *experimentFlags, path string) (
	*training, error) {
	t := &training{c: c}
	var err error
	if t.session, err = e.experiment(ctx, c, path); err != nil {
		return t, err
	}
	t.data, err = c.data(ctx, t.session)
	return t, err
}

// trace makes the model.
func (t *training) trace(ctx context.Context) error {
	model, diags, err := t.data.Model(ctx)
	if err := t.c.judge(diags, t.session.Files, err); err != nil {
		return err
	}
	t.model = model
	return nil
}

// initialize loads the initial values that the experiment asks for. A checkpoint has
// what became of them, so that with one they may be gone, unless another training
// begins with them too.
func (t *training) initialize(from *checkpoint.Checkpoint) error {
	exp := t.session.Experiment
	loaded, diags := loadInitial(exp, t.data, t.model)
	if diags.HasErrors() && from != nil &&
		!slices.Contains(exp.Evaluate.Rows, experiment.RowSingleTask) {
		t.c.logger.Warn().Err(diags).Msg("the row of what the run started from is left out")
		return nil
	}
	if err := t.c.judge(diags, t.session.Files, nil); err != nil {
		return err
	}
	if loaded != nil {
		fmt.Fprintf(t.c.screen, "initial values: %v\n", loaded)
		t.initial = loaded.Values
	}
	return nil
}

// loadInitial reads what the init block asks for; nil without one.
func loadInitial(exp *experiment.Experiment, data *session.Data, model *program.Model) (
	*train.Loaded, hcl.Diagnostics) {
	if exp.Init == nil {
		return nil, nil
	}
	warnings := sameVocabulary(exp, data) // first: it explains why shapes differ
	if warnings.HasErrors() {
		return nil, warnings
	}
	loaded, err := train.LoadLeaves(exp.Init.From, exp.Init.Only, model.Leaves())
	if err != nil {
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unusable initial values",
			Detail: fmt.Sprintf("%v.", err), Subject: exp.Init.Range.Ptr(),
			Extra: experiment.CodeFile}}
	}
	if embedding, _ := data.Transformer.Embedding(); loaded.Values[embedding] == nil {
		return loaded, nil
	}
	return loaded, warnings
}

// resolved is the text of the experiment as it is run. The micro-batch is written as it
// was chosen, when all tasks have the same: the order of sums must not change with a
// later version's choice.
func (t *training) resolved() []byte {
	exp := *t.session.Experiment
	var chosen []int
	for _, task := range t.data.Tasks {
		if task.Batched() {
			chosen = append(chosen, task.MicroBatch())
		}
	}
	if chosen = slices.Compact(chosen); len(chosen) == 1 {
		exp.Train.MicroBatch = chosen[0]
	}
	return experiment.Resolved(&exp)
}

func (t *training) close() {
	if t.session != nil {
		t.session.Close()
	}
	if t.run != nil {
		if err := t.run.Close(); err != nil {
			t.c.logger.Error().Err(err).Msg("closing the run")
		}
	}
}

// finish trains to the end, evaluates, and records how it went. With a checkpoint it
// goes on from there.
func (t *training) finish(flags *runFlags, from *checkpoint.Checkpoint) error {
	t.workers = flags.workers
	ctx, stop := context.WithCancel(t.c.context)
	defer stop()
	t.stop = stop
	t.soften("the step is finished and saved")
	if err := t.run.SetStatus(record.Running, nil); err != nil {
		return err
	}
	step, tables, err := t.trainAndEvaluate(ctx, from)
	switch {
	case err == nil:
		if err := t.run.SetStatus(record.Done, nil); err != nil {
			return err
		}
		return t.print(flags, tables)
	case ctx.Err() != nil && errors.Is(err, train.ErrInterrupted):
		stopped := &interruptedError{dir: shown(t.run.Dir()), step: step}
		return errors.Join(stopped, t.run.SetStatus(record.Interrupted, nil))
	}
	return errors.Join(err, t.run.SetStatus(record.Failed, err))
}

// soften has the first signal stop what is done now, and say what becomes of it.
func (t *training) soften(what string) {
	first := func() {
		fmt.Fprintf(t.c.screen, "stopping: %s; once more ends at once\n", what)
		t.stop()
	}
	t.c.soften.Store(&first)
}

func (t *training) print(flags *runFlags, tables []record.Table) error {
	if flags.asJSON {
		return printJSON(t.c.stdout, struct {
			Run    string         `json:"run"`
			Tables []record.Table `json:"tables"`
		}{t.run.Dir(), tables})
	}
	for i := range tables {
		if i > 0 {
			fmt.Fprintln(t.c.stdout)
		}
		if err := tables[i].WriteText(t.c.stdout); err != nil {
			return err
		}
	}
	return nil
}

// trainAndEvaluate returns how many steps are done, and the tables.
func (t *training) trainAndEvaluate(ctx context.Context, from *checkpoint.Checkpoint) (int,
	[]record.Table, error) {
	exp := t.session.Experiment
	frozen, err := t.freeze()
	if err != nil {
		return 0, nil, err
	}
	config := t.loop(t.model, t.data.Tasks)
	config.Run, config.Initial, config.Logger = t.run, t.initial, t.c.logger
	config.CheckpointEvery, config.Keep = exp.Train.CheckpointEvery, exp.Train.Keep
	told := newMeter(t.c, "")
	config.Progress = told.progress
	t.choose(&config, frozen)
	loop, err := train.New(config)
	if err != nil {
		return 0, nil, err
	}
	if from != nil {
		if err := loop.Restore(from); err != nil {
			return 0, nil, err
		}
	}
	started, first := time.Now(), loop.Step()
	told.first = first
	if err := loop.Run(ctx); err != nil {
		return loop.Step(), nil, err
	}
	t.soften("the training is saved, and runner resume evaluates it again")
	state, step := loop.Best()
	if loop.Step() > first {
		fmt.Fprintf(t.c.screen, "trained %d steps in %v\n", loop.Step()-first,
			time.Since(started).Round(time.Second))
	}
	if step < loop.Step() {
		fmt.Fprintf(t.c.screen, "evaluating the state after step %d, the best on validation\n", step)
	}
	tables, err := t.evaluate(ctx, frozen, state, step)
	return loop.Step(), tables, cutShort(ctx, err)
}

// cutShort tells an evaluation that was broken off from one that failed: the training
// before it is saved, so nothing but the evaluation is lost.
func cutShort(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: %w", train.ErrInterrupted, err)
	}
	return err
}

// loop is the training of a model of some of the tasks, as the experiment says.
func (t *training) loop(model *program.Model, tasks []*session.Task) train.Config {
	exp := t.session.Experiment
	plan := sampling.Plan{Seed: exp.Seed, Mix: sampling.Every, PerStep: exp.Train.MetaBatch}
	for _, task := range tasks {
		plan.Sizes = append(plan.Sizes, len(task.Pool().Records(sampling.Train)))
	}
	c := train.Config{Model: model, Seed: exp.Seed, Plan: plan, Steps: exp.Train.Steps,
		Workers: t.workers}
	if o := exp.Learner.Optimizer; o != nil {
		c.Rate = o.LearningRate
	}
	return c
}

// frozenSets are the draws that states are judged by, in the order of the tasks.
type frozenSets struct {
	test       []evaluation.Set
	validation []evaluation.Set // empty when nothing is chosen on validation
}

func (t *training) freeze() (*frozenSets, error) {
	e := t.session.Experiment.Evaluate
	f := &frozenSets{}
	for _, task := range t.data.Tasks {
		test, err := evaluation.Freeze(task.Task, sampling.Test, e.Episodes)
		if err != nil {
			return nil, err
		}
		f.test = append(f.test, evaluation.Set{Data: task.Task, Frozen: test})
		if e.Every == 0 && e.Untrained == nil {
			continue
		}
		validation, err := evaluation.Freeze(task.Task, sampling.Validation, e.ValidationEpisodes)
		if err != nil {
			return nil, err
		}
		f.validation = append(f.validation, evaluation.Set{Data: task.Task, Frozen: validation})
	}
	return f, nil
}

// of returns the sets of one task alone.
func (f *frozenSets) of(task int) *frozenSets {
	one := &frozenSets{test: f.test[task : task+1]}
	if len(f.validation) > 0 {
		one.validation = f.validation[task : task+1]
	}
	return one
}

// choose has a training validated, where the experiment asks for that.
func (t *training) choose(c *train.Config, frozen *frozenSets) {
	exp := t.session.Experiment
	if exp.Evaluate.Every == 0 {
		return
	}
	validator := evaluation.Validator{Model: c.Model, Sets: frozen.validation,
		Workers: t.evaluators(), Seed: exp.Seed, Progress: newMeter(t.c, "validation").part}
	c.Every = exp.Evaluate.Every
	c.Validate = func(ctx context.Context, state program.Values, step int) (train.Validation,
		error) {
		v, err := validator.Validate(ctx, state, step)
		return train.Validation(v), err
	}
}

// evaluate reports on the chosen state, made by so many steps, and records it.
func (t *training) evaluate(ctx context.Context, frozen *frozenSets, state program.Values,
	step int) ([]record.Table, error) {
	exp := t.session.Experiment
	c := evaluation.Config{Learner: exp.Learner.Plugin, Model: t.model, State: state,
		Trained: step, Workers: t.evaluators(), Seed: exp.Seed, Progress: newMeter(t.c, "").report}
	steps := exp.Evaluate.InnerSteps
	if len(steps) == 0 {
		steps = []int{t.model.InnerSteps()}
	}
	for i, task := range t.data.Tasks {
		one := evaluation.Task{Test: frozen.test[i], Steps: steps, Features: t.features(task)}
		for _, row := range exp.Evaluate.Rows {
			if row != experiment.RowSingleTask {
				one.Rows = append(one.Rows, row)
			}
		}
		if len(frozen.validation) > 0 {
			one.Validation = frozen.validation[i].Frozen
		}
		c.Tasks = append(c.Tasks, one)
	}
	if t.initial != nil && exp.Train.Steps > 0 {
		initial, err := t.model.Initial(exp.Seed, t.initial)
		if err != nil {
			return nil, err
		}
		c.Initial = initial
	}
	if exp.Evaluate.Untrained != nil {
		variants, err := t.variants(ctx)
		if err != nil {
			return nil, err
		}
		c.Untrained = &evaluation.Untrained{Variants: variants,
			Initial: func(m *program.Model) (program.Values, error) {
				return m.Initial(exp.Seed, nil) // what init takes from elsewhere is trained
			}}
	}
	var err error
	if c.Singles, err = t.singles(ctx, frozen); err != nil {
		return nil, err
	}
	tables, sets, err := evaluation.Report(ctx, c)
	if err != nil {
		return nil, err
	}
	return tables, errors.Join(t.run.WriteResults(tables), t.run.WriteEpisodes(sets))
}
