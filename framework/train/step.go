package train

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
)

// element is one run of a map step, on its way through the workers.
type element struct {
	program.Element
	from         *fed
	pick         int // position in the step
	part         int // of the pick
	contribution program.Values
	err          error
	done         chan struct{}
}

// advance makes one step: map, reduce, update. The state changes only when all of
// it has succeeded.
func (l *Loop) advance(ctx context.Context, f *feed, w *workers) error {
	picks, err := l.config.Plan.Step(l.step)
	if err != nil {
		return fmt.Errorf("step %d: %w", l.step+1, err)
	}
	tokens := int64(0)
	contributions, err := l.contributions(ctx, picks, f, w, &tokens)
	if err != nil {
		return fmt.Errorf("step %d: %w", l.step+1, err)
	}
	state, slots, err := l.update(picks, contributions)
	if err != nil {
		return fmt.Errorf("step %d: %w", l.step+1, err)
	}
	measured := l.measure(picks, contributions)
	measured["tokens"] = float64(tokens)
	l.state, l.slots = state, slots
	l.step++
	l.episodes += int64(len(picks))
	l.tokens += tokens
	return l.write("train", measured, false)
}

// contributions maps the elements of a step and reduces what they contribute. At
// most two elements a worker are held at a time.
func (l *Loop) contributions(ctx context.Context, picks []sampling.Pick, f *feed, w *workers,
	tokens *int64) (*reduced, error) {
	counts := make([]int, len(l.config.Model.Tasks()))
	for _, p := range picks {
		counts[p.Task]++
	}
	r := newReduction(l.config.Model.Reduced(), counts)
	var flying []*element
	var failed error
	land := func() {
		e := flying[0]
		flying = flying[1:]
		<-e.done
		if failed == nil {
			failed = e.err
		}
		if failed == nil {
			failed = e.describe(l, r.add(e.pick, e.Task, e.contribution))
		}
	}
	for i := range picks {
		p := f.next()
		for part := 0; part < len(p.elements) && failed == nil; part++ {
			if len(flying) == 2*l.config.Workers {
				land()
			}
			e := &element{Element: p.elements[part], from: p, pick: i, part: part,
				done: make(chan struct{})}
			flying = append(flying, e)
			w.run(func() {
				defer close(e.done)
				e.err = e.describe(l, e.compute(ctx, l, counts[e.Task]))
			})
		}
		if p.err != nil { // an element before it may have failed as well, and comes first
			for len(flying) > 0 {
				land()
			}
			if failed == nil {
				failed = fmt.Errorf("task %q: draw %d of %s: %w", l.config.Model.Tasks()[p.Task].Name,
					p.Index, sampling.Train, p.err)
			}
		}
		if failed != nil {
			break
		}
		*tokens += int64(p.tokens)
	}
	for len(flying) > 0 {
		land()
	}
	if failed != nil {
		return nil, failed
	}
	return r.finish(l.config.Model.Precision())
}

// compute runs the map step, where count picks of the step are of the task.
func (e *element) compute(ctx context.Context, l *Loop, count int) error {
	step, err := l.config.Model.Map(ctx, e.Element)
	if err != nil {
		return err
	}
	precision := l.config.Model.Precision()
	arguments := []program.Values{l.state, e.Values, {
		"weight":   program.Scalar(l.config.Model.Weight(e.Task)/float64(count), precision),
		"key":      program.Key(key(l.config.Seed, l.step, e.pick, e.part)),
		"progress": l.progress(),
	}}
	if e.contribution, err = step.Run(arguments...); err != nil {
		return err
	}
	return checkFinite(e.contribution, step, arguments...)
}

// describe says which element an error is about.
func (e *element) describe(l *Loop, err error) error {
	if err == nil {
		return nil
	}
	kind := "episode"
	if e.Support == nil {
		kind = "batch"
	}
	if len(e.from.elements) > 1 {
		kind = fmt.Sprintf("part %d of batch", e.part)
	}
	return fmt.Errorf("task %q: %s %d of %s: %w", l.config.Model.Tasks()[e.Task].Name, kind,
		e.from.Index, sampling.Train, err)
}

// key returns the random key of an element. It differs everywhere, and is the
// same when a step is done again.
func key(seed uint64, step int64, pick, part int) [2]int32 {
	buf := []byte("key of a map step\x00")
	for _, n := range []uint64{seed, uint64(step), uint64(pick), uint64(part)} {
		buf = binary.LittleEndian.AppendUint64(buf, n)
	}
	sum := sha256.Sum256(buf)
	return [2]int32{int32(binary.LittleEndian.Uint32(sum[:])), int32(binary.LittleEndian.Uint32(sum[4:]))}
}

// update makes the next state. A leaf that is not trained in this step stays what
// it is, whatever the learner does.
func (l *Loop) update(picks []sampling.Pick, contributions *reduced) (state, slots program.Values,
	err error) {
	model := l.config.Model
	present := l.present(picks)
	arguments := []program.Values{l.state, l.slots, contributions.values, present, {
		"rate":     program.Scalar(l.rate(), model.Precision()),
		"step":     program.Scalar(float64(l.step+1), model.Precision()),
		"progress": l.progress(),
	}}
	results, err := model.Update().Run(arguments...)
	if err != nil {
		return nil, nil, fmt.Errorf("update: %w", err)
	}
	if err := checkFinite(results, model.Update(), arguments...); err != nil {
		return nil, nil, fmt.Errorf("update: %w", err)
	}
	state, slots = maps.Clone(l.state), maps.Clone(l.slots)
	for name, v := range results {
		if strings.HasPrefix(name, "slot/") {
			slots[name] = v
		} else {
			state[name] = v
		}
	}
	for _, leaf := range model.Leaves() {
		if path := model.LeafState(leaf.Address); path != "" && !l.trains(picks, leaf.Address) {
			state[path] = l.state[path]
		}
	}
	return state, slots, nil
}

// rate is the learning rate of the step to be made.
func (l *Loop) rate() float64 { return l.config.Rate.At(int(l.step), l.config.Steps) }

// checkFinite finds the first NaN or infinity in a program's results, by name, and
// the node that made it.
func checkFinite(results program.Values, p *program.Program, arguments ...program.Values) error {
	err := findNonFinite(results)
	if err == nil {
		return nil
	}
	node, running := p.FirstNonFinite(arguments...)
	if running != nil {
		return running
	}
	return fmt.Errorf("%w; the first such number: %s", err, node)
}

// findNonFinite reports the first NaN or infinity, by name.
func findNonFinite(values program.Values) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i, x := -1, 0.0
		switch v := values[name]; v.Dtype() {
		case tensor.Float32:
			i, x = nonFinite(v.Float32s())
		case tensor.Float64:
			i, x = nonFinite(v.Float64s())
		}
		if i >= 0 {
			return fmt.Errorf("%s: element %d is %v", name, i, x)
		}
	}
	return nil
}

// nonFinite returns the first NaN or infinity and its place, which is -1 where
// there is none.
func nonFinite[T float32 | float64](x []T) (int, float64) {
	for i, v := range x {
		if v := float64(v); math.IsNaN(v) || math.IsInf(v, 0) {
			return i, v
		}
	}
	return -1, 0
}
