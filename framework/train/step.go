package train

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/philox"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
)

// advance makes one step: map, reduce, update and, where the learner has one, a
// second round. The state changes only when all of it has succeeded.
func (l *Loop) advance(ctx context.Context, f *feed, w *workers) error {
	picks, err := l.config.Plan.Step(l.step)
	if err == nil {
		err = l.train(ctx, picks, f, w)
	}
	if err != nil {
		return fmt.Errorf("step %d: %w", l.step+1, err)
	}
	return nil
}

// train makes the step of some picks.
func (l *Loop) train(ctx context.Context, picks []sampling.Pick, f *feed, w *workers) error {
	model := l.config.Model
	counts := make([]int, len(model.Tasks()))
	for _, p := range picks {
		counts[p.Task]++
	}
	encoded := make([]sampling.Statistics, len(counts))
	elements := l.fedElements(len(picks), f, encoded)
	var again []*element // for the second round
	if model.Settle() != nil {
		elements = remember(elements, &again)
	}
	contributions, err := l.mapReduce(ctx, round{model.Map, l.state, l.kinds}, counts, w,
		elements)
	if err != nil {
		return err
	}
	l.warnOfSpare(contributions.elements)
	measured := l.measure(picks, contributions)
	l.pairs(measured, counts, contributions)
	l.measureRates(measured)
	var all sampling.Statistics
	for _, s := range encoded {
		all.Join(s)
	}
	measured["tokens"], measured["padding"] = float64(all.Tokens()), all.PaddingShare()
	measured["truncated"] = float64(all.Truncated)
	weighed, err := l.weigh(ctx, counts, contributions)
	if err != nil {
		return err
	}
	for i, x := range weighed.Weights {
		measured["weight/"+model.Tasks()[i].Name] = x
	}
	state, slots, err := l.update(picks, contributions, weighed.Weights)
	if err != nil {
		return err
	}
	if model.Settle() != nil {
		if state, err = l.settle(ctx, picks, counts, state, w, again, measured); err != nil {
			return err
		}
	}
	told := l.told(l.step+1, "train", measured)
	if err := l.write(told); err != nil {
		return err
	}
	l.replace(l.state, state)
	l.replace(l.slots, slots)
	l.state, l.slots, l.weighed = state, slots, weighed
	l.step++
	l.episodes += int64(len(picks))
	l.tokens += all.Tokens()
	for i, s := range encoded {
		l.encoded[i].Join(s)
	}
	l.tell(told)
	return nil
}

// warnOfSpare says once that there are more workers than a step has elements.
func (l *Loop) warnOfSpare(elements int) {
	if l.asked && elements < l.config.Workers {
		l.config.Logger.Warn().Int("workers", l.config.Workers).Int("elements", elements).
			Msg("more workers than a step has elements: the others have nothing to do")
	}
	l.asked = false
}

// weigh asks the learner for the tasks' weights; none when it does not weigh.
func (l *Loop) weigh(ctx context.Context, counts []int, contributions *reduced) (
	meta.Weighed, error) {
	model := l.config.Model
	if model.Weighing() == nil {
		return meta.Weighed{}, nil
	}
	told, err := model.Weighing().Run(contributions.values)
	if err == nil {
		err = checkFinite(told, model.Weighing(), contributions.values)
	}
	if err != nil {
		return meta.Weighed{}, fmt.Errorf("weights of the tasks: %w", err)
	}
	gram, err := program.Floats(told["gram"])
	if err != nil {
		return meta.Weighed{}, fmt.Errorf("weights of the tasks: gram: %w", err)
	}
	losses, err := program.Floats(told["losses"])
	if err != nil {
		return meta.Weighed{}, fmt.Errorf("weights of the tasks: losses: %w", err)
	}
	ask := meta.Weighing{Losses: losses, Last: l.weighed.Weights, Memory: l.weighed.Memory,
		Step: l.step, Seed: philox.Derive(l.config.Seed, "weights of the tasks", sampling.Train,
			uint64(l.step)).Uint64(0)}
	for i, n := range counts {
		ask.Gram = append(ask.Gram, gram[i*len(counts):(i+1)*len(counts)])
		ask.Present = append(ask.Present, n > 0)
	}
	weighed, err := model.Weigh(ctx, ask)
	if err == nil {
		err = ask.Check(weighed)
	}
	if err != nil {
		return meta.Weighed{}, fmt.Errorf("weights of the tasks: %w", err)
	}
	return weighed, nil
}

