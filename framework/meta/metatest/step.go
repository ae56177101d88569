package metatest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/passes"
)

// linked is a program whose calls are the toy model's.
type linked struct{ f *graph.Func }

func link(f *graph.Func, bodies map[string]passes.Body) (linked, error) {
	g, err := passes.Run(f, bodies, passes.Options{})
	return linked{g}, err
}

// run executes a program in double precision; arguments that it does not have
// are ignored.
func (l linked) run(args ...values) (values, error) {
	all := values{}
	all.add(args...)
	sig := l.f.Signature()
	in, err := all.of(sig.Params)
	if err != nil {
		return nil, fmt.Errorf("program %q: %w", sig.Name, err)
	}
	out, err := exectest.Eval(l.f, in)
	if err != nil {
		return nil, err
	}
	named := values{}
	for i, v := range sig.Results {
		named[v.Name] = out[i]
	}
	return named, nil
}

// element is what one episode is: its task, its arguments and what it contributed.
type element struct {
	task         int
	args         values
	contribution values
}

// reduce combines what the elements of a step have contributed, in their order.
func reduce(fields []meta.Reduced, spec meta.Spec, elements []element) values {
	out := values{}
	for _, field := range fields {
		size := field.Shape.Size()
		total := make([]float64, field.Over(spec).Shape.Size())
		for i, e := range elements {
			data := e.contribution[field.Name]
			at, share := 0, 1.0
			switch field.Reduction {
			case meta.Mean:
				share = 1 / float64(len(elements))
			case meta.Stack:
				at = i * size
			case meta.Task:
				n := 0
				for _, other := range elements {
					if other.task == e.task {
						n++
					}
				}
				at, share = e.task*size, 1/float64(n)
			}
			for k, x := range data {
				total[at+k] += x * share
			}
		}
		out[field.Name] = total
	}
	return out
}

// trainer is a learner on the toy model.
type trainer struct {
	kind  toy
	all   *meta.Programs   // with the leaves of all tasks
	tasks []*meta.Programs // with those of one
	maps  []linked
	after []linked // nil: no second round
}

func newTrainer(kind toy, trace func(meta.Spec) (*meta.Programs, error)) (*trainer, error) {
	tr := &trainer{kind: kind}
	var err error
	if tr.all, err = trace(kind.spec(-1)); err != nil {
		return nil, err
	}
	for task := range names {
		p, err := trace(kind.spec(task))
		if err != nil {
			return nil, err
		}
		tr.tasks = append(tr.tasks, p)
		l, err := link(p.Episode, kind.bodies(task))
		if err != nil {
			return nil, err
		}
		tr.maps = append(tr.maps, l)
		if p.After != nil {
			if l, err = link(p.After, kind.bodies(task)); err != nil {
				return nil, err
			}
			tr.after = append(tr.after, l)
		}
	}
	return tr, nil
}

// initial returns the state of new leaves, and the optimizer's slots.
func (tr *trainer) initial(leaves values) (values, error) {
	init, err := link(tr.all.Init, nil)
	if err != nil {
		return nil, err
	}
	state, err := init.run(leaves)
	if err != nil {
		return nil, err
	}
	for _, v := range tr.all.Update.Signature().Params {
		if strings.HasPrefix(v.Name, "slot/") {
			state[v.Name] = make([]float64, v.Shape.Size())
		}
	}
	return state, nil
}

// contribute runs the map step of every element, in the given order.
func (tr *trainer) contribute(state values, elements []element, order []int) error {
	for _, i := range order {
		e := &elements[i]
		var err error
		if e.contribution, err = tr.maps[e.task].run(state, e.args); err != nil {
			return err
		}
	}
	return nil
}

