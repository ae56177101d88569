package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"quickstudy/framework/kernel"
	"quickstudy/framework/passes"
	"quickstudy/framework/sampling"
	"quickstudy/framework/session"
	"quickstudy/framework/train"
	"quickstudy/framework/train/program"
	"quickstudy/framework/trial"
)

// checkedSteps is how many of the first losses are held to the reference executor, and
// of how many steps the data is dumped.
const checkedSteps = 5

// benchFlags are those of bench.
type benchFlags struct {
	experimentFlags
	workers, warmUp, steps int
	check, asJSON          bool
	profile, dump          string
	without                passNames
}

func (b *benchFlags) register(f *flag.FlagSet) {
	b.experimentFlags.register(f)
	f.IntVar(&b.workers, "workers", 0, "compute `N` elements at a time; 0: one for each processor")
	f.IntVar(&b.warmUp, "warmup", 3, "make `N` steps before those that are timed")
	f.IntVar(&b.steps, "steps", 10, "time `N` steps")
	f.BoolVar(&b.check, "check", false, fmt.Sprintf("compare the first %d losses with those of the "+
		"reference\n%sexecutor, which takes far longer", checkedSteps, strings.Repeat(" ", 27)))
	f.StringVar(&b.profile, "cpuprofile", "", "write a profile of the timed steps to `FILE`")
	f.StringVar(&b.dump, "dump", "", fmt.Sprintf("write the initial parameters and the data of the "+
		"first %d\n%ssteps to `FILE`, as safetensors", checkedSteps, strings.Repeat(" ", 27)))
	b.without.register(f)
	jsonFlag(f, &b.asJSON)
}

func bench() *command {
	var flags benchFlags
	return &command{
		name: "bench", args: "FILE", min: 1, max: 1,
		summary: "measure the steps of an experiment: time, arithmetic, speed, memory",
		help: `Steps are those that run would make: each has new data and updates the parameters.
Nothing is evaluated and nothing is kept.

Arithmetic is that of the algorithm, counted in its programs: 2·M·N·K of every matrix
product, and beside it the elements that everything else computes. What an executor
computes again to save memory is not counted. The peak is that of a large matrix
product, measured after the steps on as many workers. Memory is the most that was
resident until then; it and the allocations include the encoding of data.

Clusters are what is run at once: a matrix product, or other operations one block of
numbers after another. Those of one kind are told together, the ten that take longest, of
the programs of the first step, which one worker runs for this.

With -check the same steps are made by the reference executor, and it is an error when
a loss differs by more than 1 part in 10,000.`,
		examples: []string{
			"runner bench experiments/quickstart.hcl -var steps=20",
			"runner bench -steps 30 -json experiments/quickstart.hcl",
		},
		flags: flags.register,
		run: func(ctx context.Context, c *console, args []string) error {
			if err := flags.verify(); err != nil {
				return err
			}
			s, err := flags.experiment(ctx, c, args[0])
			if err != nil {
				return err
			}
			defer s.Close()
			t, err := trial.Open(ctx, trial.Config{Session: s, Workers: flags.workers,
				Watch: newMeter(c).watch, Logger: c.logger})
			if err != nil {
				return err
			}
			m, err := (&benchRun{c: c, session: s, trial: t}).measure(ctx, &flags)
			if err != nil {
				return err
			}
			if flags.asJSON {
				err = printJSON(c.stdout, m)
			} else {
				err = m.print(c.stdout)
			}
			return errors.Join(err, m.deviation())
		},
	}
}

func (b *benchFlags) verify() error {
	switch {
	case b.workers < 0:
		return usageError{fmt.Sprintf("-workers %d: want at least 0", b.workers)}
	case b.warmUp < 0:
		return usageError{fmt.Sprintf("-warmup %d: want at least 0", b.warmUp)}
	case b.steps < 1:
		return usageError{fmt.Sprintf("-steps %d: want at least 1", b.steps)}
	}
	if b.workers == 0 {
		b.workers = runtime.GOMAXPROCS(0)
	}
	var err error
	b.passes, err = b.without.options("")
	return err
}

