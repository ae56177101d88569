package evaluation

import (
	"context"
	"fmt"
	"math"

	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// Untrained asks for the row in which adaptation starts from the initial parameters,
// in the setting that suits it best.
type Untrained struct {
	// Variants are settings of the learner, one of which is chosen on validation
	// episodes. None: the model as it is trained.
	Variants []Variant
	// Initial makes the first state of a variant's model.
	Initial func(*program.Model) (program.Values, error)
}

// Variant is one setting of the learner, such as "inner_lr = 0.1".
type Variant struct {
	Name  string
	Model func(ctx context.Context) (*program.Model, error)
}

// choice is a variant with its state.
type choice struct {
	name  string // "": there was nothing to choose from
	model *program.Model
	state program.Values
	table *record.Table // of the scores that it was chosen by
}

// choose scores every variant on the validation episodes, after the last number of
// steps that is reported, and returns the best, the first of several. Only the best so
// far is kept in memory.
func (c Config) choose(ctx context.Context) (choice, error) {
	if len(c.Untrained.Variants) == 0 {
		state, err := c.Untrained.Initial(c.Model)
		return choice{model: c.Model, state: state}, err
	}
	var best choice
	var bestScore Validation
	table := &record.Table{Title: "untrained, by its score on " + sampling.Validation,
		RowHeader: "setting", Columns: []string{"score"}}
	for i, variant := range c.Untrained.Variants {
		one := choice{name: variant.Name, table: table}
		score := Validation{Score: math.NaN()}
		var err error
		if one.model, err = variant.Model(ctx); err == nil {
			one.state, err = c.Untrained.Initial(one.model)
		}
		if err == nil && len(c.Untrained.Variants) > 1 {
			score, err = c.validator(one).Validate(ctx, one.state, 0)
		}
		if err != nil {
			return choice{}, fmt.Errorf("untrained with %s: %w", variant.Name, err)
		}
		table.HigherBetter = score.HigherBetter
		table.Rows = append(table.Rows, record.Row{Name: variant.Name,
			Cells: []record.Cell{record.ExactCell(score.Score)}})
		if i == 0 || score.Better(bestScore) {
			best, bestScore = one, score
		}
	}
	if len(c.Untrained.Variants) == 1 {
		best.table = nil
		return best, nil
	}
	last := c.Tasks[0].last()
	table.Metric = fmt.Sprintf("score after %d adaptation steps", last)
	for _, t := range c.Tasks {
		if t.last() != last {
			table.Metric = "score after the last adaptation steps reported"
		}
	}
	table.Notes = []string{"chosen: " + best.name}
	return best, nil
}

// last is the number of steps by which methods are read against each other.
func (t Task) last() int { return t.Steps[len(t.Steps)-1] }

// validator scores a variant on every task's validation episodes.
func (c Config) validator(one choice) Validator {
	v := Validator{Model: one.model, Workers: c.Workers, Seed: c.Seed}
	for _, t := range c.Tasks {
		v.Sets = append(v.Sets, Set{Data: t.Test.Data, Frozen: t.Validation})
		v.Steps = append(v.Steps, t.last())
	}
	v.Progress = c.stage(RowUntrained + " with " + one.name)
	return v
}

// stage reports the progress of one part of a report.
func (c Config) stage(name string) func(done, total int) {
	if c.Progress == nil {
		return nil
	}
	return func(done, total int) { c.Progress(name, done, total) }
}
