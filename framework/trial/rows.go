package trial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/experiment"
	"quickstudy/framework/link"
	"quickstudy/framework/plugin"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/session"
	"quickstudy/framework/train/evaluation"
	"quickstudy/framework/train/program"
)

// A single is a model of one objective of one task, for the single-task row.
type single struct {
	task      int // by position
	objective string
	model     *program.Model
}

// prepareRows makes what the rows of the report are computed by, and says which settings
// of the evaluate block the learner or a head does not allow.
func (t *Trial) prepareRows(ctx context.Context) (hcl.Diagnostics, error) {
	var all hcl.Diagnostics
	for _, prepare := range []func(context.Context) (hcl.Diagnostics, error){
		t.prepareSteps, t.prepareVariants, t.prepareSingles,
	} {
		diags, err := prepare(ctx)
		all = append(all, diags...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// prepareSteps makes the programs that adapt and predict, for the first test draw of each
// task.
func (t *Trial) prepareSteps(ctx context.Context) (hcl.Diagnostics, error) {
	e := t.experiment().Evaluate
	adapting := false
	for i, task := range t.data.Tasks {
		if !e.Includes(task.Block.Name) {
			continue
		}
		draw, err := task.Draw(sampling.Test, 0)
		if err != nil {
			return nil, err
		}
		episode, err := task.Encode(draw)
		if err != nil {
			return nil, err
		}
		element := t.model.Elements(i, episode)[0]
		adapts, err := t.model.Adapts(ctx, element)
		if err != nil {
			return t.unsuited(e.InnerStepsRange, "", err)
		}
		steps := []int{0}
		if adapts {
			adapting, steps = true, t.reported()
		}
		if _, _, err := t.model.Evaluation(ctx, element, steps); err != nil {
			return t.unsuited(e.InnerStepsRange, fmt.Sprintf("the task %q after %v adaptation steps: ",
				task.Block.Name, steps), err)
		}
	}
	if n := len(e.InnerSteps); !adapting && n > 0 && e.InnerSteps[n-1] > 0 {
		return t.unused(e.InnerStepsRange, fmt.Sprintf("The meta-learner %q adapts to no task here, so "+
			"all are scored without adaptation and inner_steps has no effect. Remove it.",
			t.experiment().Learner.Plugin)), nil
	}
	return nil, nil
}

// reported are the numbers of adaptation steps of the report: those of training and none,
// where the experiment does not say.
func (t *Trial) reported() []int {
	if steps := t.experiment().Evaluate.InnerSteps; len(steps) > 0 {
		return steps
	}
	if n := t.model.InnerSteps(); n > 0 {
		return []int{0, n}
	}
	return []int{0}
}

// prepareVariants makes the models that the untrained row is chosen from, and forgets
// them: all at a time would take memory from the training.
func (t *Trial) prepareVariants(ctx context.Context) (hcl.Diagnostics, error) {
	u := t.experiment().Evaluate.Untrained
	if u == nil {
		return nil, nil
	}
	all := combinations(u.Tune)
	for i, attributes := range all {
		with := fmt.Sprintf("the untrained row with %s: ", settings(u.Tune, attributes))
		_, diags, err := t.variant(ctx, attributes)
		if diags.HasErrors() {
			for _, d := range diags {
				d.Subject, d.Detail = u.TuneRange.Ptr(), with+d.Detail
			}
			return diags, nil
		}
		if err != nil {
			return t.unsuited(u.TuneRange, with, err)
		}
		t.tell(Scored{Part: "checking the settings of the untrained row", Done: i + 1,
			Total: len(all)})
	}
	return nil, nil
}

// variant makes the model with other settings of the learner.
func (t *Trial) variant(ctx context.Context, attributes map[string]cty.Value) (*program.Model,
	hcl.Diagnostics, error) {
	learner, problems := t.experiment().Learner.With(attributes)
	if schema.HasErrors(problems) {
		return nil, nil, errors.New(problems[0].Detail)
	}
	traced, diags, err := t.config.Session.Learner(ctx, learner)
	if err != nil || diags.HasErrors() {
		return nil, diags, err
	}
	config := t.data.Program(t.context)
	config.Learner = traced
	model, err := program.New(ctx, config)
	return model, nil, err
}

// variants are the settings of the learner that the untrained row is chosen from:
// every combination of the values to try.
func (t *Trial) variants() []evaluation.Variant {
	tune := t.experiment().Evaluate.Untrained.Tune
	var variants []evaluation.Variant
	for _, attributes := range combinations(tune) {
		variants = append(variants, evaluation.Variant{
			Name: settings(tune, attributes),
			Model: func(ctx context.Context) (*program.Model, error) {
				model, diags, err := t.variant(ctx, attributes)
				return model, t.judge(diags, err)
			},
		})
	}
	return variants
}

// combinations are those of one value of each grid, the last grid's varying fastest.
func combinations(grids []experiment.Grid) []map[string]cty.Value {
	if len(grids) == 0 {
		return nil
	}
	all := []map[string]cty.Value{{}}
	for _, g := range grids {
		var next []map[string]cty.Value
		for _, chosen := range all {
			for _, v := range g.Values {
				one := map[string]cty.Value{g.Attribute: v}
				for name, value := range chosen {
					one[name] = value
				}
				next = append(next, one)
			}
		}
		all = next
	}
	return all
}

// settings writes a combination as it would stand in the file.
func settings(grids []experiment.Grid, chosen map[string]cty.Value) string {
	var parts []string
	for _, g := range grids {
		parts = append(parts, g.Attribute+" = "+experiment.Expression(chosen[g.Attribute]))
	}
	return strings.Join(parts, ", ")
}

// prepareSingles makes a model for each objective alone, where the experiment asks for that
// row and there are several objectives.
func (t *Trial) prepareSingles(ctx context.Context) (hcl.Diagnostics, error) {
	e := t.experiment().Evaluate
	if !slices.Contains(e.Rows, experiment.RowSingleTask) {
		return nil, nil
	}
	objectives := 0
	for _, task := range t.data.Tasks {
		if e.Includes(task.Block.Name) {
			objectives += len(task.Block.Predicts)
		}
	}
	if objectives < 2 {
		return t.unused(e.RowsRange, fmt.Sprintf("The experiment has one objective, so that the row %q "+
			"would be the trained one again. Remove it.", experiment.RowSingleTask)), nil
	}
	for i, task := range t.data.Tasks {
		if !e.Includes(task.Block.Name) {
			continue
		}
		for _, p := range task.Block.Predicts {
			config := t.data.Program(t.context, task.Block.Name)
			config.Tasks[0].Objectives = slices.DeleteFunc(config.Tasks[0].Objectives,
				func(o link.Objective) bool { return o.Name != p.Name })
			config.Tasks[0].Objectives[0].Weight = 1 // it may be 0 beside the others
			model, err := program.New(ctx, config)
			if err != nil {
				return t.unsuited(e.RowsRange, fmt.Sprintf("the row %q trains the objective %q of the task "+
					"%q alone: ", experiment.RowSingleTask, p.Name, task.Block.Name), err)
			}
			t.singles = append(t.singles, single{task: i, objective: p.Name, model: model})
		}
	}
	return nil, nil
}

// trainSingles trains the models of the single-task row, and chooses the state of each as
// that of the whole model is chosen. Each has checkpoints of its own, from which it goes
// on.
func (t *Trial) trainSingles(ctx context.Context, frozen *frozenSets) ([]evaluation.Single, error) {
	var trained []evaluation.Single
	for _, s := range t.singles {
		task := t.data.Tasks[s.task]
		c := t.training(s.model, []*session.Task{task})
		c.Checkpoints = t.run.SingleTask(task.Block.Name, s.objective)
		t.choose(&c, frozen.of(s.task))
		from, err := t.latest(c.Checkpoints)
		if err != nil {
			return nil, fmt.Errorf("%s alone: %w", s.objective, err)
		}
		loop, err := t.train(ctx, c, from, s.objective)
		if err != nil {
			return nil, fmt.Errorf("%s alone: %w", s.objective, err)
		}
		state, step := loop.Best()
		trained = append(trained, evaluation.Single{Row: experiment.RowSingleTask,
			Task: task.Block.Name, Objective: s.objective, Model: s.model, State: state, Trained: step})
	}
	return trained, nil
}

// unsuited says at a setting why it cannot be; of a plugin that failed, that it did.
func (t *Trial) unsuited(at hcl.Range, what string, err error) (hcl.Diagnostics, error) {
	var failure *plugin.Error
	if errors.As(err, &failure) || errors.Is(err, context.Canceled) {
		return nil, fmt.Errorf("%s:%d: %s%w", at.Filename, at.Start.Line, what, err)
	}
	return hcl.Diagnostics{experiment.Diagnostic(experiment.CodeConflict, "Unsuitable evaluation",
		fmt.Sprintf("%s%v.", what, err), at)}, nil
}

// unused warns of a setting that does nothing.
func (t *Trial) unused(at hcl.Range, detail string) hcl.Diagnostics {
	return hcl.Diagnostics{experiment.Warning(experiment.CodeUnused, "Never used", detail, at)}
}
