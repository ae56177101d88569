package sampling

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"quickstudy/framework/task"
)

// Task draws and encodes one task of an experiment. It may be used by several
// goroutines at once.
type Task struct {
	pool    *Pool
	config  Config
	inputs  []boundInput
	targets []boundTarget
	lengths map[int64]int32 // of batches by length: positions of a record, by its id

	classTexts []string // of zero-shot episodes, by class

	generated sync.Map // hash of a list of draws → that of their records too
}

// Episode is an encoded draw. Support is nil for a batch.
type Episode struct {
	Draw           Draw
	Support, Query *Batch
}

// NewTask joins a pool with how its records are encoded. The configuration is
// the one the pool was made with, now with its tokenizers.
func NewTask(pool *Pool, c Config) (*Task, error) {
	t := &Task{pool: pool, config: c}
	err := t.bind()
	if err == nil && c.Batches != nil && c.Batches.ByLength {
		err = t.measure()
	}
	if err != nil {
		return nil, fmt.Errorf("task %q: %w", c.Name, err)
	}
	return t, nil
}

// Pool returns the divided records the task draws from.
func (t *Task) Pool() *Pool { return t.pool }

// Draw returns episode or batch number index of a split. Batches run through
// the split in epochs, each in its own random order; a batch that reaches the
// end of an epoch goes on into the next.
func (t *Task) Draw(split string, index int64) (Draw, error) {
	draw, err := t.draw(split, index)
	if err != nil {
		return Draw{}, fmt.Errorf("task %q: %w", t.config.Name, err)
	}
	return draw, nil
}

func (t *Task) draw(split string, index int64) (Draw, error) {
	if index < 0 {
		return Draw{}, fmt.Errorf("index %d is negative", index)
	}
	if t.pool.generator != nil {
		return Draw{Split: split, Index: index}, nil
	}
	if t.config.episodic() {
		return t.pool.drawEpisode(t.config, split, index)
	}
	ids, err := t.members(split)
	if err != nil {
		return Draw{}, err
	}
	if t.lengths != nil {
		return t.drawByLength(split, index, ids), nil
	}
	size := int64(t.config.Batches.Size)
	return Draw{Split: split, Index: index, Query: t.inEpochs(split, ids, index*size, size)}, nil
}

func (t *Task) members(split string) ([]int64, error) {
	m := t.pool.splits[split]
	if m == nil {
		return nil, fmt.Errorf("there is no split %q, want %q, %q or %q", split, Train, Validation,
			Test)
	}
	if len(m.ids) == 0 {
		return nil, fmt.Errorf("split %q has no records", split)
	}
	return m.ids, nil
}

// Batched reports whether the task has ordinary batches instead of episodes.
func (t *Task) Batched() bool { return t.config.Batches != nil }

// Pass returns draws that visit every record of a split once, in the order of
// their ids, or of their lengths where batches are by length; the last may be
// short, and is padded when encoded. It is what a task with batches is
// evaluated on.
func (t *Task) Pass(split string) ([]Draw, error) {
	if t.config.Batches == nil {
		return nil, fmt.Errorf("task %q: a pass over the records needs batches", t.config.Name)
	}
	ids, err := t.members(split)
	if err != nil {
		return nil, fmt.Errorf("task %q: %w", t.config.Name, err)
	}
	if t.lengths != nil {
		ids = t.byLength(ids)
	}
	var draws []Draw
	for size := t.config.Batches.Size; len(ids) > 0; ids = ids[min(size, len(ids)):] {
		n := min(size, len(ids))
		draws = append(draws, Draw{Split: split, Index: int64(len(draws)), Query: ids[:n:n]})
	}
	return draws, nil
}

// Frozen is a list of draws that several models are judged by. Equal hashes
// mean equal episodes of equal data.
type Frozen struct {
	Draws []Draw
	Hash  string // lower-case hexadecimal SHA-256
}

// Freeze returns the first n draws of a split and their hash. The hash covers
// the digest of the data, and for generated episodes the records themselves.
func (t *Task) Freeze(split string, n int) (Frozen, error) {
	var frozen Frozen
	for index := range int64(n) {
		draw, err := t.Draw(split, index)
		if err != nil {
			return Frozen{}, err
		}
		frozen.Draws = append(frozen.Draws, draw)
	}
	var err error
	frozen.Hash, err = t.Hash(frozen.Draws)
	return frozen, err
}

// Hash returns the hash of draws, in this order, and of the texts of their classes. The records
// of generated episodes are made for it once: a generator is a pure function, so they are those
// of the next time.
func (t *Task) Hash(draws []Draw) (string, error) {
	buf := appendName(nil, t.pool.description.Digest)
	for _, d := range draws {
		buf = appendName(buf, d.Split)
		buf = binary.LittleEndian.AppendUint64(buf, uint64(d.Index))
		buf = binary.LittleEndian.AppendUint64(buf, uint64(len(d.Classes)))
		for _, class := range d.Classes {
			buf = binary.LittleEndian.AppendUint64(buf, uint64(class))
		}
		for _, ids := range [][]int64{d.Support, d.Query} {
			buf = binary.LittleEndian.AppendUint64(buf, uint64(len(ids)))
			for _, id := range ids {
				buf = binary.LittleEndian.AppendUint64(buf, uint64(id))
			}
		}
	}
	for _, text := range t.classTexts {
		buf = appendName(buf, text)
	}
	list := sha256.Sum256(buf)
	if t.pool.generator == nil {
		return hex.EncodeToString(list[:]), nil
	}
	if known, ok := t.generated.Load(list); ok {
		return known.(string), nil
	}
	for _, d := range draws {
		support, query, err := t.records(d)
		if err != nil {
			return "", fmt.Errorf("task %q: episode %d of %s: %w", t.config.Name, d.Index, d.Split,
				err)
		}
		for _, r := range slices.Concat(support, query) {
			digest := r.Digest()
			buf = append(buf, digest[:]...)
		}
	}
	sum := sha256.Sum256(buf)
	hash := hex.EncodeToString(sum[:])
	t.generated.Store(list, hash)
	return hash, nil
}

func appendName(buf []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(buf, uint64(len(s))), s...)
}

// records fetches or generates the records of a draw.
func (t *Task) records(d Draw) (support, query []task.Record, err error) {
	if t.pool.generator != nil {
		episode, err := t.pool.generator.Sample(t.config.Seed, d.Split, d.Index)
		if err != nil {
			return nil, nil, err
		}
		return episode.Support, episode.Query, episode.Verify(t.pool.description)
	}
	records, err := t.pool.fetch(slices.Concat(d.Support, d.Query))
	if err != nil {
		return nil, nil, err
	}
	if t.config.ZeroShot != nil {
		return t.classRecords(d.Classes), records, nil
	}
	return records[:len(d.Support)], records[len(d.Support):], nil
}
