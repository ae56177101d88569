package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/plugin"
	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/record"
)

// runFlags are those of verbs that train.
type runFlags struct {
	root    string
	workers int
	asJSON  bool
}

func (r *runFlags) register(f *flag.FlagSet) {
	runsFlag(f, &r.root)
	f.IntVar(&r.workers, "workers", 0, "compute `N` elements at a time; 0: one for each processor.\n"+
		strings.Repeat(" ", 27)+"It changes no bit of the result")
	jsonFlag(f, &r.asJSON)
}

const interruption = `
The first Ctrl-C, or SIGTERM, finishes the step, saves, and says how to go on; the
second ends at once.`

func runExperiment() *command {
	var e experimentFlags
	var r runFlags
	return &command{
		name: "run", args: "FILE", min: 1, max: 1,
		summary: "train and evaluate what an experiment describes",
		help: `The plugins are built and started, the meta-learner is trained, the state that was
best on validation is evaluated on the test, and a table compares it with the rows
that the experiment asks for. What it leaves is in a folder of its own below -runs:
the resolved experiment, the plugins' digests, metrics, checkpoints, tables and the
score of every test episode.
` + interruption,
		examples: []string{
			"runner run experiments/quickstart.hcl",
			"runner run -var steps=50 -workers 2 experiments/quickstart.hcl",
		},
		flags: func(f *flag.FlagSet) { e.register(f); r.register(f) },
		run: func(ctx context.Context, c *console, args []string) error {
			t, err := prepare(ctx, c, &e, args[0])
			defer t.close()
			if err != nil {
				return err
			}
			if err := t.initialize(); err != nil {
				return err
			}
			v := thisVersion()
			exp := t.session.Experiment
			t.run, err = record.Create(r.root, record.Info{Experiment: exp.Name, Seed: exp.Seed,
				Runner: strings.TrimSpace(v.Version + " " + v.Revision), Go: v.Go,
				Arithmetic: t.model.Arithmetic()}, t.resolved(), t.session.Plugins)
			if err != nil {
				return err
			}
			if err := t.run.WriteData(t.learnedFrom(), t.data.Tokenizers); err != nil {
				return err
			}
			fmt.Fprintf(c.screen, "run %s\n", shown(t.run.Dir()))
			return t.finish(&r, nil)
		},
	}
}

func resumeRun() *command {
	var e experimentFlags
	var r runFlags
	return &command{
		name: "resume", args: "RUN", min: 1, max: 1,
		summary: "go on with a run that was stopped",
		help: `RUN is the folder of a run, its path below the folder of runs, its id, or the
beginning of an id. The run goes on from its last checkpoint and ends as if it had
never stopped, to the last bit; so its plugins and its data must be the ones it
began with.
` + interruption,
		examples: []string{"runner resume runs/quickstart/2026-11-24T00-25-10Z-7f3a90"},
		flags:    func(f *flag.FlagSet) { e.registerFolders(f); r.register(f) },
		run: func(ctx context.Context, c *console, args []string) error {
			run, err := openRun(r.root, args[0])
			if err != nil {
				return err
			}
			if err := run.Lock(); err != nil {
				return err
			}
			if run.Info().Status == record.Done {
				err := fmt.Errorf("run %s is done: there is nothing to go on with", run.Dir())
				return errors.Join(err, run.Close())
			}
			t, err := prepare(ctx, c, &e, run.ResolvedPath())
			t.run = run
			defer t.close()
			if err != nil {
				return err
			}
			if err := t.samePlugins(); err != nil {
				return err
			}
			if err := t.sameData(); err != nil {
				return err
			}
			if err := t.initialize(); err != nil {
				return err
			}
			found, err := checkpoint.Latest(run.Checkpoints())
			if errors.Is(err, checkpoint.ErrNone) {
				if errors.Is(err, checkpoint.ErrDamaged) {
					c.logger.Warn().Err(err).Msg("all checkpoints are passed over")
				}
				fmt.Fprintf(c.screen, "run %s has no checkpoint to go on from and starts anew\n",
					shown(run.Dir()))
				return t.finish(&r, nil)
			}
			if err != nil {
				return err
			}
			for _, err := range found.Skipped {
				c.logger.Warn().Err(err).Msg("a later checkpoint is passed over")
			}
			fmt.Fprintf(c.screen, "run %s, after step %d\n", shown(run.Dir()), found.Checkpoint.Step)
			return t.finish(&r, found.Checkpoint)
		},
	}
}

// samePlugins refuses to go on with other plugins than those of the run, since what
// they compute may differ.
func (t *training) samePlugins() error {
	before, err := t.run.Plugins()
	if err != nil {
		return err
	}
	for _, now := range t.session.Plugins {
		i := slices.IndexFunc(before, func(then record.Plugin) bool {
			return then.Kind == now.Kind && then.Name == now.Name
		})
		reason := "it took no part when the run began"
		if i >= 0 {
			if before[i].Digest == now.Digest {
				continue
			}
			reason = fmt.Sprintf("it has changed since the run began: its digest was %.15s and is %.15s",
				before[i].Digest, now.Digest)
		}
		return &plugin.Error{Kind: now.Kind, Name: now.Name, Version: now.Version, Path: now.Source,
			Call: "resume", Reason: reason,
			Advice: "restore what the run began with, plugin and Go version, or start a new run"}
	}
	return nil
}

// interruptedError says where a run stopped and how it goes on.
type interruptedError struct {
	dir  string
	step int
}

func (e *interruptedError) Error() string {
	return fmt.Sprintf("interrupted after step %d, and saved; to go on: runner resume %s", e.step,
		e.dir)
}

func (e *interruptedError) Unwrap() error { return train.ErrInterrupted }
