package trial

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/experiment"
	"quickstudy/framework/link"
	"quickstudy/framework/schema"
	"quickstudy/framework/session"
	"quickstudy/framework/train"
	"quickstudy/framework/train/evaluation"
	"quickstudy/framework/train/program"
)

// variants are the settings of the learner that the untrained row is chosen from:
// every combination of the values to try.
func (t *Trial) variants(ctx context.Context) ([]evaluation.Variant, error) {
	exp := t.experiment()
	var variants []evaluation.Variant
	for _, attributes := range combinations(exp.Evaluate.Untrained.Tune) {
		learner, problems := exp.Learner.With(attributes)
		if schema.HasErrors(problems) {
			return nil, fmt.Errorf("untrained: %v", problems[0])
		}
		variants = append(variants, evaluation.Variant{
			Name: settings(exp.Evaluate.Untrained.Tune, attributes),
			Model: func(ctx context.Context) (*program.Model, error) {
				traced, diags, err := t.config.Session.Learner(ctx, learner)
				if err := t.judge(diags, err); err != nil {
					return nil, err
				}
				config := t.data.Program(t.context)
				config.Learner = traced
				return program.New(ctx, config)
			},
		})
	}
	return variants, ctx.Err()
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

// singles trains a model for each objective alone, where the experiment asks for that
// row and there are several objectives.
func (t *Trial) singles(ctx context.Context, frozen *frozenSets) ([]evaluation.Single, error) {
	exp := t.experiment()
	if !slices.Contains(exp.Evaluate.Rows, experiment.RowSingleTask) {
		return nil, nil
	}
	objectives := 0
	for _, task := range exp.Tasks {
		objectives += len(task.Predicts)
	}
	if objectives < 2 {
		return nil, nil
	}
	var singles []evaluation.Single
	for i, task := range t.data.Tasks {
		for _, p := range task.Block.Predicts {
			one, err := t.single(ctx, task, p.Name, frozen.of(i))
			if err != nil {
				return nil, fmt.Errorf("%s alone: %w", p.Name, err)
			}
			singles = append(singles, one)
		}
	}
	return singles, nil
}

// single trains a model for one objective of a task, and chooses its state as that of
// the whole model is chosen.
func (t *Trial) single(ctx context.Context, task *session.Task, objective string,
	frozen *frozenSets) (evaluation.Single, error) {
	config := t.data.Program(t.context, task.Block.Name)
	config.Tasks[0].Objectives = slices.DeleteFunc(config.Tasks[0].Objectives,
		func(o link.Objective) bool { return o.Name != objective })
	config.Tasks[0].Objectives[0].Weight = 1 // it may be 0 beside the others
	model, err := program.New(ctx, config)
	if err != nil {
		return evaluation.Single{}, err
	}
	c := t.training(model, []*session.Task{task})
	c.Progress = func(p train.Progress) { t.tell(Advanced{Alone: objective, Progress: p}) }
	t.choose(&c, frozen)
	loop, err := train.New(c)
	if err != nil {
		return evaluation.Single{}, err
	}
	if err := loop.Run(ctx); err != nil {
		return evaluation.Single{}, err
	}
	state, step := loop.Best()
	return evaluation.Single{Row: experiment.RowSingleTask, Task: task.Block.Name,
		Objective: objective, Model: model, State: state, Trained: step}, nil
}