// step takes one step of training on elements and returns the next state, with
// slots.
func (tr *trainer) step(state values, elements []element, number int, last meta.Weighed) (
	next values, weighed meta.Weighed, err error) {
	spec := tr.kind.spec(-1)
	spec.Episodes = len(elements)
	order := make([]int, len(elements))
	present := make([]bool, len(names))
	for i, e := range elements {
		order[i], present[e.task] = i, true
	}
	if err := tr.contribute(state, elements, order); err != nil {
		return nil, weighed, err
	}
	args := reduce(tr.all.Reduced, spec, elements)
	args.add(state, tr.flags(present), values{
		"rate": {0.01}, "step": {float64(number + 1)}, "progress": {float64(number) / trainSteps},
	})
	if tr.all.Weighing != nil {
		if weighed, err = tr.weigh(args, present, number, last); err != nil {
			return nil, weighed, err
		}
		args["weights"] = weighed.Weights
	}
	update, err := link(tr.all.Update, nil)
	if err != nil {
		return nil, weighed, err
	}
	if next, err = update.run(args); err != nil || tr.after == nil {
		return next, weighed, err
	}
	settled, err := tr.settle(state, next, elements, args)
	next.add(settled)
	return next, weighed, err
}

// flags tells which tasks, and which leaves, had an episode.
func (tr *trainer) flags(present []bool) values {
	flags := values{"present": make([]float64, len(names))}
	for i, there := range present {
		if there {
			flags["present"][i] = 1
		}
	}
	for _, l := range tr.kind.spec(-1).Leaves {
		flags["present/"+l.Name] = []float64{1}
		for i, name := range names {
			if strings.HasPrefix(l.Name, "heads/"+name+"/") {
				flags["present/"+l.Name] = []float64{flags["present"][i]}
			}
		}
	}
	return flags
}

// weigh asks the learner for the weights of a step, twice.
func (tr *trainer) weigh(args values, present []bool, number int, last meta.Weighed) (
	answer meta.Weighed, err error) {
	weighing, err := link(tr.all.Weighing, nil)
	if err != nil {
		return answer, err
	}
	told, err := weighing.run(args)
	if err != nil {
		return answer, err
	}
	w := meta.Weighing{
		Gram: slices.Collect(slices.Chunk(told["gram"], len(names))), Losses: told["losses"],
		Present: present, Last: last.Weights, Memory: last.Memory, Step: int64(number), Seed: 11,
	}
	if answer, err = tr.all.Weigh(context.Background(), w); err != nil {
		return answer, fmt.Errorf("weights: %w", err)
	}
	again, _ := tr.all.Weigh(context.Background(), w)
	if !slices.Equal(answer.Weights, again.Weights) || !slices.Equal(answer.Memory, again.Memory) {
		return answer, fmt.Errorf("weights: %v, then %v for the same step", answer, again)
	}
	return answer, nil
}

// settle runs the second round.
func (tr *trainer) settle(before, after values, elements []element, args values) (values, error) {
	states := values{}
	for name, data := range before {
		states["before/"+strings.TrimPrefix(name, "state/")] = data
	}
	for name, data := range after {
		states["after/"+strings.TrimPrefix(name, "state/")] = data
	}
	second := slices.Clone(elements)
	for i, e := range second {
		var err error
		if second[i].contribution, err = tr.after[e.task].run(states, e.args); err != nil {
			return nil, err
		}
	}
	spec := tr.kind.spec(-1)
	spec.Episodes = len(elements)
	settle, err := link(tr.all.Settle, nil)
	if err != nil {
		return nil, err
	}
	return settle.run(args, after, reduce(tr.all.AfterReduced, spec, second))
}

// adapt returns the leaves after a number of inner steps; 0: those of the state.
func (tr *trainer) adapt(task int, state, episode values, steps int) (values, error) {
	p, bodies := tr.tasks[task], tr.kind.bodies(task)
	if steps == 0 || p.Adapt == nil {
		l, err := link(p.Parameters, nil)
		if err != nil {
			return nil, err
		}
		return l.run(state, episode)
	}
	start, err := link(p.Adapt.Start, bodies)
	if err != nil {
		return nil, err
	}
	fast, err := start.run(state, episode)
	if err != nil {
		return nil, err
	}
	if p.Adapt.Step != nil {
		step, err := link(p.Adapt.Step, bodies)
		if err != nil {
			return nil, err
		}
		for k := range steps {
			if fast, err = step.run(state, episode, fast, values{"k": {float64(k)}}); err != nil {
				return nil, fmt.Errorf("inner step %d: %w", k, err)
			}
		}
	}
	finish, err := link(p.Adapt.Finish, nil)
	if err != nil {
		return nil, err
	}
	return finish.run(state, episode, fast)
}
