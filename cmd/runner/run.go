package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"quickstudy/framework/session"
	"quickstudy/framework/train/record"
	"quickstudy/framework/trial"
)

// runFlags are those of verbs that train.
type runFlags struct {
	root    string
	workers int
	asJSON  bool

	otherArithmetic bool // of resume
}

func (r *runFlags) register(f *flag.FlagSet) {
	runsFlag(f, &r.root)
	f.IntVar(&r.workers, "workers", 0, "compute `N` elements at a time; 0: one for each processor.\n"+
		strings.Repeat(" ", 27)+"It changes no bit of the result")
	jsonFlag(f, &r.asJSON)
}

func (r *runFlags) verify() error {
	if r.workers < 0 {
		return usageError{fmt.Sprintf("-workers %d: want at least 0", r.workers)}
	}
	return nil
}

const interruption = `
The first Ctrl-C, or SIGTERM, finishes the step, saves, and says how to go on; the
second ends at once.`

func runExperiment() *command {
	var e experimentFlags
	var r runFlags
	var seed seedFlag
	return &command{
		name: "run", args: "FILE", min: 1, max: 1,
		summary: "train and evaluate what an experiment describes",
		help: `The plugins are built and started, the meta-learner is trained, the state that was
best on validation is evaluated on the test, and a table compares it with the rows
that the experiment asks for. What it leaves is in a folder of its own below -runs:
the resolved experiment, the plugins' digests, metrics, checkpoints, tables, the score
of every test episode, and what padding and truncation of the data came to.
` + interruption,
		examples: []string{
			"runner run experiments/quickstart.hcl",
			"runner run -var steps=50 -workers 2 experiments/quickstart.hcl",
			"runner run -seed 8 experiments/quickstart.hcl",
		},
		flags: func(f *flag.FlagSet) {
			e.register(f)
			r.register(f)
			f.Var(&seed, "seed", "use seed `N` instead of the experiment's")
		},
		run: func(ctx context.Context, c *console, args []string) error {
			if err := r.verify(); err != nil {
				return err
			}
			s, err := e.experiment(ctx, c, args[0])
			if err != nil {
				return err
			}
			defer s.Close()
			if seed.given {
				s.Experiment.Seed = seed.value
			}
			return r.carryOut(ctx, c, s, func(t *trial.Trial) error { return t.Create(ctx, r.root) })
		},
	}
}

// seedFlag is a seed that may be given.
type seedFlag struct {
	value uint64
	given bool
}

func (s *seedFlag) String() string { return "" }

func (s *seedFlag) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return errors.New("want a whole number of at least 0")
	}
	*s = seedFlag{n, true}
	return nil
}

func resumeRun() *command {
	var e experimentFlags
	var r runFlags
	return &command{
		name: "resume", args: "RUN", min: 1, max: 1,
		summary: "go on with a run that was stopped",
		help: `RUN is the folder of a run, its path below the folder of runs, its id, the
beginning of an id, or the name of an experiment: its latest run. It goes on from its
last checkpoint and ends as if it had never stopped, to the last bit; so its plugins
and its data must be the ones it began with.
` + interruption,
		examples: []string{"runner resume runs/quickstart/2026-11-24T00-25-10Z-7f3a90"},
		flags: func(f *flag.FlagSet) {
			e.registerFolders(f)
			r.register(f)
			f.BoolVar(&r.otherArithmetic, "other-arithmetic", false, "go on although this program computes "+
				"by another\n"+strings.Repeat(" ", 27)+"arithmetic, which changes the last bits of the result")
		},
		run: func(ctx context.Context, c *console, args []string) error {
			if err := r.verify(); err != nil {
				return err
			}
			run, err := openRun(r.root, args[0])
			if err != nil {
				return err
			}
			if err := run.Lock(); err != nil {
				return err
			}
			defer c.closing(run.Close)
			if run.Info().Status == record.Done {
				return fmt.Errorf("run %s is done: there is nothing to go on with", run.Dir())
			}
			s, err := e.experiment(ctx, c, run.ResolvedPath())
			if err != nil {
				return err
			}
			defer s.Close()
			err = r.carryOut(ctx, c, s, func(t *trial.Trial) error { return t.Resume(ctx, run) })
			if errors.Is(err, trial.ErrArithmetic) {
				return fmt.Errorf("%w; -other-arithmetic goes on all the same", err)
			}
			return err
		},
	}
}

// carryOut runs an experiment to its end and prints the tables. Once it has begun, the
// first signal stops it softly.
func (r *runFlags) carryOut(ctx context.Context, c *console, s *session.Session,
	begin func(*trial.Trial) error) error {
	soft, stop := context.WithCancel(ctx)
	defer stop()
	m := newMeter(c)
	m.stop = stop
	t, err := trial.Open(ctx, trial.Config{Session: s, Workers: r.workers, Watch: m.watch,
		Logger: c.logger, OtherArithmetic: r.otherArithmetic})
	if err != nil {
		return err
	}
	defer c.closing(t.Close)
	if err := begin(t); err != nil {
		return err
	}
	c.soften(stop, "the step is finished and saved")
	result, err := t.Run(soft)
	var stopped *trial.InterruptedError
	switch {
	case errors.As(err, &stopped):
		return &interruptedError{error: err, dir: shown(stopped.Dir)}
	case err != nil:
		return err
	case r.asJSON:
		return printJSON(c.stdout, struct {
			Run    string         `json:"run"`
			Tables []record.Table `json:"tables"`
		}{result.Dir, result.Tables})
	}
	for i := range result.Tables {
		if i > 0 {
			fmt.Fprintln(c.stdout)
		}
		if err := result.Tables[i].WriteText(c.stdout); err != nil {
			return err
		}
	}
	return nil
}

// interruptedError says how a run that stopped goes on.
type interruptedError struct {
	error
	dir string
}

func (e *interruptedError) Error() string {
	return fmt.Sprintf("%v; to go on: runner resume %s", e.error, e.dir)
}

func (e *interruptedError) Unwrap() error { return e.error }
