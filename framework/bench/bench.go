package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"time"

	"quickstudy/framework/kernel"
	"quickstudy/framework/passes"
	"quickstudy/framework/sampling"
	"quickstudy/framework/session"
	"quickstudy/framework/train"
	"quickstudy/framework/train/program"
	"quickstudy/framework/trial"
)

// CheckedSteps is how many of the first losses are held to the reference executor, and
// of how many steps the data is dumped.
const CheckedSteps = 5

// Config says what is measured. The trial is opened and not yet begun.
type Config struct {
	Session       *session.Session
	Trial         *trial.Trial
	Workers       int // as the trial's, at least 1
	WarmUp, Steps int // steps before those that are timed, and those: at least 0, and 1
	// Check compares the first losses with those of the reference executor.
	Check bool
	// Profile and Dump are files to write, "" for none: a processor profile of the timed
	// steps; the initial parameters and the data of the first steps, as safetensors.
	Profile, Dump string
	Started       time.Time // of the process, for Measurement.FirstStep; may be zero
	// Progress is told of every step, of the reference executor's too; may be nil.
	Progress func(reference bool, p train.Progress)
}

// run is an experiment whose steps are measured.
type run struct {
	config  Config
	session *session.Session
	trial   *trial.Trial
}

// Run makes the steps that a training would begin with, and measures them.
func Run(ctx context.Context, config Config) (*Measurement, error) {
	total := config.WarmUp + config.Steps
	exp := config.Session.Experiment
	if config.WarmUp < 0 || config.Steps < 1 || total > exp.Train.Steps || config.Workers < 1 {
		return nil, fmt.Errorf("%d steps after %d with %d workers: want at least 1, 0 and 1, and no "+
			"more steps than the %d of the experiment", config.Steps, config.WarmUp, config.Workers,
			exp.Train.Steps)
	}
	r := &run{config: config, session: config.Session, trial: config.Trial}
	m := &Measurement{Experiment: exp.Name, Kernels: kernel.Best().String(),
		Workers: config.Workers, WarmUp: config.WarmUp, Steps: config.Steps}
	compiled := time.Now()
	if err := r.compile(ctx); err != nil {
		return nil, err
	}
	m.Compile = time.Since(compiled).Seconds()
	if err := r.trial.Initialize(); err != nil {
		return nil, err
	}
	if config.Dump != "" {
		if err := r.dump(config.Dump, min(total, CheckedSteps)); err != nil {
			return nil, err
		}
	}
	if err := r.timed(ctx, m); err != nil {
		return nil, err
	}
	if err := r.count(ctx, m); err != nil {
		return nil, err
	}
	m.memory(r.session.PIDs())
	var err error
	if m.Costs, err = r.costs(ctx); err != nil {
		return nil, err
	}
	peak, err := peakFLOPs(config.Workers)
	if err != nil {
		return nil, err
	}
	m.PeakGFLOPS = peak / 1e9
	m.PeakShare = m.GFLOPS / m.PeakGFLOPS
	if err := m.floors(); err != nil {
		return nil, err
	}
	if config.Check {
		m.Reference, err = r.reference(ctx, min(total, CheckedSteps))
	}
	return m, err
}

func (r *run) tell(reference bool, p train.Progress) {
	if r.config.Progress != nil {
		r.config.Progress(reference, p)
	}
}

// pluginTime is how long the plugins have run until now, 0 where the system does not tell.
func (r *run) pluginTime() time.Duration {
	sum := time.Duration(0)
	for _, pid := range r.session.PIDs() {
		ran, err := processorTime(pid)
		if err != nil {
			return 0
		}
		sum += ran
	}
	return sum
}

// compile makes the model and the programs for the first training episode of each task.
func (r *run) compile(ctx context.Context) error {
	if err := r.trial.Trace(ctx); err != nil {
		return err
	}
	for i := range r.trial.Data().Tasks {
		elements, err := r.elements(sampling.Pick{Task: i})
		if err != nil {
			return err
		}
		if _, err := r.trial.Model().Map(ctx, elements[0]); err != nil {
			return err
		}
	}
	return nil
}

// draw draws and encodes a pick of a step.
func (r *run) draw(pick sampling.Pick) (*sampling.Episode, error) {
	task := r.trial.Data().Tasks[pick.Task]
	draw, err := task.Draw(sampling.Train, pick.Index)
	if err != nil {
		return nil, err
	}
	return task.Encode(draw)
}