// benchRun is an experiment whose steps are measured.
type benchRun struct {
	c       *console
	session *session.Session
	trial   *trial.Trial
}

// measure makes the steps.
func (b *benchRun) measure(ctx context.Context, flags *benchFlags) (*measurement, error) {
	total := flags.warmUp + flags.steps
	if has := b.session.Experiment.Train.Steps; total > has {
		return nil, usageError{fmt.Sprintf("-warmup %d and -steps %d: the experiment has %d steps; "+
			"raise steps in its train block, or measure fewer", flags.warmUp, flags.steps, has)}
	}
	m := &measurement{Experiment: b.session.Experiment.Name, Kernels: kernel.Best().String(),
		Workers: flags.workers, WarmUp: flags.warmUp, Steps: flags.steps}
	compiled := time.Now()
	if err := b.compile(ctx); err != nil {
		return nil, err
	}
	m.Compile = time.Since(compiled).Seconds()
	if err := b.trial.Initialize(); err != nil {
		return nil, err
	}
	if flags.dump != "" {
		if err := b.dump(flags.dump, min(total, checkedSteps)); err != nil {
			return nil, err
		}
	}
	if err := b.timed(ctx, flags, m); err != nil {
		return nil, err
	}
	if err := b.count(ctx, m); err != nil {
		return nil, err
	}
	m.memory(b.session.PIDs())
	var err error
	if m.Costs, err = b.costs(ctx); err != nil {
		return nil, err
	}
	peak, err := peakFLOPs(flags.workers)
	if err != nil {
		return nil, err
	}
	m.PeakGFLOPS = peak / 1e9
	m.PeakShare = m.GFLOPS / m.PeakGFLOPS
	if flags.check {
		m.Reference, err = b.reference(ctx, min(total, checkedSteps))
	}
	return m, err
}

// compile makes the model and the programs for the first training episode of each task.
func (b *benchRun) compile(ctx context.Context) error {
	if err := b.trial.Trace(ctx); err != nil {
		return err
	}
	for i := range b.trial.Data().Tasks {
		elements, err := b.elements(sampling.Pick{Task: i})
		if err != nil {
			return err
		}
		if _, err := b.trial.Model().Map(ctx, elements[0]); err != nil {
			return err
		}
	}
	return nil
}

// draw draws and encodes a pick of a step.
func (b *benchRun) draw(pick sampling.Pick) (*sampling.Episode, error) {
	task := b.trial.Data().Tasks[pick.Task]
	draw, err := task.Draw(sampling.Train, pick.Index)
	if err != nil {
		return nil, err
	}
	return task.Encode(draw)
}

// elements draws what the map step is run on for a pick.
func (b *benchRun) elements(pick sampling.Pick) ([]program.Element, error) {
	episode, err := b.draw(pick)
	if err != nil {
		return nil, err
	}
	return b.trial.Model().Elements(pick.Task, episode), nil
}

// advance makes the first steps of a training with a model, and passes on what each says.
func (b *benchRun) advance(ctx context.Context, model *program.Model, steps int,
	told func(train.Progress)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	config := b.trial.Training(model)
	config.Progress = func(p train.Progress) {
		told(p)
		if p.Step == steps { // schedules go by the experiment's steps, of which these are the first
			stop()
		}
	}
	loop, err := train.New(config)
	if err != nil {
		return err
	}
	if err := loop.Run(ctx); err != nil && (loop.Step() < steps ||
		!errors.Is(err, train.ErrInterrupted)) {
		return err
	}
	return nil
}

