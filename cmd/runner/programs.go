package main

import (
	"fmt"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/link"
	"quickstudy/framework/meta"
	"quickstudy/framework/passes"
	"quickstudy/framework/schema"
)

// traced is what the programs of a task are linked from.
type traced struct {
	learner  string
	whole    *meta.Programs // over the leaves of all tasks
	task     *link.Task
	programs *meta.Programs // over those of the task
	steps    []int          // that the experiment evaluates; none: those of training
	passes   passes.Options // that programs are taken through
}

// A programKind is one of the programs that an experiment is made into.
type programKind struct {
	name, doc string
	// traced is what the meta-learner traced; nil where the host makes the program. It
	// returns nil where the learner has no such program.
	traced func(t *traced) *graph.Func
	// linked links it; nil where it is run as a part of others.
	linked func(t *traced) (*graph.Func, error)
}

// programKinds in the order in which they are run.
var programKinds = []programKind{
	{"init", "the first state, made of the leaves' initial values",
		func(t *traced) *graph.Func { return t.whole.Init },
		func(t *traced) (*graph.Func, error) { return t.alone(t.whole.Init) }},
	{"parameters", "the leaves that a state stands for",
		func(t *traced) *graph.Func { return t.whole.Parameters },
		func(t *traced) (*graph.Func, error) { return t.alone(t.whole.Parameters) }},
	{"start", "where adaptation begins; a part of evaluate",
		func(t *traced) *graph.Func { return t.adapt().Start }, nil},
	{"step", "one step of adaptation; a part of evaluate",
		func(t *traced) *graph.Func { return t.adapt().Step }, nil},
	{"finish", "the leaves that adaptation ends with; a part of evaluate",
		func(t *traced) *graph.Func { return t.adapt().Finish }, nil},
	{"episode", "the map step: what an episode contributes to an update",
		func(t *traced) *graph.Func { return t.programs.Episode },
		func(t *traced) (*graph.Func, error) { return t.task.Episode(t.programs) }},
	{"weighing", "what the learner is told before it weighs the tasks of a step",
		func(t *traced) *graph.Func { return t.whole.Weighing },
		func(t *traced) (*graph.Func, error) { return t.alone(t.whole.Weighing) }},
	{"update", "the next state, made of the contributions of a step",
		func(t *traced) *graph.Func { return t.whole.Update },
		func(t *traced) (*graph.Func, error) { return t.alone(t.whole.Update) }},
	{"after", "the map step of a second round, after the update",
		func(t *traced) *graph.Func { return t.programs.After },
		func(t *traced) (*graph.Func, error) { return t.task.After(t.programs) }},
	{"settle", "the state at the end of a second round",
		func(t *traced) *graph.Func { return t.whole.Settle },
		func(t *traced) (*graph.Func, error) { return t.alone(t.whole.Settle) }},
	{"evaluate", "adaptation and prediction, made by the host",
		nil, (*traced).evaluate},
}

// programList has a line for each program.
func programList() string {
	var b strings.Builder
	for _, p := range programKinds {
		fmt.Fprintf(&b, "    %-10s  %s\n", p.name, p.doc)
	}
	return b.String()
}

// findProgram returns a program by name, if it has the form that is asked for.
func findProgram(name string, linked bool) (programKind, error) {
	var names []string
	for _, p := range programKinds {
		switch {
		case p.name != name:
			names = append(names, p.name)
		case linked && p.linked == nil:
			return p, usageError{fmt.Sprintf("program %q is linked as a part of evaluate alone: "+
				"print it with -linked=false, or -program evaluate", name)}
		case !linked && p.traced == nil:
			return p, usageError{fmt.Sprintf("the host makes the program %s while it links: "+
				"-linked=false has nothing to print", name)}
		default:
			return p, nil
		}
	}
	return programKind{}, usageError{fmt.Sprintf("-program %q.%s", name, schema.Hint(name, names))}
}

// print returns a program in the form that is asked for.
func (p programKind) print(t *traced, linked bool) (*graph.Func, error) {
	if p.traced != nil {
		f := p.traced(t)
		if f == nil {
			return nil, usageError{fmt.Sprintf("metalearner %q has no program %q here", t.learner,
				p.name)}
		}
		if !linked {
			return f, nil
		}
	}
	return p.linked(t)
}

// alone links a program that calls nothing.
func (t *traced) alone(f *graph.Func) (*graph.Func, error) { return passes.Run(f, nil, t.passes) }

// adapt returns the programs of adaptation, none of them where there is none.
func (t *traced) adapt() meta.AdaptProgram {
	if t.programs.Adapt == nil {
		return meta.AdaptProgram{}
	}
	return *t.programs.Adapt
}

// evaluate links adaptation and prediction for the numbers of steps that the
// experiment evaluates, or for those of training.
func (t *traced) evaluate() (*graph.Func, error) {
	steps := t.steps
	if len(steps) == 0 {
		steps = []int{0, max(t.adapt().Count, 1)}
	}
	e, err := t.task.Evaluate(t.programs, steps)
	if err != nil {
		return nil, err
	}
	return e.Func, nil
}
