package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"quickstudy/framework/terminal"
	"quickstudy/framework/train/record"
)

// runsFlag registers where runs are kept.
func runsFlag(f *flag.FlagSet, root *string) {
	f.StringVar(root, "runs", "runs", "`DIR` that holds the runs")
}

// listedRun is a run for people and machines.
type listedRun struct {
	record.Info
	State record.Status `json:"state"` // status, or killed
	Dir   string        `json:"dir"`
}

func runsList() *command {
	var root string
	var asJSON bool
	return &command{
		name:     "runs list",
		summary:  "list the runs, the latest first",
		examples: []string{"runner runs list", "runner runs list -json -runs /data/runs"},
		flags:    func(f *flag.FlagSet) { runsFlag(f, &root); jsonFlag(f, &asJSON) },
		run: func(_ context.Context, c *console, _ []string) error {
			found, err := record.List(root)
			if err != nil {
				return err
			}
			runs := []listedRun{}
			for _, l := range found {
				if l.Err != nil {
					c.logger.Warn().Str("dir", l.Dir).Err(l.Err).Msg("no run")
					continue
				}
				runs = append(runs, listedRun{l.Run.Info(), l.Run.State(), l.Dir})
			}
			if asJSON {
				return printJSON(c.stdout, runs)
			}
			t := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "EXPERIMENT\tID\tSTATE\tSTARTED\tTOOK")
			for _, r := range runs {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.Experiment, r.ID, r.State,
					r.Started.Local().Format(time.DateTime), took(r.Info))
			}
			return t.Flush()
		},
	}
}

func took(i record.Info) string {
	if i.Ended.IsZero() {
		return "-"
	}
	return i.Ended.Sub(i.Started).String()
}

// shownRun is one run in full.
type shownRun struct {
	listedRun
	Plugins []record.Plugin `json:"plugins"`
	Last    *record.Line    `json:"last,omitempty"` // line of the metrics
	// Encodings is what encoding the data has come to.
	Encodings []record.Encoding `json:"encodings,omitempty"`
	Tables    []record.Table    `json:"tables,omitempty"`
}

func runsShow() *command {
	var root string
	var asJSON, resolved bool
	return &command{
		name: "runs show", args: "RUN", min: 1, max: 1,
		summary: "show a run: state, plugins, last metrics and tables",
		help: `RUN is the folder of a run, its path below the folder of runs, its id, the
beginning of an id, or the name of an experiment: its latest run.`,
		examples: []string{"runner runs show 2026-11-24T00", "runner runs show -experiment RUN"},
		flags: func(f *flag.FlagSet) {
			runsFlag(f, &root)
			jsonFlag(f, &asJSON)
			f.BoolVar(&resolved, "experiment", false, "print the resolved experiment instead")
		},
		run: func(_ context.Context, c *console, args []string) error {
			run, err := openRun(root, args[0])
			if err != nil {
				return err
			}
			if resolved {
				text, err := run.Resolved()
				if err != nil {
					return err
				}
				_, err = c.stdout.Write(text)
				return err
			}
			s, err := show(run)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.stdout, s)
			}
			return s.print(c.stdout)
		},
	}
}

func openRun(root, name string) (*record.Run, error) {
	dir, err := record.Latest(root, name)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		if dir, err = record.Find(root, name); err != nil {
			return nil, err
		}
	}
	return record.Open(dir)
}

func show(run *record.Run) (*shownRun, error) {
	s := &shownRun{listedRun: listedRun{run.Info(), run.State(), run.Dir()}}
	var err error
	if s.Plugins, err = run.Plugins(); err != nil {
		return nil, err
	}
	for line, err := range run.Metrics() {
		if err != nil {
			return nil, err
		}
		s.Last = &line
	}
	if s.Encodings, err = run.Encodings(); err != nil && !errors.Is(err, record.ErrNotYet) {
		return nil, err
	}
	if s.Tables, err = run.Results(); errors.Is(err, record.ErrNotYet) {
		err = nil
	}
	return s, err
}

