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
	var e experimentFlags
	var name, which string
	var linked bool
	return &command{
		name: "graph", args: "FILE", min: 1, max: 1,
		summary: "print a program as text, linked or as the meta-learner traced it",
		help: "An experiment is made into these programs:\n\n" + programList() + `
Linked programs have the bodies of backbone and heads in place of calls, derivatives in
place of grads, and equal nodes merged. Shapes are those of the first training episode.`,
		examples: []string{
			"runner graph experiments/quickstart.hcl",
			"runner graph experiments/quickstart.hcl -program update -linked=false",
		},
		flags: func(f *flag.FlagSet) {
			e.register(f)
			f.StringVar(&name, "task", "", "`NAME` of the task; may be left out if there is one")
			f.StringVar(&which, "program", "episode", "`PROGRAM`: one of those above")
			f.BoolVar(&linked, "linked", true, "link it; -linked=false prints what left the plugin")
		},
		run: func(ctx context.Context, c *console, args []string) error {
			p, err := findProgram(which, linked)
			if err != nil {
				return err
			}
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
			f, err := p.print(parts, linked)
			if err != nil {
				return err
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
