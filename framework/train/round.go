package train

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"gorgonia.org/tensor"

	"quickstudy/framework/philox"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/program"
)

// element is one run of a map step, on its way through the workers.
type element struct {
	program.Element
	index        int64 // of the draw
	pick         int   // position in the step
	part, parts  int   // of the pick
	contribution program.Values
	err          error
	done         chan struct{}
}

// fedElements yields the elements of the step's picks, in order, and counts what they are
// made of, by task. An error ends them.
func (l *Loop) fedElements(picks int, f *feed, encoded []sampling.Statistics) iter.Seq2[*element,
	error] {
	return func(yield func(*element, error) bool) {
		for pick := range picks {
			p := f.next()
			if p.err != nil {
				yield(nil, p.err)
				return
			}
			encoded[p.Task].Join(p.encoded)
			for part, e := range p.elements {
				if !yield(&element{Element: e, index: p.Index, pick: pick, part: part,
					parts: len(p.elements)}, nil) {
					return
				}
			}
		}
	}
}

// round is a map over the elements of a step and what is made of the results.
type round struct {
	program func(context.Context, program.Element) (*program.Program, error)
	state   program.Values
	kinds   kinds
}

// mapReduce runs a round. Two elements a worker are held at a time.
func (l *Loop) mapReduce(ctx context.Context, r round, counts []int, w *workers,
	elements iter.Seq2[*element, error]) (*reduced, error) {
	reduction := newReduction(r.kinds, counts, l.config.Model.Precision(), &l.spare)
	var flying []*element
	var failed error // of the first element in order that failed
	land := func() {
		e := flying[0]
		flying = flying[1:]
		<-e.done
		if failed == nil {
			failed = e.err
		}
		if failed == nil {
			failed = l.describe(e, reduction.add(e.pick, e.Task, e.contribution))
		}
		e.contribution = nil
	}
	var ended error
	count := 0
	for e, err := range elements {
		if ended = err; ended != nil {
			break
		}
		if len(flying) == 2*l.config.Workers {
			land()
		}
		if failed != nil {
			break
		}
		count++
		e.done = make(chan struct{})
		flying = append(flying, e)
		w.run(func() {
			defer close(e.done)
			e.err = l.describe(e, l.compute(ctx, r, e, counts[e.Task]))
		})
	}
	for len(flying) > 0 {
		land()
	}
	if failed == nil {
		failed = ended
	}
	if failed != nil {
		return nil, failed
	}
	all, err := reduction.finish()
	if err != nil {
		return nil, err
	}
	all.elements = count
	return all, nil
}

// compute runs the map step of an element; count picks of the step are of its task.
func (l *Loop) compute(ctx context.Context, r round, e *element, count int) error {
	step, err := r.program(ctx, e.Element)
	if err != nil {
		return err
	}
	fresh, err := l.config.Model.Episodic(ctx, e.Element,
		philox.Derive(l.config.Seed, "leaves of an episode", sampling.Train, uint64(l.step),
			uint64(e.pick)).Uint64(0))
	if err != nil {
		return err
	}
	precision := l.config.Model.Precision()
	arguments := []program.Values{r.state, e.Values, fresh, {
		"weight":   program.Scalar(l.lossRate(e.Task)/float64(count), precision),
		"key":      program.Key(key(l.config.Seed, l.step, e.pick, e.part)),
		"progress": l.progress(),
	}}
	if e.contribution, err = step.RunWith(&l.spare, arguments...); err != nil {
		return err
	}
	return checkFinite(e.contribution, step, arguments...)
}

// describe says which element an error is about.
func (l *Loop) describe(e *element, err error) error {
	if err == nil {
		return nil
	}
	kind := "episode"
	if e.Support == nil {
		kind = "batch"
	}
	if e.parts > 1 {
		kind = fmt.Sprintf("part %d of batch", e.part)
	}
	return fmt.Errorf("task %q: %s %d of %s: %w", l.config.Model.Tasks()[e.Task].Name, kind, e.index,
		sampling.Train, err)
}

// key returns the random key of an element. It differs everywhere, and is the
// same when a step is done again.
func key(seed uint64, step int64, pick, part int) [2]uint32 {
	return philox.Derive(seed, "key of a map step", sampling.Train, uint64(step), uint64(pick),
		uint64(part)).Key(0)
}

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
	finite := true
	for _, v := range values {
		if i, _ := nonFinite(v); i >= 0 {
			finite = false
		}
	}
	if finite { // as nearly always, so names are not sorted for nothing
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if i, x := nonFinite(values[name]); i >= 0 {
			return fmt.Errorf("%s: element %d is %v", name, i, x)
		}
	}
	return nil
}

// nonFinite returns the first NaN or infinity and its place, which is -1 where
// there is none.
func nonFinite(x *tensor.Dense) (int, float64) {
	switch x.Dtype() {
	case tensor.Float32:
		return nonFiniteOf(x.Float32s())
	case tensor.Float64:
		return nonFiniteOf(x.Float64s())
	}
	return -1, 0
}

func nonFiniteOf[T float32 | float64](x []T) (int, float64) {
	// x-x is 0 for all other numbers. Four sums do not wait for each other.
	var sum [4]T
	n := len(x) &^ 3
	for i := 0; i < n; i += 4 {
		v := x[i : i+4 : i+4]
		sum[0] += v[0] - v[0]
		sum[1] += v[1] - v[1]
		sum[2] += v[2] - v[2]
		sum[3] += v[3] - v[3]
	}
	for _, v := range x[n:] {
		sum[0] += v - v
	}
	if sum[0]+sum[1]+sum[2]+sum[3] == 0 {
		return -1, 0
	}
	for i, v := range x {
		if v-v != 0 {
			return i, float64(v)
		}
	}
	return -1, 0
}
