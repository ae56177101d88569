package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"runtime"
	"strings"

	"quickstudy/framework/bench"
	"quickstudy/framework/session"
	"quickstudy/framework/train"
	"quickstudy/framework/trial"
)

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
		"reference\n%sexecutor, which takes far longer", bench.CheckedSteps, strings.Repeat(" ", 27)))
	f.StringVar(&b.profile, "cpuprofile", "", "write a profile of the timed steps to `FILE`")
	f.StringVar(&b.dump, "dump", "", fmt.Sprintf("write the initial parameters and the data of the "+
		"first %d\n%ssteps to `FILE`, as safetensors", bench.CheckedSteps, strings.Repeat(" ", 27)))
	b.without.register(f)
	jsonFlag(f, &b.asJSON)
}

func benchSteps() *command {
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
resident until then; it and the allocations include the encoding of data. Plugins are
what their processes computed meanwhile, which a step waits for only if it is not ahead.

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
			m, err := flags.measure(ctx, c, s, t)
			if err != nil {
				return err
			}
			if flags.asJSON {
				err = printJSON(c.stdout, m)
			} else {
				err = m.WriteText(c.stdout)
			}
			return errors.Join(err, m.Deviation())
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

// measure makes the steps, and reports on them.
func (b *benchFlags) measure(ctx context.Context, c *console, s *session.Session,
	t *trial.Trial) (*bench.Measurement, error) {
	if has := s.Experiment.Train.Steps; b.warmUp+b.steps > has {
		return nil, usageError{fmt.Sprintf("-warmup %d and -steps %d: the experiment has %d steps; "+
			"raise steps in its train block, or measure fewer", b.warmUp, b.steps, has)}
	}
	meters := map[bool]*meter{false: newMeter(c), true: newMeter(c)}
	titles := map[bool]string{true: "reference executor, "}
	return bench.Run(ctx, bench.Config{Session: s, Trial: t, Workers: b.workers,
		WarmUp: b.warmUp, Steps: b.steps, Check: b.check, Profile: b.profile, Dump: b.dump,
		Started: c.started, Progress: func(reference bool, p train.Progress) {
			meters[reference].benched(titles[reference], p)
		}})
}
