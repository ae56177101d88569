package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"

	"quickstudy/framework/task"
)

// config is the attributes of the plugin's block.
type config struct {
	Features int `config:"features" min:"1" max:"1000" doc:"numbers of which a function is linear, d"`
	MinShots int `config:"min_shots" min:"0" max:"10000" doc:"fewest points to learn from; 0: always as many as shots" unit:"points"`
	Shots    int `config:"shots" min:"1" max:"10000" doc:"most points to learn from" unit:"points"`
	Queries  int `config:"queries" min:"1" max:"10000" doc:"points to be judged by" unit:"points"`
}

var linear = task.Define(
	"linear",
	"noiseless linear regression in some dimensions (Garg et al. 2022)",
	config{Features: 5, Shots: 10, Queries: 10},
	open,
)

func open(c config) (task.Dataset, error) {
	if c.Features < 1 || c.Shots < 1 || c.Queries < 1 {
		return task.Dataset{}, fmt.Errorf("features %d, shots %d and queries %d, want at least 1 of each",
			c.Features, c.Shots, c.Queries)
	}
	if c.MinShots < 0 || c.MinShots > c.Shots {
		return task.Dataset{}, fmt.Errorf("min_shots %d, want 0 to shots, %d", c.MinShots, c.Shots)
	}
	return task.Dataset{Generator: &task.Generator{
		Describe: func() (task.Description, error) { return c.describe(), nil },
		Sample:   c.sample,
	}}, nil
}

func (c config) describe() task.Description {
	return task.Description{
		Fields: []task.Field{
			{Name: "x", Kind: task.Sequence, Size: []int{1, c.Features},
				Doc: "where the function is seen, standard normal"},
			{Name: "y", Kind: task.Value, Doc: "its value there, of variance 1"},
		},
		Splits: []task.Split{{Name: "train"}, {Name: "validation"}, {Name: "test"}},
		Origin: "generated; Garg et al. 2022, https://arxiv.org/abs/2208.01066",
	}
}

// sample draws a function and its points. The same seed and index give different functions
// in different splits.
func (c config) sample(seed uint64, split string, index int64) (task.Episode, error) {
	rng := newRand(seed, split, index)
	w := normal(rng, c.Features)
	shots := c.Shots
	if c.MinShots > 0 {
		shots = c.MinShots + rng.IntN(c.Shots-c.MinShots+1)
	}
	return task.Episode{Support: draw(rng, w, 0, shots), Query: draw(rng, w, shots, c.Queries)}, nil
}

// draw sees the function of weights w at n points, whose numbers begin with first.
func draw(rng *rand.Rand, w []float64, first, n int) []task.Record {
	records := make([]task.Record, n)
	for i := range records {
		x := normal(rng, len(w))
		y := 0.0
		for j := range x {
			y += float64(w[j] * x[j])
		}
		y /= math.Sqrt(float64(len(w)))
		records[i] = task.Record{ID: int64(first + i),
			Cells: []task.Cell{{Floats: x}, {Floats: []float64{y}}}}
	}
	return records
}

func normal(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// newRand is a source of random numbers that follows from its arguments alone.
func newRand(seed uint64, split string, index int64) *rand.Rand {
	buf := binary.LittleEndian.AppendUint64(nil, seed)
	buf = binary.LittleEndian.AppendUint64(buf, uint64(index))
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(buf, split...))))
}
