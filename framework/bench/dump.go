package bench

import (
	"fmt"
	"io"

	"quickstudy/framework/atomicfile"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/checkpoint/safetensors"
	"quickstudy/framework/train/program"
)

// dump writes what another program needs to make the first steps too, as safetensors:
// parameters/<address>, the initial values of leaves, and
// data/<step>/<task>/<draw of the step>/<side>/<array>, all numbers from 0.
func (r *run) dump(path string, steps int) error {
	f := &safetensors.File{}
	exp, model := r.session.Experiment, r.trial.Model()
	training := r.trial.Training(model)
	state, err := model.Initial(training.Seed, training.Initial)
	if err != nil {
		return err
	}
	for _, leaf := range model.Leaves() {
		value := state[model.LeafState(leaf.Address)]
		if value == nil {
			return fmt.Errorf("-dump: metalearner %q keeps %s in a form of its own", exp.Learner.Plugin,
				leaf.Address)
		}
		numbers, err := program.Floats(value)
		if err != nil {
			return err
		}
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "parameters/" + leaf.Address,
			Shape: leaf.Shape, Values: rounded(numbers)})
	}
	for step := range int64(steps) {
		picks, err := training.Plan.Step(step)
		if err != nil {
			return err
		}
		drawn := map[int]int{} // of each task
		for _, pick := range picks {
			prefix := fmt.Sprintf("data/%d/%s/%d/", step, r.trial.Data().Tasks[pick.Task].Block.Name,
				drawn[pick.Task])
			drawn[pick.Task]++
			episode, err := r.draw(pick)
			if err != nil {
				return err
			}
			f.Tensors = append(f.Tensors, tensors(prefix+"query/", episode.Query)...)
			if episode.Support != nil {
				f.Tensors = append(f.Tensors, tensors(prefix+"support/", episode.Support)...)
			}
		}
	}
	return atomicfile.Write(path, 0o644, func(w io.Writer) error { return safetensors.Write(w, f) })
}

// tensors are the arrays of one side of a draw.
func tensors(prefix string, b *sampling.Batch) []safetensors.Tensor {
	var all []safetensors.Tensor
	for _, a := range b.Arrays {
		one := safetensors.Tensor{Name: prefix + a.Name, Shape: a.Shape, Values: a.Ints}
		if a.Ints == nil {
			one.Values = rounded(a.Floats)
		}
		all = append(all, one)
	}
	return all
}

// rounded returns numbers in the precision that programs run in.
func rounded(numbers []float64) []float32 {
	out := make([]float32, len(numbers))
	for i, x := range numbers {
		out[i] = float32(x)
	}
	return out
}
