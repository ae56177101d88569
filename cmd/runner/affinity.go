package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"quickstudy/framework/affinity"
	"quickstudy/framework/atomicfile"
	"quickstudy/framework/trial"
)

// affinityFlags are those of affinity.
type affinityFlags struct {
	experimentFlags
	root           string
	config         affinity.Config
	workers, steps int
	asJSON         bool
}

func (a *affinityFlags) register(f *flag.FlagSet) {
	a.experimentFlags.register(f)
	runsFlag(f, &a.root)
	f.IntVar(&a.workers, "workers", 0, "compute `N` elements at a time; 0: one for each processor")
	f.IntVar(&a.steps, "steps", 0, "train `N` steps; 0: as many as the experiment")
	f.IntVar(&a.config.Seeds, "seeds", 1, "train with `N` seeds: the experiment's and those after it")
	f.Float64Var(&a.config.Rate, "rate", 0, "rate `R` of a step for one task; 0: the optimizer's")
	f.BoolVar(&a.config.Transfer, "transfer", false, "also train tasks alone and in pairs")
	jsonFlag(f, &a.asJSON)
}

func (a *affinityFlags) verify() error {
	switch {
	case a.workers < 0 || a.steps < 0:
		return usageError{fmt.Sprintf("-workers %d and -steps %d: want at least 0", a.workers, a.steps)}
	case a.config.Seeds < 1:
		return usageError{fmt.Sprintf("-seeds %d: want at least 1", a.config.Seeds)}
	case !(a.config.Rate >= 0):
		return usageError{fmt.Sprintf("-rate %v: want a number of at least 0", a.config.Rate)}
	}
	return nil
}

func findAffinity() *command {
	var a affinityFlags
	return &command{
		name: "affinity", args: "FILE", min: 1, max: 1,
		summary: "find which tasks of an experiment help each other, and how to group them",
		help: `All tasks train one model, without dropout. At every step, what a step for one task
alone would do to the loss of each task is measured, over the shared leaves of the
backbone (Fifty et al. 2021, https://arxiv.org/abs/2109.04617). With -transfer each task
is also trained alone and beside each other one, by the experiment's meta-learner, and
scored on validation (Standley et al. 2020, https://arxiv.org/abs/1905.07553).

The tables have a row for the task that helps and a column for the one that is helped.
Below them are the best divisions into 1, 2, ... groups, the proposed one marked by >. All
of it is also written to affinity/EXPERIMENT.json below -runs. Tasks are task blocks; the
objectives of one block train together here.`,
		examples: []string{
			"runner affinity -steps 200 experiments/affinity_planted.hcl",
			"runner affinity -transfer -seeds 3 experiments/affinity_planted.hcl",
		},
		flags: a.register,
		run: func(ctx context.Context, c *console, args []string) error {
			if err := a.verify(); err != nil {
				return err
			}
			s, err := a.experiment(ctx, c, args[0])
			if err != nil {
				return err
			}
			defer s.Close()
			if a.steps > 0 {
				s.Experiment.Train.Steps = a.steps
			}
			m := newMeter(c)
			t, err := trial.Open(ctx, trial.Config{Session: s, Workers: a.workers, Watch: m.watch,
				Logger: c.logger})
			if err != nil {
				return err
			}
			defer c.closing(t.Close)
			a.config.Trial, a.config.Session, a.config.Workers = t, s, a.workers
			a.config.Progress = func(part string, done, total int) {
				m.watch(trial.Scored{Part: part, Done: done, Total: total})
			}
			report, err := affinity.Study(ctx, a.config)
			if err != nil {
				return err
			}
			return a.tell(c, report)
		},
	}
}

// tell writes the report to its file and prints it.
func (a *affinityFlags) tell(c *console, report *affinity.Report) error {
	path := filepath.Join(a.root, "affinity", report.Experiment+".json")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	err := atomicfile.Write(path, 0o666, func(w io.Writer) error { return printJSON(w, report) })
	if err != nil {
		return err
	}
	if a.asJSON {
		return printJSON(c.stdout, report)
	}
	for i, table := range report.Tables() {
		if i > 0 {
			fmt.Fprintln(c.stdout)
		}
		if err := table.WriteText(c.stdout); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.screen, "written to %s\n", shown(path))
	return nil
}
