package predict

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/session"
	"quickstudy/framework/task"
	"quickstudy/framework/train/evaluation"
	"quickstudy/framework/trial"
)

// Options says what is predicted, and how.
type Options struct {
	Task string // its name; may be "" if there is one
	// Support is what a few-shot run adapts to, as JSON Lines; nil: none. A class that the
	// task's episodes each have their own of may be new.
	Support     io.Reader
	SupportName string // of its file, for errors
	// Steps is the number of adaptation steps; nil: as many as in training.
	Steps *int
	// Writes says how texts are searched for; the zero value: greedily.
	Writes evaluation.Writes
	// Attention asks for the attention weights, too, before and after adaptation.
	Attention bool
}

// ErrUnknownTask is wrapped when Options.Task names none of the tasks.
var ErrUnknownTask = errors.New("no such task")

// Predictor predicts by a state of a run. Its methods must not be called at the same time.
type Predictor struct {
	task    *session.Task
	request evaluation.Request
	// description is the data's, with the classes of the support where they are its own.
	description task.Description
	support     []task.Record
	attention   bool
}

// New prepares to predict, and reads the support.
func New(ctx context.Context, t *trial.Trial, state *trial.Restored, o Options) (*Predictor,
	error) {
	var names []string
	for _, one := range t.Data().Tasks {
		names = append(names, one.Block.Name)
	}
	index := slices.Index(names, o.Task)
	switch {
	case o.Task == "" && len(names) == 1:
		index = 0
	case o.Task == "":
		return nil, fmt.Errorf("%w: there are %s, choose one", ErrUnknownTask, schema.OrList(names))
	case index < 0:
		return nil, fmt.Errorf("%w %q.%s", ErrUnknownTask, o.Task, schema.Hint(o.Task, names))
	}
	if o.Attention && !t.Data().Transformer.Attends() {
		return nil, errors.New("the backbone is an mlp, whose positions do not see each other: there " +
			"are no attention weights")
	}
	if o.Writes.Beam == 0 {
		o.Writes.Beam = 1
	}
	p := &Predictor{task: t.Data().Tasks[index], attention: o.Attention}
	p.description = p.task.Description
	p.request = evaluation.Request{Model: t.Model(), State: state.State, Trained: state.Step,
		Task: index, Set: evaluation.Set{Data: p.task.Task}, Writes: &o.Writes}
	if o.Support != nil {
		if err := p.readSupport(o); err != nil {
			return nil, err
		}
	}
	return p, p.adapts(ctx, o.Steps)
}

// readSupport reads all records of the support.
func (p *Predictor) readSupport(o Options) error {
	needs := p.needs()
	for i := range needs {
		if p.task.Targets(i) && needs[i] == ignored {
			needs[i] = required
		}
	}
	l := newLines(o.SupportName, o.Support, p.description, needs)
	local, most, ok := p.task.LocalClasses()
	if ok {
		l.description.Fields = slices.Clone(l.description.Fields)
		l.description.Fields[local].Classes, l.open = nil, local
	}
	l.fits = func(r task.Record) error {
		if err := p.task.Fits(r); err != nil || !ok {
			return err
		}
		if len(r.Cells[local].Ints) == 0 {
			return fmt.Errorf("member %q: a record of the support needs a class",
				l.description.Fields[local].Name)
		}
		if n := len(l.description.Fields[local].Classes); n > most {
			return fmt.Errorf("it is the first of class number %d, and the run was trained for %d at most",
				n, most)
		}
		return nil
	}
	for {
		records, err := l.Next(1)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if p.support = append(p.support, records...); len(p.support) > task.MaxEpisode {
			return fmt.Errorf("%s: a support of more than %d records", o.SupportName, task.MaxEpisode)
		}
	}
	if len(p.support) == 0 {
		return fmt.Errorf("%s: it holds no record of a support", o.SupportName)
	}
	p.description = l.description
	return nil
}

// needs says what lines hold without answers.
func (p *Predictor) needs() []need {
	needs := make([]need, len(p.description.Fields))
	for i := range needs {
		switch reads, written := p.task.Reads(i); {
		case written:
			needs[i] = optional
		case reads:
			needs[i] = required
		}
	}
	return needs
}

// adapts decides by how many steps is adapted, and refuses a support that would change
// nothing, or that is missing.
func (p *Predictor) adapts(ctx context.Context, steps *int) error {
	name := p.task.Block.Name
	draw, err := p.task.Draw(sampling.Train, 0)
	if err != nil {
		return err
	}
	trained, err := p.task.Encode(draw)
	if err != nil {
		return err
	}
	if p.support == nil && trained.Support != nil {
		return fmt.Errorf("task %q was trained in episodes: without a support it predicts nothing", name)
	}
	probe := trained
	if p.support != nil {
		if probe, err = p.task.Given(p.support, p.support[:1]); err != nil {
			return err
		}
	}
	adapts, err := p.request.Model.Adapts(ctx, p.request.Model.Elements(p.request.Task, probe)[0])
	if err != nil {
		return fmt.Errorf("task %q: %w", name, err)
	}
	most := 0
	if adapts && p.support != nil {
		most = p.request.Model.InnerSteps()
	}
	switch {
	case p.support != nil && !adapts && trained.Support == nil:
		return fmt.Errorf("task %q: the meta-learner does not adapt, and the task was trained without a "+
			"support: it would have no effect; leave it out", name)
	case steps != nil && *steps > 0 && most == 0:
		return fmt.Errorf("task %q: %d adaptation steps, and nothing adapts to a support here", name,
			*steps)
	case steps != nil:
		most = *steps
	}
	p.request.Steps = []int{most}
	if p.attention && most > 0 {
		p.request.Steps = []int{0, most}
	}
	return nil
}

// Lines reads records to predict; name is that of the file, for errors. Members that are
// no input, answers among them, are not read.
func (p *Predictor) Lines(name string, from io.Reader) *Lines {
	l := newLines(name, from, p.description, p.needs())
	l.fits = p.task.Fits
	return l
}

// Most is the largest number of records that are predicted at once.
func (p *Predictor) Most() int { return p.task.MostGiven() }

// Predict answers up to Most records.
func (p *Predictor) Predict(ctx context.Context, records []task.Record) ([]Prediction, error) {
	given, err := p.task.Given(p.support, records)
	if err != nil {
		return nil, err
	}
	answers, err := evaluation.Predict(ctx, p.request, given)
	if err != nil {
		return nil, err
	}
	var attention []evaluation.Attention
	if p.attention {
		if attention, err = evaluation.AttentionTo(ctx, p.request, given); err != nil {
			return nil, err
		}
	}
	all := make([]Prediction, len(records))
	for i, r := range records {
		if all[i], err = p.prediction(r, given, answers[i]); err != nil {
			return nil, fmt.Errorf("record %d: %w", r.ID, err)
		}
		all[i].Attention = p.weights(r, attention)
	}
	return all, nil
}
