package main

import (
	"context"
	"flag"
	"fmt"
	"slices"

	"quickstudy/framework/sampling"
	"quickstudy/framework/session"
)

func graphs() *command {
	e := experimentFlags{looking: true}
	var name, which, after string
	var linked, costs bool
	var without passNames
	return &command{
		name: "graph", args: "FILE", min: 1, max: 1,
		summary: "print a program as text, linked or as the meta-learner traced it",
		help: "An experiment is made into these programs:\n\n" + programList() + `
Linked programs have been taken through these passes, in this order:

` + passList() + `
Shapes are those of the first training episode.
` + allowance,
		examples: []string{
			"runner graph experiments/quickstart.hcl",
			"runner graph experiments/quickstart.hcl -program update -linked=false",
			"runner graph experiments/quickstart.hcl -after grad",
			"runner graph experiments/quickstart.hcl -costs",
		},
		flags: func(f *flag.FlagSet) {
			e.register(f)
			f.StringVar(&name, "task", "", "`NAME` of the task; may be left out if there is one")
			f.StringVar(&which, "program", "episode", "`PROGRAM`: one of those above")
			f.BoolVar(&linked, "linked", true, "link it; -linked=false prints what left the plugin")
			f.StringVar(&after, "after", "", "print it as it is after `PASS`")
			f.BoolVar(&costs, "costs", false, "print what its parts cost when it is executed, in order")
			without.register(f)
		},
		run: func(ctx context.Context, c *console, args []string) error {
			p, err := findProgram(which, linked)
			if err != nil {
				return err
			}
			if !linked && (after != "" || len(without) > 0) {
				return usageError{"-after and -without are about passes, and -linked=false takes a " +
					"program through none"}
			}
			if costs && (!linked || after != "") {
				return usageError{"-costs is about what is executed: leave out -after and -linked=false"}
			}
			through, err := without.options(after)
			if err != nil {
				return err
			}
			e.passes.Without = through.Without // whatever is printed, all is compiled
			s, err := e.experiment(ctx, c, args[0])
			if err != nil {
				return err
			}
			defer s.Close()
			d, err := c.data(ctx, s)
			if err != nil {
				return err
			}
			t, err := chosen(d, name)
			if err != nil {
				return err
			}
			parts, err := c.trace(ctx, s, d, t)
			if err != nil {
				return err
			}
			parts.passes = through
			parts.task.Passes(through)
			f, err := p.print(parts, linked)
			if err != nil {
				return err
			}
			if costs {
				return printCosts(c.stdout, f)
			}
			_, err = fmt.Fprint(c.stdout, f)
			return err
		},
	}
}

// trace makes what the programs of a task are linked from.
func (c *console) trace(ctx context.Context, s *session.Session, d *session.Data,
	t *session.Task) (*traced, error) {
	model, diags, err := d.Model(ctx)
	if err := c.judge(diags, s.Files, err); err != nil {
		return nil, err
	}
	draw, err := t.Draw(sampling.Train, 0)
	if err != nil {
		return nil, err
	}
	episode, err := t.Encode(draw)
	if err != nil {
		return nil, err
	}
	element := model.Elements(slices.Index(d.Tasks, t), episode)[0]
	of, programs, err := model.Traced(ctx, element)
	if err != nil {
		return nil, err
	}
	return &traced{learner: s.Experiment.Learner.Plugin, whole: model.Programs(), task: of,
		programs: programs, steps: s.Experiment.Evaluate.InnerSteps}, nil
}
