package evaluation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"quickstudy/framework/philox"
	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/train/program"
)

// Set is a list of frozen draws and the data that they are of.
type Set struct {
	Data   *sampling.Task
	Frozen sampling.Frozen
}

// Freeze returns what models are judged by on a split: the first n episodes, or for
// a task with ordinary batches those that visit every record once, whatever n is.
func Freeze(data *sampling.Task, split string, n int) (sampling.Frozen, error) {
	if !data.Batched() {
		return data.Freeze(split, n)
	}
	draws, err := data.Pass(split)
	if err != nil {
		return sampling.Frozen{}, err
	}
	hash, err := data.Hash(draws)
	return sampling.Frozen{Draws: draws, Hash: hash}, err
}

// split returns the split that all draws are of.
func (s Set) split() string { return s.Frozen.Draws[0].Split }

// check refuses a set that is not what its hash says.
// none reports that a task is not evaluated, when others are.
func (s Set) none() bool { return s.Data != nil && len(s.Frozen.Draws) == 0 }

func (s Set) check() error {
	if s.Data == nil || len(s.Frozen.Draws) == 0 {
		return fmt.Errorf("no episodes to evaluate on")
	}
	for _, d := range s.Frozen.Draws {
		if d.Split != s.split() {
			return fmt.Errorf("episodes of the splits %q and %q in one set", s.split(), d.Split)
		}
	}
	hash, err := s.Data.Hash(s.Frozen.Draws)
	if err != nil {
		return err
	}
	if hash != s.Frozen.Hash {
		return fmt.Errorf("the %d frozen episodes of %s have the hash %.16s, and were frozen with "+
			"%.16s: the data or the draws have changed", len(s.Frozen.Draws), s.split(), hash,
			s.Frozen.Hash)
	}
	return nil
}

// Request asks for the scores of a state on the frozen draws of one task.
type Request struct {
	Model *program.Model
	State program.Values
	// Trained is the number of steps that made the state, 0 of one that is not trained.
	// A rate that is scheduled over training is that of the last of them.
	Trained int
	Task    int // by position in the model
	Set     Set
	// Steps are the numbers of adaptation steps, ascending. A task to which the
	// learner does not adapt is scored after 0 steps alone.
	Steps []int
	// Writes, if not nil, has heads of texts write them, and scores what they write.
	Writes  *Writes
	Workers int    // draws at a time; less than 1 is 1
	Seed    uint64 // of the random keys, for heads and learners that ask for one
	// Progress, if not nil, is told after each draw, by one goroutine at a time.
	Progress func(done, total int)
}

func (r Request) check() error {
	if err := r.checkState(); err != nil {
		return err
	}
	return r.Set.check()
}

// checkState checks everything but the draws.
func (r Request) checkState() error {
	if r.Trained < 0 || r.Trained > r.Model.Steps() {
		return fmt.Errorf("a state after %d steps of training, want 0 to %d", r.Trained,
			r.Model.Steps())
	}
	if r.Task < 0 || r.Task >= len(r.Model.Tasks()) {
		return fmt.Errorf("task %d, want one of the model's %d", r.Task, len(r.Model.Tasks()))
	}
	if len(r.Steps) == 0 || r.Steps[0] < 0 || !slices.IsSorted(r.Steps) ||
		len(slices.Compact(slices.Clone(r.Steps))) != len(r.Steps) {
		return fmt.Errorf("adaptation steps %v, want different numbers from 0 on, ascending",
			r.Steps)
	}
	return nil
}

// Run returns the scores of the request. The result is the same for any number of
// workers; an error is that of the earliest draw among those that went wrong.
func Run(ctx context.Context, r Request) (*Scores, error) {
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("evaluation: %w", err)
	}
	elements, err := r.elements(0)
	if err != nil {
		return nil, fmt.Errorf("evaluation: %w", err)
	}
	e, err := newEvaluator(ctx, r, elements[0])
	if err != nil {
		return nil, fmt.Errorf("evaluation: task %q: %w", r.Model.Tasks()[r.Task].Name, err)
	}
	outcomes, err := e.all(ctx)
	if err != nil {
		return nil, fmt.Errorf("evaluation: %w", err)
	}
	return e.scores(outcomes)
}

// evaluator runs one request.
type evaluator struct {
	Request
	objectives []objective
}

// newEvaluator looks at the first element for whether the learner adapts, and for what
// the heads compute.
func newEvaluator(ctx context.Context, r Request, first program.Element) (*evaluator, error) {
	adapts, err := r.Model.Adapts(ctx, first)
	if err != nil {
		return nil, err
	}
	if !adapts {
		r.Steps = []int{0}
	}
	p, metrics, err := r.Model.Evaluation(ctx, first, r.Steps)
	if err != nil {
		return nil, err
	}
	e := &evaluator{Request: r}
	for _, o := range r.Model.Tasks()[r.Task].Objectives {
		e.objectives = append(e.objectives,
			newObjective(o.Name, metrics[o.Name], p.Results(), r.Steps[0], r.Set.Data, r.Writes != nil))
	}
	return e, nil
}