func (s *shownRun) print(w io.Writer) error {
	var text strings.Builder
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "experiment\t%s\nid\t%s\nstate\t%s\n", s.Experiment, s.ID, s.State)
	if s.Info.Error != "" {
		fmt.Fprintf(t, "error\t%s\n", s.Info.Error)
	}
	fmt.Fprintf(t, "started\t%s\ntook\t%s\nseed\t%d\nrunner\t%s, %s, %s\nfolder\t%s\n",
		s.Started.Local().Format(time.DateTime), took(s.Info), s.Seed, s.Runner, s.Go, s.Arithmetic,
		s.Dir)
	if s.Compiled > 0 {
		fmt.Fprintf(t, "compiled\t%d programs in %.2g s\n", s.Compiled, s.CompileSeconds)
	}
	for _, p := range s.Plugins {
		fmt.Fprintf(t, "%s\t%s, version %s, %.15s\n", p.Kind, p.Name, p.Version, p.Digest)
	}
	if s.Last != nil {
		fmt.Fprintf(t, "last metrics\tstep %d, %s", s.Last.Step, s.Last.Event)
		for _, name := range []string{"loss", "score"} { // of a step, of a validation
			if x, ok := s.Last.Values[name]; ok {
				fmt.Fprintf(t, ", %s %.4f", name, float64(x))
			}
		}
		fmt.Fprintln(t)
	}
	for _, e := range s.Encodings {
		fmt.Fprintf(t, "data\t%v\n", e)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if _, err := io.WriteString(w, terminal.Text(text.String())); err != nil {
		return err
	}
	return printTables(w, s.Tables)
}

// printTables prints tables, an empty line before each.
func printTables(w io.Writer, tables []record.Table) error {
	for i := range tables {
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
		if err := tables[i].WriteText(w); err != nil {
			return err
		}
	}
	return nil
}

func runsCompare() *command {
	var root string
	var rows list
	var asJSON bool
	return &command{
		name: "runs compare", args: "RUN RUN", min: 2, max: 2,
		summary: "compare two runs on the episodes that both were evaluated on",
		help: `A RUN is named as for runs show. Differences are paired, episode by episode, with
their 95 % interval. Runs that were not evaluated on the same episodes are refused,
told by the hash of the episodes. The columns are the experiments, or of one
experiment the ids of the runs.`,
		examples: []string{"runner runs compare 2026-11-24T00 2026-11-24T01 -row trained"},
		flags: func(f *flag.FlagSet) {
			runsFlag(f, &root)
			f.Var(&rows, "row", "compare the row `NAME` only; may be repeated")
			jsonFlag(f, &asJSON)
		},
		run: func(_ context.Context, c *console, args []string) error {
			var episodes [2]*record.Episodes
			var ids, names [2]string
			for i, arg := range args {
				run, err := openRun(root, arg)
				if err != nil {
					return err
				}
				if episodes[i], err = run.Episodes(); err != nil {
					return err
				}
				ids[i], names[i] = filepath.Base(run.Dir()), run.Info().Experiment
			}
			if names[0] == names[1] {
				names = ids
			}
			comparisons, err := record.Compare(episodes[0], episodes[1], rows...)
			if err != nil {
				return err
			}
			tables := record.ComparisonTables(comparisons, names[0], names[1])
			if asJSON {
				return printJSON(c.stdout, tables)
			}
			for i := range tables {
				if i > 0 {
					fmt.Fprintln(c.stdout)
				}
				if err := tables[i].WriteText(c.stdout); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func runsSeeds() *command {
	var root string
	var asJSON bool
	return &command{
		name: "runs seeds", args: "RUN RUN...", min: 2, max: -1,
		summary: "put runs of one experiment with different seeds together",
		help: `A RUN is named as for runs show. The tables are those of the runs; their cells are means
over the runs with the 95 % interval over seeds, which tells what another run would give.
The interval of a single run is over episodes alone. Runs that differ in more than the seed
are refused.`,
		examples: []string{"runner runs seeds 2026-11-24T00 2026-11-24T01 2026-11-24T02"},
		flags: func(f *flag.FlagSet) {
			runsFlag(f, &root)
			jsonFlag(f, &asJSON)
		},
		run: func(_ context.Context, c *console, args []string) error {
			var runs []*record.Run
			for _, arg := range args {
				run, err := openRun(root, arg)
				if err != nil {
					return err
				}
				runs = append(runs, run)
			}
			tables, err := record.OverSeeds(runs)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c.stdout, tables)
			}
			return printTables(c.stdout, tables)
		},
	}
}

func runsRemove() *command {
	var root string
	return &command{
		name: "runs rm", args: "RUN...", min: 1, max: -1,
		summary:  "delete runs, unless a process is writing to them",
		examples: []string{"runner runs rm 2026-11-24T00-25-10Z-7f3a90"},
		flags:    func(f *flag.FlagSet) { runsFlag(f, &root) },
		run: func(_ context.Context, c *console, args []string) error {
			for _, arg := range args {
				dir, err := record.Find(root, arg)
				if err != nil {
					return err
				}
				if err := record.Remove(dir); err != nil {
					return err
				}
				fmt.Fprintln(c.stdout, dir)
			}
			return nil
		},
	}
}
