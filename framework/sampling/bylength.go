package sampling

import (
	"cmp"
	"slices"

	"quickstudy/framework/task"
)

// sortedBatches is the number of batches whose records are put in order of length together. The
// more, the less padding; the fewer, the more a batch is one that chance alone would draw.
const sortedBatches = 100

// measure notes the positions of every record over all inputs, where batches are by length.
func (t *Task) measure() error {
	t.lengths = map[int64]int32{}
	for _, split := range splitNames {
		err := t.pool.each(split, func(r task.Record) {
			n := 0
			for _, in := range t.inputs {
				n += min(in.positions(r), in.MaxLength)
			}
			t.lengths[r.ID] = int32(n)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// byLength returns the ids in order of length; those of equal length stay in theirs.
func (t *Task) byLength(ids []int64) []int64 {
	ids = slices.Clone(ids)
	slices.SortStableFunc(ids, func(a, b int64) int {
		return cmp.Compare(t.lengths[a], t.lengths[b])
	})
	return ids
}

// drawByLength is draw of a batch of records that are about as long. What the batches of a window
// would hold in random order is put in order of length and cut into them anew; their order in the
// window is random again. So every record is drawn once in an epoch, as without.
func (t *Task) drawByLength(split string, index int64, ids []int64) Draw {
	size := int64(t.config.Batches.Size)
	window := max(1, min(sortedBatches, int64(len(ids))/size))
	first := index / window * window
	sorted := t.byLength(t.inEpochs(split, ids, first*size, window*size))
	order := newPermutation(int(window), t.config.Seed, "window/"+t.config.Name, split, index/window)
	at := order.at(index%window) * size
	return Draw{Split: split, Index: index, Query: sorted[at : at+size : at+size]}
}

// inEpochs returns n ids from a position of an endless series on: the ids in a random order, then
// in another, and so on.
func (t *Task) inEpochs(split string, ids []int64, position, n int64) []int64 {
	drawn := make([]int64, 0, n)
	var order permutation
	for all, epoch := int64(len(ids)), int64(-1); n > 0; position, n = position+1, n-1 {
		if position/all != epoch {
			epoch = position / all
			order = newPermutation(len(ids), t.config.Seed, "epoch/"+t.config.Name, split, epoch)
		}
		drawn = append(drawn, ids[order.at(position%all)])
	}
	return drawn
}
