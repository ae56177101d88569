package evaluation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"quickstudy/framework/link"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/baseline"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// Config says what a report compares, and on which draws.
type Config struct {
	Learner string // named in a note
	Model   *program.Model
	State   program.Values // as it was chosen on validation
	// Trained is the number of steps that made the state; see Request.
	Trained int
	Tasks   []Task // by position in the model
	// Initial is the state that training started from, where that is another run's:
	// what this run adds is the difference to it. nil: no such row.
	Initial program.Values
	// Untrained, Singles: rows beside the trained one's; nil for none.
	Untrained *Untrained
	Singles   []Single
	Writes    *Writes // see Request; of all rows but those that are no models
	Workers   int
	Seed      uint64
	// Progress, if not nil, is told of the draws scored in each part of the work.
	Progress func(part string, done, total int)
}

// Task is what one task is reported by.
type Task struct {
	Test       Set             // without draws: the task is not reported on
	Validation sampling.Frozen // on which an untrained setting is chosen
	Steps      []int           // of adaptation, ascending
	Rows       []string        // RowCentroid, RowNearest, RowMajority, RowChance
	Features   baseline.Features
}

// Single is a model trained for one objective of one task alone, both found in it by
// name.
type Single struct {
	Row             string // "single_task"
	Task, Objective string
	Model           *program.Model
	State           program.Values
	Trained         int // steps that made the state
}

// Report scores the trained state and everything it is read against on the same
// test draws. The tables of each objective are its scores and their paired
// differences to the trained row's, losses included; the sets hold each episode's
// scores, or of ordinary batches each record's.
func Report(ctx context.Context, c Config) ([]record.Table, []record.EpisodeSet, error) {
	if err := c.check(); err != nil {
		return nil, nil, fmt.Errorf("report: %w", err)
	}
	var untrained choice
	var err error
	if c.Untrained != nil {
		if untrained, err = c.choose(ctx); err != nil {
			return nil, nil, fmt.Errorf("report: %w", err)
		}
	}
	var tables []record.Table
	var sets []record.EpisodeSet
	var changes []relative
	for i, t := range c.Model.Tasks() {
		if c.Tasks[i].Test.none() {
			continue
		}
		lines, notes, err := c.lines(ctx, i, untrained)
		if err != nil {
			return nil, nil, fmt.Errorf("report: task %q: %w", t.Name, err)
		}
		for k, o := range t.Objectives {
			s := sheet{name: t.Name + "/" + c.Tasks[i].Test.split(), set: c.Tasks[i].Test,
				lines: lines[k], notes: notes[k]}
			if len(t.Objectives) > 1 {
				s.name += "/" + o.Name
			}
			tables = append(tables, s.tables()...)
			for _, one := range c.Singles {
				if change, ok := s.relativeTo(one.Row); ok && one.Task == t.Name &&
					one.Objective == o.Name {
					changes = append(changes, change)
				}
			}
			sets = append(sets, s.episodes()...)
		}
	}
	if len(changes) > 1 {
		tables = append(tables, relativeTable(c.Singles[0].Row, changes))
	}
	if untrained.table != nil {
		tables = append(tables, *untrained.table)
	}
	return tables, sets, nil
}

func (c Config) check() error {
	tasks := c.Model.Tasks()
	if len(c.Tasks) != len(tasks) {
		return fmt.Errorf("episodes of %d tasks, want %d", len(c.Tasks), len(tasks))
	}
	names := []string{RowTrained, RowInitial, RowUntrained, RowCentroid, RowNearest,
		RowMajority, RowMean, RowChance}
	for _, s := range c.Singles {
		if slices.Contains(names, s.Row) || s.Row == "" {
			return fmt.Errorf("a single task's row is called %q, which is taken", s.Row)
		}
		if _, err := s.find(); err != nil {
			return err
		}
	}
	evaluated := false
	for i, t := range c.Tasks {
		if len(t.Steps) == 0 {
			return fmt.Errorf("task %q: no number of adaptation steps to report", tasks[i].Name)
		}
		for _, row := range t.Rows {
			if !slices.Contains([]string{RowCentroid, RowNearest, RowMajority, RowChance}, row) {
				return fmt.Errorf("task %q: row %q, want %q, %q, %q or %q", tasks[i].Name, row, RowCentroid,
					RowNearest, RowMajority, RowChance)
			}
		}
		if t.Test.none() {
			continue
		}
		evaluated = true
		if err := t.Test.check(); err != nil {
			return fmt.Errorf("task %q: %w", tasks[i].Name, err)
		}
	}
	if !evaluated {
		return errors.New("no task has episodes to evaluate on")
	}
	return nil
}

