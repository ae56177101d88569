package main

import (
	"context"
	"flag"
	"fmt"

	"quickstudy/framework/graph"
	"quickstudy/framework/link"
	"quickstudy/framework/meta"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/session"
)

// programs are what an experiment is made into.
var programs = []string{"init", "episode", "update", "evaluate"}

func graphs() *command {
	var e experimentFlags
	var name string
	which := "episode"
	linked := true
	return &command{
		name: "graph", args: "FILE", min: 1, max: 1,
		summary: "print a program as text, linked or as the meta-learner traced it",
		help: `The programs are the first state (init), the map step of an episode (episode), the
update of a step (update), and adaptation with prediction (evaluate). Linked programs
have the bodies of backbone and heads in place of calls, derivatives in place of
grads, and equal nodes merged. Shapes are those of the first training episode.`,
		examples: []string{
			"runner graph experiments/quickstart.hcl",
			"runner graph experiments/quickstart.hcl -program update -linked=false",
		},
		flags: func(f *flag.FlagSet) {
			e.register(f)
			f.StringVar(&name, "task", "", "`NAME` of the task; may be left out if there is one")
			f.StringVar(&which, "program", "episode", "`PROGRAM`: init, episode, update or evaluate")
			f.BoolVar(&linked, "linked", true, "link it; -linked=false prints what left the plugin")
		},
		run: func(ctx context.Context, c *console, args []string) error {
			if err := checkProgram(which, linked); err != nil {
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
			f, err := c.trace(ctx, s, d, t, which, linked)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.stdout, f)
			return err
		},
	}
}

func checkProgram(which string, linked bool) error {
	for _, p := range programs {
		if p == which {
			if which == "evaluate" && !linked {
				return usageError{"the host makes the program evaluate while it links: -linked=false " +
					"has nothing to print"}
			}
			return nil
		}
	}
	return usageError{fmt.Sprintf("-program %q.%s", which, schema.Hint(which, programs))}
}

// trace makes one program of a task.
func (c *console) trace(ctx context.Context, s *session.Session, d *session.Data, t *session.Task,
	which string, linked bool) (*graph.Func, error) {
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
	index := 0
	for i := range d.Tasks {
		if d.Tasks[i] == t {
			index = i
		}
	}
	elements := model.Elements(index, episode)
	of, traced, err := model.Traced(ctx, elements[0])
	if err != nil {
		return nil, err
	}
	switch whole := model.Programs(); {
	case which == "init":
		return whole.Init, nil
	case which == "update" && linked:
		return link.Update(whole)
	case which == "update":
		return whole.Update, nil
	case which == "evaluate":
		return evaluate(of, traced, s.Experiment.Evaluate.InnerSteps)
	case linked:
		return of.Episode(traced)
	}
	return traced.Episode, nil
}

// evaluate links adaptation and prediction for the numbers of steps that the
// experiment evaluates, or for those of training.
func evaluate(of *link.Task, traced *meta.Programs, steps []int) (*graph.Func, error) {
	if len(steps) == 0 {
		steps = []int{0, 1}
		if a := traced.Adapt; a != nil && a.Count > 1 {
			steps[1] = a.Count
		}
	}
	e, err := of.Evaluate(traced, steps)
	if err != nil {
		return nil, err
	}
	return e.Func, nil
}
