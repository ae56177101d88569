package affinity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/experiment"
	"quickstudy/framework/sampling"
	"quickstudy/framework/session"
	"quickstudy/framework/train"
	"quickstudy/framework/train/evaluation"
	"quickstudy/framework/train/program"
	"quickstudy/framework/trial"
)

// Config says what is found out.
type Config struct {
	Trial   *trial.Trial
	Session *session.Session
	Seeds   int // trainings, of the experiment's seed and the following ones; at least 1
	// Rate is α of the look-ahead; 0: the optimizer's rate at the first step.
	Rate     float64
	Transfer bool // find that matrix, too
	Workers  int  // elements computed at a time; 0: one for each processor
	// Progress is told what is done: a part, and how much of it.
	Progress func(part string, done, total int)
}

// blocks is into how many parts the steps of a training are divided: the mean of a part is one
// measurement, because one step's is much like the next.
const blocks = 10

// Study finds the matrices. Its error is an *experiment.InvalidError where the experiment has
// nothing to compare.
func Study(ctx context.Context, c Config) (*Report, error) {
	tasks := c.Trial.Data().Tasks
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := c.Trial.Trace(ctx); err != nil {
		return nil, err
	}
	if err := c.Trial.Initialize(); err != nil {
		return nil, err
	}
	c.Workers = cmp.Or(c.Workers, runtime.GOMAXPROCS(0))
	r := &Report{Format: 1, Experiment: c.Session.Experiment.Name,
		Steps: c.Session.Experiment.Train.Steps, Seeds: c.Seeds}
	for _, t := range tasks {
		r.Tasks = append(r.Tasks, t.Block.Name)
	}
	n := len(tasks)
	look, cosines, norms := newSamples(n, n), newSamples(n, n), newSamples(1, n)
	for k := range c.Seeds {
		measured, err := c.lookAhead(ctx, uint64(k), r)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(measured, step.moves) {
			return nil, c.invalid(c.Session.Experiment.Range, "Nothing shared is trained",
				fmt.Sprintf("No task had a gradient over the leaves that all tasks share, %q: train at least "+
					"one of them, which freeze may keep as it is.", shared))
		}
		parts := min(blocks, len(measured))
		for b := range parts {
			part := measured[b*len(measured)/parts : (b+1)*len(measured)/parts]
			look.add(mean(part, func(s step) [][]float64 { return s.effects }))
			cosines.add(mean(part, func(s step) [][]float64 { return s.cosines }))
			norms.add(mean(part, func(s step) [][]float64 { return s.norms }))
		}
	}
	r.LookAhead = look.matrix()
	r.Gradients = Gradients{Cosines: cosines.effects(), Norms: norms.effects()[0]}
	if c.Transfer {
		transfer := newSamples(n, n)
		for k := range c.Seeds {
			if err := c.transfer(ctx, uint64(k), r.Tasks, transfer); err != nil {
				return nil, err
			}
		}
		m := transfer.matrix()
		r.Transfer = &m
	}
	return r, nil
}

// check says at the experiment's blocks why nothing can be found out; an
// *experiment.InvalidError.
func (c Config) check() error {
	exp := c.Session.Experiment
	if n := len(exp.Tasks); n < 2 {
		return c.invalid(exp.Tasks[0].Range, "Nothing to compare", "Affinity is between task blocks, of "+
			"which there is one. The objectives of a block count as one task: give each a block of its own "+
			"to compare them.")
	}
	if exp.Learner.Optimizer == nil {
		return c.invalid(exp.Learner.Range, "No optimizer", "All tasks are trained together by the "+
			"optimizer of the metalearner block, which has none.")
	}
	return nil
}

// invalid is an error about a part of the experiment's file.
func (c Config) invalid(at hcl.Range, summary, detail string) error {
	return &experiment.InvalidError{Files: c.Session.Files, Diagnostics: hcl.Diagnostics{
		experiment.Diagnostic(experiment.CodeConflict, summary, detail, at)}}
}

// lookAhead makes one training and returns what its steps measured.
func (c Config) lookAhead(ctx context.Context, k uint64, r *Report) ([]step, error) {
	config := c.Trial.Data().Program(ctx)
	config.Transformer = config.Transformer.Steady() // losses are compared that differ little
	plan := c.Trial.Data().Plan()
	plan.Mix = sampling.Every // a step looks at all tasks
	config.Episodes = plan.Draws()
	r.Rate = c.rate()
	config.Learner = lookahead(r.Rate)
	model, err := program.New(ctx, config)
	if err != nil {
		return nil, err
	}
	training := c.Trial.Training(model)
	training.Plan.Mix = plan.Mix
	training.Seed += k
	training.Plan.Seed += k
	part := c.part("look-ahead", k)
	var all []step
	var failed error
	training.Progress = func(p train.Progress) {
		s, err := stepOf(p.Values, r.Tasks)
		failed = errors.Join(failed, err)
		all = append(all, s)
		c.tell(part, p.Step, p.Steps)
	}
	loop, err := train.New(training)
	if err == nil {
		err = loop.Run(ctx)
	}
	if err = errors.Join(err, failed); err != nil {
		return nil, fmt.Errorf("%s: %w", part, err)
	}
	return all, nil
}