// timed makes the steps and fills in what is measured on the way.
func (b *benchRun) timed(ctx context.Context, flags *benchFlags, m *measurement) error {
	var before, after runtime.MemStats
	var times []float64
	var profile *os.File
	var failed error
	last, tokens, meter := 0.0, 0.0, newMeter(b.c)
	begin := func() {
		if flags.profile != "" {
			if profile, failed = os.Create(flags.profile); failed == nil {
				failed = pprof.StartCPUProfile(profile)
			}
		}
		runtime.ReadMemStats(&before)
	}
	if flags.warmUp == 0 {
		begin()
	}
	err := b.advance(ctx, b.trial.Model(), flags.warmUp+flags.steps, func(p train.Progress) {
		if loss, ok := p.Values["loss"]; ok {
			m.Losses = append(m.Losses, loss)
		}
		if p.Step > flags.warmUp {
			times = append(times, p.Seconds-last)
			tokens += p.Values["tokens"]
		}
		last = p.Seconds
		meter.benched("", p)
		switch p.Step {
		case flags.warmUp:
			begin()
		case flags.warmUp + flags.steps:
			runtime.ReadMemStats(&after)
		}
	})
	if profile != nil {
		pprof.StopCPUProfile()
		failed = errors.Join(failed, profile.Close())
	}
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	slices.Sort(times)
	m.MedianStep = (times[len(times)/2] + times[(len(times)-1)/2]) / 2
	m.MinStep, m.MaxStep = times[0], times[len(times)-1]
	m.TokensPerSecond = tokens / float64(len(times)) / m.MedianStep
	m.Allocs = float64(after.Mallocs-before.Mallocs) / float64(len(times))
	m.AllocMB = megabytes(int64(after.TotalAlloc-before.TotalAlloc)) / float64(len(times))
	return nil
}

// count fills in the arithmetic of the timed steps, which may differ in shapes.
func (b *benchRun) count(ctx context.Context, m *measurement) error {
	model := b.trial.Model()
	plan := b.trial.Training(model).Plan
	var sum passes.Work
	for step := m.WarmUp; step < m.WarmUp+m.Steps; step++ {
		picks, err := plan.Step(int64(step))
		if err != nil {
			return err
		}
		for _, pick := range picks {
			elements, err := b.elements(pick)
			if err != nil {
				return err
			}
			for _, e := range elements {
				programs, err := b.mapped(ctx, e)
				if err != nil {
					return err
				}
				for _, p := range programs {
					sum = sum.Plus(p.Work())
					if held := p.Memory(); megabytes(held.Arena) > m.ArenaMB {
						m.ArenaMB, m.AliveMB = megabytes(held.Arena), megabytes(held.Alive)
						m.NaiveMB = megabytes(held.Naive)
					}
				}
			}
		}
		for _, p := range b.whole() {
			sum = sum.Plus(p.Work())
		}
	}
	m.FLOPs, m.Elements = sum.Products/int64(m.Steps), sum.Elements/int64(m.Steps)
	m.Shapes, m.Programs = model.Compiled(), model.Compilations().Compiled
	m.GFLOPS = float64(m.FLOPs) / m.MedianStep / 1e9
	return nil
}

// whole returns the programs that are run once a step.
func (b *benchRun) whole() []*program.Program {
	model := b.trial.Model()
	all := []*program.Program{model.Weighing(), model.Update(), model.Settle()}
	return slices.DeleteFunc(all, func(p *program.Program) bool { return p == nil })
}

// mapped returns the programs that are run on every element of a step.
func (b *benchRun) mapped(ctx context.Context, e program.Element) ([]*program.Program, error) {
	model := b.trial.Model()
	step, err := model.Map(ctx, e)
	if err != nil || model.Settle() == nil {
		return []*program.Program{step}, err
	}
	after, err := model.After(ctx, e)
	return []*program.Program{step, after}, err
}

// reference returns the losses of the first steps as the reference executor computes them.
func (b *benchRun) reference(ctx context.Context, steps int) ([]float64, error) {
	config := b.trial.Data().Program(ctx)
	config.Interpret = true
	model, err := program.New(ctx, config)
	if err != nil {
		return nil, err
	}
	var losses []float64
	meter := newMeter(b.c)
	err = b.advance(ctx, model, steps, func(p train.Progress) {
		if loss, ok := p.Values["loss"]; ok {
			losses = append(losses, loss)
		}
		meter.benched("reference executor, ", p)
	})
	return losses, err
}