// elements draws what the map step is run on for a pick.
func (r *run) elements(pick sampling.Pick) ([]program.Element, error) {
	episode, err := r.draw(pick)
	if err != nil {
		return nil, err
	}
	return r.trial.Model().Elements(pick.Task, episode), nil
}

// advance makes the first steps of a training with a model, and passes on what each says.
func (r *run) advance(ctx context.Context, model *program.Model, steps int,
	told func(train.Progress)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	config := r.trial.Training(model)
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
func (r *run) timed(ctx context.Context, m *Measurement) error {
	var before, after runtime.MemStats
	var times []float64
	var profile *os.File
	var failed error
	last, tokens := 0.0, 0.0
	var busy, used time.Duration // of the plugins
	begin := func() {
		if r.config.Profile != "" {
			if profile, failed = os.Create(r.config.Profile); failed == nil {
				failed = pprof.StartCPUProfile(profile)
			}
		}
		runtime.ReadMemStats(&before)
		busy = r.pluginTime()
	}
	if r.config.WarmUp == 0 {
		begin()
	}
	err := r.advance(ctx, r.trial.Model(), r.config.WarmUp+r.config.Steps, func(p train.Progress) {
		if loss, ok := p.Values["loss"]; ok {
			m.Losses = append(m.Losses, loss)
		}
		if p.Step > r.config.WarmUp {
			times = append(times, p.Seconds-last)
			tokens += p.Values["tokens"]
		}
		last = p.Seconds
		if p.Step == 1 && !r.config.Started.IsZero() && m.FirstStep == 0 {
			m.FirstStep = time.Since(r.config.Started).Seconds()
		}
		r.tell(false, p)
		switch p.Step {
		case r.config.WarmUp:
			begin()
		case r.config.WarmUp + r.config.Steps:
			runtime.ReadMemStats(&after)
			used = r.pluginTime() - busy
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
	m.PluginTime = used.Seconds() / float64(len(times))
	m.MedianStep = (times[len(times)/2] + times[(len(times)-1)/2]) / 2
	m.MinStep, m.MaxStep = times[0], times[len(times)-1]
	m.TokensPerSecond = tokens / float64(len(times)) / m.MedianStep
	m.Allocs = float64(after.Mallocs-before.Mallocs) / float64(len(times))
	m.AllocMB = megabytes(int64(after.TotalAlloc-before.TotalAlloc)) / float64(len(times))
	return nil
}

// count fills in the arithmetic of the timed steps, which may differ in shapes.
func (r *run) count(ctx context.Context, m *Measurement) error {
	model := r.trial.Model()
	plan := r.trial.Training(model).Plan
	var sum passes.Work
	for step := m.WarmUp; step < m.WarmUp+m.Steps; step++ {
		picks, err := plan.Step(int64(step))
		if err != nil {
			return err
		}
		for _, pick := range picks {
			elements, err := r.elements(pick)
			if err != nil {
				return err
			}
			for _, e := range elements {
				programs, err := r.mapped(ctx, e)
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
		for _, p := range r.whole() {
			sum = sum.Plus(p.Work())
		}
	}
	m.FLOPs, m.Elements = sum.Products/int64(m.Steps), sum.Elements/int64(m.Steps)
	m.Shapes, m.Programs = model.Compiled(), model.Compilations().Compiled
	m.GFLOPS = float64(m.FLOPs) / m.MedianStep / 1e9
	return nil
}

// whole returns the programs that are run once a step.
func (r *run) whole() []*program.Program {
	model := r.trial.Model()
	all := []*program.Program{model.Weighing(), model.Update(), model.Settle()}
	return slices.DeleteFunc(all, func(p *program.Program) bool { return p == nil })
}

// mapped returns the programs that are run on every element of a step.
func (r *run) mapped(ctx context.Context, e program.Element) ([]*program.Program, error) {
	model := r.trial.Model()
	step, err := model.Map(ctx, e)
	if err != nil || model.Settle() == nil {
		return []*program.Program{step}, err
	}
	after, err := model.After(ctx, e)
	return []*program.Program{step, after}, err
}

// reference returns the losses of the first steps as the reference executor computes them.
func (r *run) reference(ctx context.Context, steps int) ([]float64, error) {
	config := r.trial.Data().Program(ctx)
	config.Interpret = true
	model, err := program.New(ctx, config)
	if err != nil {
		return nil, err
	}
	var losses []float64
	err = r.advance(ctx, model, steps, func(p train.Progress) {
		if loss, ok := p.Values["loss"]; ok {
			losses = append(losses, loss)
		}
		r.tell(true, p)
	})
	return losses, err
}
