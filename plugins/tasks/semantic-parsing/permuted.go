package main

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"

	"quickstudy/framework/task"
)

// permutedDivision is what episodes are tested by.
const permutedDivision = "addprim_jump"

// permuted makes episodes in which the actions of the primitives are permuted, as in the second
// experiment on SCAN of Lake 2019, https://arxiv.org/abs/1906.05381, section 4.2. Every permutation
// is trained on but the one that leaves all as it is. By that one the test asks for commands with
// jump, of which its support has the bare command alone.
//
// A support begins with the four primitives. Lake adapts on no others in the test, and on any 20
// commands in training. The field "support" is all of it in one text, for models that read it
// instead of adapting to it (Lake & Baroni 2023, https://doi.org/10.1038/s41586-023-06668-3).
func (c config) permuted() *task.Generator {
	all := commands()
	divided := scan(permutedDivision)
	bare := func(p pair) bool {
		return slices.ContainsFunc(primitives, func(u pair) bool { return u.input == p.input })
	}
	others := slices.DeleteFunc(slices.Clone(all), bare)
	known := slices.DeleteFunc(divided[0].pairs, bare) // commands without jump
	jumps := divided[1].pairs
	sample := func(seed uint64, split string, index int64) (task.Episode, error) {
		rng := newRand(seed, split, index)
		more := c.Shots - len(primitives)
		if split == "test" {
			return episode(slices.Concat(primitives, draw(rng, known, more)),
				draw(rng, jumps, c.Queries)), nil
		}
		drawn := draw(rng, others, more+c.Queries)
		rename := permutation(rng)
		for i := range drawn {
			drawn[i].output = rename.Replace(drawn[i].output)
		}
		support := slices.Clone(primitives)
		for i := range support {
			support[i].output = rename.Replace(support[i].output)
		}
		return episode(append(support, drawn[:more]...), drawn[more:]), nil
	}
	return &task.Generator{
		Describe: func() (task.Description, error) {
			return task.Description{
				Fields: append(fields(), task.Field{Name: "support", Kind: task.Text,
					Doc: "the episode's commands to adapt on, each with its actions"}),
				Splits:  []task.Split{{Name: "train"}, {Name: "validation"}, {Name: "test"}},
				Licence: c.Licence,
				Origin:  "generated; " + scanSource + ", permuted as by Lake 2019",
			}, nil
		},
		Sample: sample,
	}
}

// permutation draws one of the actions of the primitives, any but that which changes nothing.
func permutation(rng *rand.Rand) *strings.Replacer {
	for {
		order := rng.Perm(len(primitives))
		if slices.IsSorted(order) {
			continue
		}
		var pairs []string
		for i, k := range order {
			pairs = append(pairs, primitives[i].output, primitives[k].output)
		}
		return strings.NewReplacer(pairs...)
	}
}

// draw returns n different pairs in random order.
func draw(rng *rand.Rand, from []pair, n int) []pair {
	drawn := make([]pair, n)
	for i, k := range rng.Perm(len(from))[:n] {
		drawn[i] = from[k]
	}
	return drawn
}

func episode(support, query []pair) task.Episode {
	told := make([]string, len(support))
	for i, p := range support {
		told[i] = p.input + " " + p.output
	}
	all := strings.Join(told, " ; ")
	var e task.Episode
	for i, p := range append(slices.Clone(support), query...) {
		r := task.Record{ID: int64(i),
			Cells: []task.Cell{{Text: p.input}, {Text: p.output}, {Text: all}}}
		if i < len(support) {
			e.Support = append(e.Support, r)
		} else {
			e.Query = append(e.Query, r)
		}
	}
	return e
}

// newRand is a source of random numbers that follows from its arguments alone.
func newRand(seed uint64, split string, index int64) *rand.Rand {
	buf := binary.LittleEndian.AppendUint64(nil, seed)
	buf = binary.LittleEndian.AppendUint64(buf, uint64(index))
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(buf, split...))))
}
