package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/checkpoint/safetensors"
	"quickstudy/framework/train/program"
)

// Groups of a checkpoint that hold the state selected on validation, besides
// those of the present one.
const (
	BestParameters = "best_parameters"
	BestLearner    = "best_learner"
)

// counters are the numbers that a checkpoint keeps besides its step, as JSON.
type counters struct {
	Seed      uint64 `json:"seed"`
	Validated int64  `json:"validated"`
	Lines     int64  `json:"lines"`
	Episodes  int64  `json:"episodes"`
	Tokens    int64  `json:"tokens"`
	// Weights are those of the tasks in the last step, where the learner weighs them.
	Weights []float64             `json:"weights,omitempty"`
	Memory  []float64             `json:"memory,omitempty"` // of its solver
	Best    *best                 `json:"best,omitempty"`
	Encoded []sampling.Statistics `json:"encoded"`
}

type best struct {
	Step  int64   `json:"step"`
	Score float64 `json:"score"`
}

// counterName is where the counters are in a checkpoint.
const counterName = "train"

// Checkpoint returns all that the later steps of the run depend on: leaves, the
// rest of the learner's state, slots, the selected state, and counters.
func (l *Loop) Checkpoint() (*checkpoint.Checkpoint, error) {
	c := checkpoint.New(l.step, l.config.Model.Arithmetic())
	count := counters{Seed: l.config.Seed, Validated: l.validated, Lines: l.lines,
		Episodes: l.episodes, Tokens: l.tokens, Weights: l.weighed.Weights,
		Memory: l.weighed.Memory, Encoded: l.encoded}
	states := []struct {
		state               program.Values
		parameters, learner string
	}{{l.state, checkpoint.Parameters, checkpoint.Learner}}
	if l.best.state != nil {
		count.Best = &best{Step: l.best.step, Score: l.best.score}
		states = append(states, struct {
			state               program.Values
			parameters, learner string
		}{l.best.state, BestParameters, BestLearner})
	}
	if err := c.SetCounter(counterName, count); err != nil {
		return nil, err
	}
	add := func(group, name string, x *tensor.Dense) error {
		t, err := toFile(name, x)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", group, name, err)
		}
		c.Groups[group] = append(c.Groups[group], t)
		return nil
	}
	addresses := l.addresses()
	for _, s := range states {
		for _, path := range slices.Sorted(maps.Keys(s.state)) {
			group, name := s.learner, strings.TrimPrefix(path, "state/")
			if address, ok := addresses[path]; ok {
				group, name = s.parameters, address
			}
			if err := add(group, name, s.state[path]); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.slots)) {
		err := add(checkpoint.Slots, strings.TrimPrefix(name, "slot/"), l.slots[name])
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// addresses maps the parts of the state that are leaves to their addresses.
func (l *Loop) addresses() map[string]string {
	addresses := map[string]string{}
	for _, leaf := range l.config.Model.Leaves() {
		if path := l.config.Model.LeafState(leaf.Address); path != "" {
			addresses[path] = leaf.Address
		}
	}
	return addresses
}

// Restore goes back to a checkpoint that a loop of the same configuration made.
// Nothing has changed when it returns an error. A checkpoint of another arithmetic
// is refused, because the run would not be the same to the bit; to go on all the
// same, set its Arithmetic to the model's.
func (l *Loop) Restore(c *checkpoint.Checkpoint) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("restore the checkpoint of step %d: %w", c.Step,
			fmt.Errorf(format, args...))
	}
	if here := l.config.Model.Arithmetic(); c.Arithmetic != here {
		return fail("it was computed by %q, and this program computes by %q: going on would give "+
			"other bits than the run on the first machine", c.Arithmetic, here)
	}
	var count counters
	if err := c.Counter(counterName, &count); err != nil {
		return fail("%w", err)
	}
	if count.Seed != l.config.Seed {
		return fail("it is of a run with seed %d, this one has seed %d", count.Seed, l.config.Seed)
	}
	if c.Step > int64(l.config.Steps) {
		return fail("the run has only %d steps", l.config.Steps)
	}
	if got, want := len(count.Encoded), len(l.encoded); got != want {
		return fail("it counts the data of %d tasks, the run has %d", got, want)
	}
	addresses := l.addresses()
	stateOf := func(parameters, learner string) (program.Values, error) {
		return l.take(c, l.state, func(path string) (string, string) {
			if address, ok := addresses[path]; ok {
				return parameters, address
			}
			return learner, strings.TrimPrefix(path, "state/")
		}, parameters, learner)
	}
	state, err := stateOf(checkpoint.Parameters, checkpoint.Learner)
	if err != nil {
		return fail("%w", err)
	}
	slots, err := l.take(c, l.slots, func(name string) (string, string) {
		return checkpoint.Slots, strings.TrimPrefix(name, "slot/")
	}, checkpoint.Slots)
	if err != nil {
		return fail("%w", err)
	}
	var chosen selection
	if count.Best != nil {
		chosen = selection{step: count.Best.Step, score: count.Best.Score}
		if chosen.state, err = stateOf(BestParameters, BestLearner); err != nil {
			return fail("%w", err)
		}
	}
	l.position = position{step: c.Step, validated: count.Validated, lines: count.Lines,
		episodes: count.Episodes, tokens: count.Tokens}
	l.state, l.slots, l.best = state, slots, chosen
	l.weighed = meta.Weighed{Weights: count.Weights, Memory: count.Memory}
	l.encoded = count.Encoded
	l.saved = l.position
	return nil
}