// rate is that of the steps for one task alone.
func (c Config) rate() float64 {
	if c.Rate > 0 {
		return c.Rate
	}
	schedule, steps := c.Session.Experiment.Learner.Optimizer.LearningRate,
		c.Session.Experiment.Train.Steps
	return cmp.Or(schedule.At(0, steps), schedule.At(steps/2, steps)) // it may begin with 0
}

// transfer trains every task alone and with each other one, and adds what comes of it.
func (c Config) transfer(ctx context.Context, k uint64, tasks []string, to samples) error {
	n := len(tasks)
	part, done, total := c.part("transfer", k), 0, n*(n+1)/2
	scored := func(names ...string) (map[string][]outcome, error) {
		c.tell(part, done, total)
		o, err := c.train(ctx, k, names)
		if err != nil {
			return nil, fmt.Errorf("%s: training of %q: %w", part, names, err)
		}
		done++
		return o, nil
	}
	alone := map[string][]outcome{}
	for _, name := range tasks {
		o, err := scored(name)
		if err != nil {
			return err
		}
		alone[name] = o[name]
	}
	d := square(n)
	for i := range tasks {
		for j := range i {
			both, err := scored(tasks[i], tasks[j])
			if err != nil {
				return err
			}
			d[i][j] = relative(both[tasks[j]], alone[tasks[j]])
			d[j][i] = relative(both[tasks[i]], alone[tasks[i]])
		}
	}
	c.tell(part, total, total)
	to.add(d)
	return nil
}

// outcome is what an objective scored.
type outcome struct {
	score        float64
	higherBetter bool
}

// relative is the mean over objectives of how much better a score is than another, as a
// part of that one. A score of 0 has no part: what changes it counts as 1.
func relative(score, than []outcome) float64 {
	sum := 0.0
	for i, o := range than {
		gain := score[i].score - o.score
		if !o.higherBetter {
			gain = -gain
		}
		switch {
		case o.score != 0:
			gain /= math.Abs(o.score)
		case gain != 0:
			gain = math.Copysign(1, gain)
		}
		sum += gain
	}
	return sum / float64(len(than))
}

// train trains some of the tasks as the experiment says, and scores them on validation, as what
// groups are chosen by: on the test these are yet to be compared.
func (c Config) train(ctx context.Context, k uint64, names []string) (map[string][]outcome, error) {
	model, err := program.New(ctx, c.Trial.Data().Program(ctx, names...))
	if err != nil {
		return nil, err
	}
	training := c.Trial.Training(model, names...)
	training.Seed += k
	training.Plan.Seed += k
	loop, err := train.New(training)
	if err == nil {
		err = loop.Run(ctx)
	}
	if err != nil {
		return nil, err
	}
	outcomes := map[string][]outcome{}
	tasks := slices.DeleteFunc(slices.Clone(c.Trial.Data().Tasks), func(t *session.Task) bool {
		return !slices.Contains(names, t.Block.Name)
	})
	for i, t := range model.Tasks() {
		data := tasks[i].Task
		set := evaluation.Set{Data: data}
		set.Frozen, err = evaluation.Freeze(data, sampling.Validation,
			c.Session.Experiment.Evaluate.ValidationEpisodes)
		if err != nil {
			return nil, err
		}
		scores, err := evaluation.Run(ctx, evaluation.Request{Model: model, State: loop.State(),
			Trained: loop.Step(), Task: i, Set: set, Steps: []int{model.InnerSteps()},
			Workers: c.Workers, Seed: training.Seed})
		if err != nil {
			return nil, err
		}
		for _, o := range t.Objectives {
			s := scores.Main(o.Name, model.InnerSteps())
			outcomes[t.Name] = append(outcomes[t.Name], outcome{s.Mean(), s.HigherBetter})
		}
	}
	return outcomes, nil
}

func (c Config) part(what string, k uint64) string {
	if c.Seeds == 1 {
		return what
	}
	return fmt.Sprintf("%s, seed %d", what, c.Session.Experiment.Seed+k)
}

func (c Config) tell(part string, done, total int) {
	if c.Progress != nil {
		c.Progress(part, done, total)
	}
}
