package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"

	"quickstudy/framework/task"
)

// episodes makes episodes of one pair: what is adapted on are sentences of the training split, and
// what is judged is of the episode's split, in training other sentences than those that are
// adapted on. A sentence of a corpus in several languages may have been trained on in another
// pair; none of the test has.
func (c config) episodes(r *records, trained, unseen []direction) (*task.Generator, error) {
	tested := trained
	if len(unseen) > 0 {
		tested = unseen
	}
	for i, one := range r.corpora {
		for pair, lines := range r.lines[i] {
			needed := c.Queries
			if i == 0 {
				needed = c.Shots
				if slices.Contains(trained, r.pairs[pair]) {
					needed += c.Queries
				}
			}
			if len(lines) < needed {
				return nil, fmt.Errorf("shots, queries: the split %q has %d sentences of the pair %q, and an "+
					"episode takes %d", one.split, len(lines), r.pairs[pair], needed)
			}
		}
	}
	sample := func(seed uint64, split string, index int64) (task.Episode, error) {
		at := slices.IndexFunc(r.corpora, func(one corpus) bool { return one.split == split })
		if at < 0 {
			return task.Episode{}, fmt.Errorf("there is no split %q", split)
		}
		pairs := trained
		if split == "test" {
			pairs = tested
		}
		rng := newRand(seed, split, index)
		pair := slices.Index(r.pairs, pairs[rng.IntN(len(pairs))])
		shots := draw(rng, r.lines[0][pair], c.Shots, nil)
		var taken []int
		if at == 0 {
			taken = shots
		}
		queries := draw(rng, r.lines[at][pair], c.Queries, taken)
		var e task.Episode
		for i, line := range shots {
			e.Support = append(e.Support, r.record(int64(i), sentence{0, line, pair}))
		}
		for i, line := range queries {
			e.Query = append(e.Query, r.record(int64(c.Shots+i), sentence{at, line, pair}))
		}
		return e, nil
	}
	return &task.Generator{
		Describe: func() (task.Description, error) { return r.description, nil },
		Sample:   sample,
	}, nil
}

// draw returns n different numbers of a list in random order, none of those taken.
func draw(rng *rand.Rand, from []int, n int, taken []int) []int {
	seen := map[int]bool{}
	for _, line := range taken {
		seen[line] = true
	}
	drawn := make([]int, 0, n)
	for len(drawn) < n {
		if line := from[rng.IntN(len(from))]; !seen[line] {
			seen[line] = true
			drawn = append(drawn, line)
		}
	}
	return drawn
}

// newRand is a source of random numbers that follows from its arguments alone.
func newRand(seed uint64, split string, index int64) *rand.Rand {
	buf := binary.LittleEndian.AppendUint64(nil, seed)
	buf = binary.LittleEndian.AppendUint64(buf, uint64(index))
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(buf, split...))))
}
