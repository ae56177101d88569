package wire

import (
	"fmt"
	"slices"

	"quickstudy/framework/meta"
	"quickstudy/framework/plugin/proto/pluginv1"
)

// EncodeWeighing converts what a solver sees of a step for the wire.
func EncodeWeighing(instance uint64, w meta.Weighing) (
	*pluginv1.MetaLearnerServiceWeighRequest, error) {
	if w.Step < 0 {
		return nil, fmt.Errorf("weighing at step %d", w.Step)
	}
	m := &pluginv1.MetaLearnerServiceWeighRequest{
		Instance: instance, Gram: slices.Concat(w.Gram...), Losses: w.Losses, Present: w.Present,
		Last: w.Last, Memory: w.Memory, Step: uint64(w.Step), Seed: w.Seed,
	}
	_, err := DecodeWeighing(m)
	return m, err
}

// DecodeWeighing converts what a solver sees of a step from the wire and checks
// that its lists have one entry, or row, for every task.
func DecodeWeighing(m *pluginv1.MetaLearnerServiceWeighRequest) (meta.Weighing, error) {
	n := len(m.GetLosses())
	switch {
	case n < 1 || n > maxTasks:
		return meta.Weighing{}, fmt.Errorf("weighing of %d tasks, want 1 to %d", n, maxTasks)
	case len(m.GetGram()) != n*n || len(m.GetPresent()) != n ||
		len(m.GetLast()) != n && len(m.GetLast()) != 0:
		return meta.Weighing{}, fmt.Errorf("weighing of %d tasks: %d inner products, %d flags, %d "+
			"last weights, want %d, %d, and %d or none", n, len(m.GetGram()), len(m.GetPresent()),
			len(m.GetLast()), n*n, n, n)
	case len(m.GetMemory()) > meta.MaxMemory:
		return meta.Weighing{}, fmt.Errorf("weighing with %d numbers kept, want at most %d",
			len(m.GetMemory()), meta.MaxMemory)
	case m.GetStep() > maxTrainSteps:
		return meta.Weighing{}, fmt.Errorf("weighing at step %d, want at most %d", m.GetStep(),
			int64(maxTrainSteps))
	}
	return meta.Weighing{
		Gram: slices.Collect(slices.Chunk(m.GetGram(), n)), Losses: m.GetLosses(),
		Present: m.GetPresent(), Last: m.GetLast(), Memory: m.GetMemory(), Step: int64(m.GetStep()),
		Seed: m.GetSeed(),
	}, nil
}