// update makes the next state and slots.
func (l *Loop) update(picks []sampling.Pick, contributions *reduced, weights []float64) (
	state, slots program.Values, err error) {
	model := l.config.Model
	arguments := []program.Values{l.state, l.slots, contributions.values, l.present(picks), {
		"rate":     program.Scalar(l.rate(), model.Precision()),
		"step":     program.Scalar(float64(l.step+1), model.Precision()),
		"progress": l.progress(),
	}}
	if weights != nil {
		arguments[4]["weights"] = program.Dense(
			graph.Value{DType: graph.Float32, Shape: graph.Shape{len(weights)}}, weights,
			model.Precision())
	}
	results, err := model.Update().RunWith(&l.spare, arguments...)
	if err == nil {
		err = checkFinite(results, model.Update(), arguments...)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("update: %w", err)
	}
	l.spare.PutAll(contributions.values)
	slots = l.spare.Set()
	for name, v := range results {
		if strings.HasPrefix(name, "slot/") {
			slots[name] = v
			delete(results, name)
		}
	}
	l.keep(picks, l.state, results)
	l.scaleOwn(l.state, results)
	return results, slots, nil
}

// settle looks at the elements of the step again, with the states before and after
// the update, and makes the final state.
func (l *Loop) settle(ctx context.Context, picks []sampling.Pick, counts []int,
	updated program.Values, w *workers, elements []*element, measured map[string]float64) (
	program.Values, error) {
	model := l.config.Model
	states := program.Values{}
	for name, v := range l.state {
		states["before/"+strings.TrimPrefix(name, "state/")] = v
	}
	for name, v := range updated {
		states["after/"+strings.TrimPrefix(name, "state/")] = v
	}
	contributions, err := l.mapReduce(ctx, round{model.After, states, l.afterKinds}, counts, w,
		func(yield func(*element, error) bool) {
			for _, e := range elements {
				if !yield(e, nil) {
					return
				}
			}
		})
	if err != nil {
		return nil, fmt.Errorf("second round: %w", err)
	}
	l.scalars(measured, "after/", model.AfterReduced(), contributions)
	arguments := []program.Values{updated, contributions.values, l.present(picks),
		{"progress": l.progress()}}
	state, err := model.Settle().RunWith(&l.spare, arguments...)
	if err == nil {
		err = checkFinite(state, model.Settle(), arguments...)
	}
	if err != nil {
		return nil, fmt.Errorf("second round: %w", err)
	}
	l.spare.PutAll(contributions.values)
	l.keep(picks, l.state, state)
	l.replace(updated, state, l.state)
	return state, nil
}

// replace gives up values for others, which may share some of them.
func (l *Loop) replace(old program.Values, by ...program.Values) {
	for name := range old {
		for _, v := range by {
			if v[name] == old[name] {
				delete(old, name)
				break
			}
		}
	}
	l.spare.PutAll(old)
}

// keep gives leaves that are not trained in this step back what they were, whatever
// the learner made of them.
func (l *Loop) keep(picks []sampling.Pick, before, after program.Values) {
	for _, leaf := range l.leaves {
		if leaf.path != "" && !l.trains(picks, leaf.address) {
			l.spare.Put(leaf.path, after[leaf.path])
			after[leaf.path] = before[leaf.path]
		}
	}
}

// remember adds what is yielded to a list.
func remember(elements iter.Seq2[*element, error], list *[]*element) iter.Seq2[*element, error] {
	return func(yield func(*element, error) bool) {
		for e, err := range elements {
			if err == nil {
				*list = append(*list, e)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// rate is the learning rate of the step to be made.
func (l *Loop) rate() float64 { return l.config.Rate.At(int(l.step), l.config.Steps) }
