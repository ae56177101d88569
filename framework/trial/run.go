package trial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"quickstudy/framework/session"
	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/evaluation"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// Result is what a run ended with.
type Result struct {
	Dir    string         // the run's folder
	Tables []record.Table // also in the folder
}

// Run trains to the end, evaluates, and records how it went in the run's folder, after
// Create or Resume. When ctx is cancelled it ends with the step under way; then what is
// done is saved, and the error is an *InterruptedError.
func (t *Trial) Run(ctx context.Context) (*Result, error) {
	if err := t.run.SetStatus(record.Running, nil); err != nil {
		return nil, err
	}
	step, tables, err := t.trainAndEvaluate(ctx)
	made := t.model.Compilations()
	t.run.SetCompiled(made.Compiled, made.Seconds)
	switch {
	case err == nil:
		if err := t.run.SetStatus(record.Done, nil); err != nil {
			return nil, err
		}
		return &Result{Dir: t.run.Dir(), Tables: tables}, nil
	case ctx.Err() != nil && errors.Is(err, train.ErrInterrupted):
		return nil, errors.Join(&InterruptedError{Dir: t.run.Dir(), Step: step},
			t.run.SetStatus(record.Interrupted, nil))
	}
	return nil, errors.Join(err, t.run.SetStatus(record.Failed, err))
}

// trainAndEvaluate returns how many steps are done, and the tables.
func (t *Trial) trainAndEvaluate(ctx context.Context) (int, []record.Table, error) {
	frozen, err := t.freeze()
	if err != nil {
		return 0, nil, err
	}
	config := t.training(t.model, t.data.Tasks)
	config.Run = t.run
	t.choose(&config, frozen)
	started, first := time.Now(), 0
	if t.from != nil {
		first = int(t.from.Step)
	}
	loop, err := t.train(ctx, config, t.from, "")
	if err != nil {
		return loop.Step(), nil, err
	}
	state, step := loop.Best()
	t.tell(Trained{Steps: loop.Step() - first, Took: time.Since(started), Last: loop.Step(),
		Chosen: step, Compilations: t.model.Compilations()})
	tables, err := t.evaluate(ctx, frozen, state, step)
	if err == nil {
		err = t.count(ctx, loop.Encoded(), frozen)
	}
	return loop.Step(), tables, cutShort(ctx, err)
}

// train makes the steps that are left of a training after a checkpoint (nil: all), of one
// objective alone or of all (""). The loop is never nil.
func (t *Trial) train(ctx context.Context, config train.Config, from *checkpoint.Checkpoint,
	alone string) (*train.Loop, error) {
	first := 0
	config.Progress = func(p train.Progress) {
		t.tell(Advanced{Alone: alone, First: first, Progress: p})
	}
	config.CheckpointEvery = t.experiment().Train.CheckpointEvery
	config.Keep = t.experiment().Train.Keep
	loop, err := train.New(config)
	if err != nil {
		return &train.Loop{}, err
	}
	if from != nil {
		if err := loop.Restore(from); err != nil {
			return loop, err
		}
		first = loop.Step()
	}
	return loop, loop.Run(ctx)
}

// cutShort tells an evaluation that was broken off from one that failed: the training
// before it is saved, so nothing but the evaluation is lost.
func cutShort(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: %w", train.ErrInterrupted, err)
	}
	return err
}

// Training is the training of a model of the tasks named, or of all, made by any means, as
// the experiment says. Nothing is validated or kept.
func (t *Trial) Training(model *program.Model, names ...string) train.Config {
	tasks := t.data.Tasks
	if len(names) > 0 {
		tasks = slices.DeleteFunc(slices.Clone(tasks), func(s *session.Task) bool {
			return !slices.Contains(names, s.Block.Name)
		})
	}
	return t.training(model, tasks)
}

// training is that of a model of some of the tasks.
func (t *Trial) training(model *program.Model, tasks []*session.Task) train.Config {
	exp := t.experiment()
	var names []string
	for _, task := range tasks {
		names = append(names, task.Block.Name)
	}
	c := train.Config{Model: model, Seed: exp.Seed, Plan: t.data.Plan(names...),
		Steps: exp.Train.Steps, Workers: t.asked,
		Initial: initialOf(model, t.initial), Logger: t.config.Logger}
	if o := exp.Learner.Optimizer; o != nil {
		c.Rate = o.LearningRate
	}
	for _, task := range tasks {
		c.TaskRates = append(c.TaskRates, train.TaskRates{Loss: task.Block.Rates.Loss,
			Own: task.Block.Rates.Own})
	}
	return c
}

// choose has a training validated, where the experiment asks for that.
func (t *Trial) choose(c *train.Config, frozen *frozenSets) {
	exp := t.experiment()
	if exp.Evaluate.Every == 0 {
		return
	}
	validator := evaluation.Validator{Model: c.Model, Sets: frozen.validation,
		Workers: t.config.Workers, Seed: exp.Seed, Progress: func(done, total int) {
			t.tell(Scored{Part: "validation", Done: done, Total: total})
		}}
	c.Every = exp.Evaluate.Every
	c.Validate = func(ctx context.Context, state program.Values, step int) (train.Validation,
		error) {
		v, err := validator.Validate(ctx, state, step)
		return train.Validation(v), err
	}
}