// elements encodes a draw.
func (r Request) elements(index int) ([]program.Element, error) {
	episode, err := r.Model.Tasks()[r.Task].Encode(r.Set.Frozen.Draws[index])
	if err != nil {
		return nil, err
	}
	return r.Model.Elements(r.Task, episode), nil
}

// all scores every draw. No more is kept of one than its sums.
func (e *evaluator) all(ctx context.Context) ([]drawn, error) {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	total := len(e.Set.Frozen.Draws)
	outcomes, errs := make([]drawn, total), make([]error, total)
	var next, done atomic.Int64
	var telling sync.Mutex
	var workers sync.WaitGroup
	for range min(max(e.Workers, 1), total) {
		workers.Go(func() {
			for running.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= total {
					return
				}
				if outcomes[i], errs[i] = e.draw(running, i); errs[i] != nil {
					cancel()
					return
				}
				if e.Progress == nil {
					done.Add(1)
					continue
				}
				telling.Lock()
				e.Progress(int(done.Add(1)), total)
				telling.Unlock()
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return outcomes, earliest(errs)
}

// earliest returns the first error that is not about another one having stopped the
// work.
func earliest(errs []error) error {
	var stopped error
	for _, err := range errs {
		switch {
		case err == nil:
		case !errors.Is(err, context.Canceled):
			return err
		case stopped == nil:
			stopped = err
		}
	}
	return stopped
}

// draw scores one draw.
func (e *evaluator) draw(ctx context.Context, index int) (drawn, error) {
	elements, err := e.elements(index)
	if err != nil {
		return nil, err
	}
	out, err := e.score(ctx, index, elements)
	if err != nil {
		d := e.Set.Frozen.Draws[index]
		return nil, fmt.Errorf("task %q: draw %d of %s: %w", e.Model.Tasks()[e.Task].Name, d.Index,
			d.Split, err)
	}
	return out, nil
}

// score scores the elements of a draw one after the other, so that the order of its
// sums is that of the records.
func (e *evaluator) score(ctx context.Context, index int, elements []program.Element) (
	drawn, error) {
	out := newDrawn(len(e.Steps), e.objectives)
	records, err := e.records(index)
	if err != nil {
		return nil, err
	}
	for part, element := range elements {
		n := len(element.Query.IDs)
		p, _, err := e.Model.Evaluation(ctx, element, e.Steps)
		if err != nil {
			return nil, err
		}
		arguments, err := e.arguments(ctx, e.Set.Frozen.Draws[index], part, element)
		if err != nil {
			return nil, err
		}
		results, err := p.Run(e.State, element.Values, arguments)
		if err != nil {
			return nil, err
		}
		for i, steps := range e.Steps {
			for k, o := range e.objectives {
				written, err := e.write(ctx, o, steps, element, arguments, false)
				if err == nil {
					err = o.add(&out[i][k], steps, element, records[:min(n, len(records))], written, results)
				}
				if err != nil {
					return nil, fmt.Errorf("objective %q after %d steps: %w", o.name, steps, err)
				}
			}
		}
		records = records[min(n, len(records)):]
	}
	for _, objectives := range out {
		for k := range objectives {
			e.objectives[k].complete(&objectives[k])
		}
	}
	return out, nil
}

// records returns the queries of a draw, if a text among them is to be looked at.
func (e *evaluator) records(index int) ([]task.Record, error) {
	if !slices.ContainsFunc(e.objectives,
		func(o objective) bool { return o.predicted == "span" || o.writes }) {
		return nil, nil
	}
	_, query, err := e.Set.Data.Records(e.Set.Frozen.Draws[index])
	return query, err
}

// arguments are what a program may ask for beside state and data: a random key of
// this part of this draw, the leaves made anew for it, and how far training was.
func (r Request) arguments(ctx context.Context, draw sampling.Draw, part int,
	element program.Element) (program.Values, error) {
	derived := philox.Derive(r.Seed, "evaluation", draw.Split, uint64(r.Task), uint64(draw.Index),
		uint64(part))
	values, err := r.Model.Episodic(ctx, element, derived.Uint64(1))
	if err != nil {
		return nil, err
	}
	values["key"] = program.Key(derived.Key(0))
	values["progress"] = program.Scalar(r.progress(), r.Model.Precision())
	return values, nil
}

// progress is how far training was in the last step that made the state, as the
// learner was told in that step.
func (r Request) progress() float64 {
	return float64(max(r.Trained-1, 0)) / float64(max(r.Model.Steps(), 1))
}