// take finds in a checkpoint the values that stand for like's, of the same types.
// Each must be there; more in the groups would be lost, and is refused.
func (l *Loop) take(c *checkpoint.Checkpoint, like program.Values,
	place func(name string) (group, in string), groups ...string) (program.Values, error) {
	out, taken := program.Values{}, map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(like)) {
		group, in := place(name)
		taken[group]++
		i := slices.IndexFunc(c.Groups[group], func(t safetensors.Tensor) bool { return t.Name == in })
		if i < 0 {
			return nil, fmt.Errorf("it lacks %s/%s", group, in)
		}
		x, err := fromFile(c.Groups[group][i], like[name], l.config.Model)
		if err != nil {
			return nil, fmt.Errorf("%s/%s: %w", group, in, err)
		}
		out[name] = x
	}
	for _, group := range groups {
		if n := len(c.Groups[group]); n != taken[group] {
			return nil, fmt.Errorf("group %s holds %d arrays, the run has %d", group, n, taken[group])
		}
	}
	return out, nil
}

// toFile makes an array of a file of a tensor. Truth values are bytes.
func toFile(name string, x *tensor.Dense) (safetensors.Tensor, error) {
	t := safetensors.Tensor{Name: name, Shape: slices.Clone(x.Shape())}
	switch x.Dtype() {
	case tensor.Float32:
		t.Values = slices.Clone(x.Float32s())
	case tensor.Float64:
		t.Values = slices.Clone(x.Float64s())
	case tensor.Int32:
		t.Values = slices.Clone(x.Int32s())
	case tensor.Bool:
		bytes := make([]uint8, len(x.Bools()))
		for i, b := range x.Bools() {
			if b {
				bytes[i] = 1
			}
		}
		t.Values = bytes
	default:
		return t, fmt.Errorf("elements of type %v cannot be kept", x.Dtype())
	}
	return t, nil
}

// fromFile makes the tensor that toFile made an array of; like has its type.
func fromFile(t safetensors.Tensor, like *tensor.Dense, model *program.Model) (
	*tensor.Dense, error) {
	want, err := toFile(t.Name, like)
	if err != nil {
		return nil, err
	}
	if t.DType() != want.DType() || !slices.Equal(t.Shape, want.Shape) {
		return nil, fmt.Errorf("it is %s %v, the run has %s %v", t.DType(), t.Shape, want.DType(),
			want.Shape)
	}
	v := graph.Value{DType: graph.Float32, Shape: t.Shape}
	numbers := make([]float64, v.Shape.Size())
	switch values := t.Values.(type) {
	case []float32:
		widen(numbers, values)
	case []float64:
		copy(numbers, values)
	case []int32:
		v.DType = graph.Int32
		widen(numbers, values)
	case []uint8:
		v.DType = graph.Bool
		widen(numbers, values)
	}
	return program.Dense(v, numbers, model.Precision()), nil
}

func widen[T float32 | int32 | uint8](out []float64, values []T) {
	for i, x := range values {
		out[i] = float64(x)
	}
}

// saveIfDue saves after every so many steps, and after the last one.
func (l *Loop) saveIfDue() error {
	every, last := int64(l.config.CheckpointEvery), l.step == int64(l.config.Steps)
	if last || every > 0 && l.step > 0 && l.step%every == 0 {
		return l.save()
	}
	return nil
}

// save writes a checkpoint, after the lines of the metrics that it counts, unless
// the last one says the same.
func (l *Loop) save() error {
	if l.config.Checkpoints == "" || l.saved == l.position {
		return nil
	}
	c, err := l.Checkpoint()
	if err != nil {
		return fmt.Errorf("checkpoint after step %d: %w", l.step, err)
	}
	if l.config.Run != nil {
		if err := l.config.Run.Sync(); err != nil {
			return fmt.Errorf("checkpoint after step %d: %w", l.step, err)
		}
	}
	path, err := checkpoint.Save(l.config.Checkpoints, c, l.config.Keep)
	if err != nil {
		return fmt.Errorf("checkpoint after step %d: %w", l.step, err)
	}
	l.saved = l.position
	l.config.Logger.Debug().Int64("step", l.step).Str("path", path).Msg("saved a checkpoint")
	return nil
}
