package trial

import (
	"context"
	"errors"

	"quickstudy/framework/experiment"
	"quickstudy/framework/sampling"
	"quickstudy/framework/session"
	"quickstudy/framework/text"
	"quickstudy/framework/train/baseline"
	"quickstudy/framework/train/evaluation"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// frozenSets are the draws that states are judged by, in the order of the tasks; a task that is
// not evaluated has none.
type frozenSets struct {
	test       []evaluation.Set
	validation []evaluation.Set // without draws when nothing is chosen on validation
}

func (t *Trial) freeze() (*frozenSets, error) {
	e := t.experiment().Evaluate
	f := &frozenSets{}
	for _, task := range t.data.Tasks {
		if !e.Includes(task.Block.Name) {
			f.test = append(f.test, evaluation.Set{Data: task.Task})
			f.validation = append(f.validation, evaluation.Set{Data: task.Task})
			continue
		}
		test, err := evaluation.Freeze(task.Task, sampling.Test, e.Episodes)
		if err != nil {
			return nil, err
		}
		f.test = append(f.test, evaluation.Set{Data: task.Task, Frozen: test})
		validation := evaluation.Set{Data: task.Task}
		if e.Every > 0 || e.Untrained != nil {
			validation.Frozen, err = evaluation.Freeze(task.Task, sampling.Validation,
				e.ValidationEpisodes)
			if err != nil {
				return nil, err
			}
		}
		f.validation = append(f.validation, validation)
	}
	return f, nil
}

// of returns the sets of one task alone.
func (f *frozenSets) of(task int) *frozenSets {
	return &frozenSets{test: f.test[task : task+1], validation: f.validation[task : task+1]}
}

// evaluate reports on the chosen state, made by so many steps, and records it.
func (t *Trial) evaluate(ctx context.Context, frozen *frozenSets, state program.Values,
	step int) ([]record.Table, error) {
	exp := t.experiment()
	c := evaluation.Config{Learner: exp.Learner.Plugin, Model: t.model, State: state,
		Trained: step, Workers: t.config.Workers, Seed: exp.Seed,
		Progress: func(part string, done, total int) {
			t.tell(Scored{Part: part, Done: done, Total: total})
		}}
	if e := exp.Evaluate; e.Beam > 0 {
		c.Writes = &evaluation.Writes{Beam: e.Beam, LengthPenalty: e.LengthPenalty}
	}
	for i, task := range t.data.Tasks {
		one := evaluation.Task{Test: frozen.test[i], Validation: frozen.validation[i].Frozen,
			Steps: t.reported(), Features: features(task)}
		for _, row := range exp.Evaluate.Rows {
			if row != experiment.RowSingleTask {
				one.Rows = append(one.Rows, row)
			}
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
		c.Untrained = &evaluation.Untrained{Variants: t.variants(),
			Initial: func(m *program.Model) (program.Values, error) {
				return m.Initial(exp.Seed, nil) // what init takes from elsewhere is trained
			}}
	}
	var err error
	if c.Singles, err = t.trainSingles(ctx, frozen); err != nil {
		return nil, err
	}
	tables, sets, err := evaluation.Report(ctx, c)
	if err != nil {
		return nil, err
	}
	return tables, errors.Join(t.run.WriteResults(tables), t.run.WriteEpisodes(sets))
}

// count records what encoding the data has come to, in training and on the test.
func (t *Trial) count(ctx context.Context, trained []sampling.Statistics,
	frozen *frozenSets) error {
	var data []record.Encoding
	for i, task := range t.data.Tasks {
		test := record.Encoding{Task: task.Block.Name, Split: sampling.Test}
		for _, draw := range frozen.test[i].Frozen.Draws {
			if err := ctx.Err(); err != nil {
				return err
			}
			episode, err := task.Encode(draw)
			if err != nil {
				return err
			}
			test.Add(episode)
		}
		data = append(data, record.Encoding{Task: task.Block.Name, Split: sampling.Train,
			Statistics: trained[i]})
		if t.experiment().Evaluate.Includes(task.Block.Name) {
			data = append(data, test)
		}
	}
	if err := t.run.WriteEncodings(data); err != nil {
		return err
	}
	t.tell(Encoded{Data: data, Shapes: t.model.Compiled()})
	return nil
}

// features are what the centroid row sees of a text: characters where characters
// or bytes are read, else words.
func features(task *session.Task) baseline.Features {
	for _, in := range task.Config.Inputs {
		if in.Tokenizer != nil {
			switch in.Tokenizer.Options().Kind {
			case text.Characters, text.Bytes:
				return baseline.Characters
			}
		}
	}
	return baseline.Words
}