// find returns the position of the task in the single's model.
func (s Single) find() (int, error) {
	for i, t := range s.Model.Tasks() {
		for _, o := range t.Objectives {
			if t.Name == s.Task && o.Name == s.Objective {
				return i, nil
			}
		}
	}
	return 0, fmt.Errorf("row %q: its model has no objective %q of task %q", s.Row, s.Objective,
		s.Task)
}

// lines scores every row on a task's test draws: lines and notes by objective.
func (c Config) lines(ctx context.Context, index int, untrained choice) ([][]line, [][]string,
	error) {
	t := c.Model.Tasks()[index]
	lines, notes := make([][]line, len(t.Objectives)), make([][]string, len(t.Objectives))
	score := func(row string, m *program.Model, state program.Values, step, task int) (*Scores,
		error) {
		return Run(ctx, Request{Model: m, State: state, Trained: step, Task: task,
			Set: c.Tasks[index].Test, Steps: c.Tasks[index].Steps, Writes: c.Writes,
			Workers: c.Workers, Seed: c.Seed,
			Progress: c.stage(t.Name + ": " + row)})
	}
	trained, err := score(RowTrained, c.Model, c.State, c.Trained, index)
	if err != nil {
		return nil, nil, err
	}
	for k, o := range t.Objectives {
		lines[k] = append(lines[k], trained.of(o.Name, RowTrained))
		if slices.Max(trained.Steps) > 0 {
			notes[k] = append(notes[k], fmt.Sprintf("%s: by %s, with %d adaptation steps",
				RowTrained, c.Learner, c.Model.InnerSteps()))
		}
		if c.Trained < c.Model.Steps() {
			notes[k] = append(notes[k], fmt.Sprintf("%s: the state after step %d of %d, the best on %s",
				RowTrained, c.Trained, c.Model.Steps(), sampling.Validation))
		}
	}
	if c.Initial != nil {
		scores, err := score(RowInitial, c.Model, c.Initial, 0, index)
		if err != nil {
			return nil, nil, err
		}
		for k, o := range t.Objectives {
			lines[k] = append(lines[k], scores.of(o.Name, RowInitial))
		}
	}
	for _, s := range c.Singles {
		k := slices.IndexFunc(t.Objectives, func(o link.Objective) bool { return o.Name == s.Objective })
		if s.Task != t.Name || k < 0 {
			continue
		}
		task, err := s.find()
		if err != nil {
			return nil, nil, err
		}
		scores, err := score(s.Row, s.Model, s.State, s.Trained, task)
		if err != nil {
			return nil, nil, err
		}
		lines[k] = append(lines[k], scores.of(s.Objective, s.Row))
	}
	if c.Untrained != nil {
		scores, err := score(RowUntrained, untrained.model, untrained.state, 0, index)
		if err != nil {
			return nil, nil, err
		}
		for k, o := range t.Objectives {
			lines[k] = append(lines[k], scores.of(o.Name, RowUntrained))
			if untrained.name != "" {
				note := fmt.Sprintf("%s: %s", RowUntrained, untrained.name)
				if n := len(c.Untrained.Variants); n > 1 {
					note += fmt.Sprintf(", the best of %d on %s", n, sampling.Validation)
					if last := slices.Max(scores.Steps); last > 0 {
						note += fmt.Sprintf(" after %d adaptation steps", last)
					}
				}
				notes[k] = append(notes[k], note)
			}
		}
	}
	for k, o := range t.Objectives {
		constant, reasons, err := c.Tasks[index].constantLines(o.Name)
		if err != nil {
			return nil, nil, err
		}
		lines[k], notes[k] = append(lines[k], constant...), append(notes[k], reasons...)
	}
	return lines, notes, nil
}

// constantLines scores the rows that are no models, and says which do not apply.
func (t Task) constantLines(objective string) (lines []line, reasons []string, err error) {
	if len(t.Rows) == 0 {
		return nil, nil, nil
	}
	lessons, err := t.Test.lessons(objective)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range t.Rows {
		l, why, err := t.Test.constantLine(row, objective, lessons, t.Features)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("row %q: %w", row, err)
		case why != "":
			reasons = append(reasons, fmt.Sprintf("no row %q: %s", row, why))
		default:
			lines = append(lines, l)
		}
	}
	return lines, reasons, nil
}
