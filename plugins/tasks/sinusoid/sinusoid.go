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
	Shots   int    `config:"shots" min:"1" max:"10000" doc:"points to adapt on" unit:"points"`
	Queries int    `config:"queries" min:"1" max:"10000" doc:"points to be judged by" unit:"points"`
	Layout  string `config:"layout" doc:"whether every point is an example, or all points are one sequence" oneof:"points,set"`
}

var sinusoid = task.Define(
	"sinusoid",
	"sine waves of random amplitude and phase (Finn et al. 2017)",
	config{Shots: 10, Queries: 10, Layout: "points"},
	open,
)

// The distribution of waves y = A sin(x - φ), each uniform.
const (
	minAmplitude, maxAmplitude = 0.1, 5.0
	maxPhase                   = math.Pi
	maxX                       = 5.0 // x from -maxX
)

func open(c config) (task.Dataset, error) {
	if c.Shots < 1 || c.Queries < 1 {
		return task.Dataset{}, fmt.Errorf("shots %d and queries %d, want at least 1 of each",
			c.Shots, c.Queries)
	}
	if c.Layout != "points" && c.Layout != "set" {
		return task.Dataset{}, fmt.Errorf("layout %q, want \"points\" or \"set\"", c.Layout)
	}
	return task.Dataset{Generator: &task.Generator{
		Describe: func() (task.Description, error) { return c.describe(), nil },
		Sample:   c.sample,
	}}, nil
}

func (c config) describe() task.Description {
	x := task.Field{
		Name: "x",
		Kind: task.Sequence,
		Size: []int{1, 1},
		Doc:  "where the wave is seen",
	}
	y := task.Field{Name: "y", Kind: task.Value, Doc: "the wave's height there"}
	if c.Layout == "set" {
		x.Size = []int{-1, 1}
		y.Kind, y.Size = task.Vector, []int{-1}
	}
	return task.Description{
		Fields: []task.Field{x, y},
		Splits: []task.Split{{Name: "train"}, {Name: "validation"}, {Name: "test"}},
		Origin: "generated; Finn, Abbeel & Levine 2017, https://arxiv.org/abs/1703.03400",
	}
}

// wave is one task: y = amplitude·sin(x - phase).
type wave struct{ amplitude, phase float64 }

func (w wave) at(x float64) float64 { return w.amplitude * math.Sin(x-w.phase) }

// sample draws a wave and its points. The same seed and index give different
// waves in different splits.
func (c config) sample(seed uint64, split string, index int64) (task.Episode, error) {
	rng := newRand(seed, split, index)
	w := wave{amplitude: uniform(rng, minAmplitude, maxAmplitude), phase: uniform(rng, 0, maxPhase)}
	support, query := draw(rng, w, c.Shots), draw(rng, w, c.Queries)
	if c.Layout == "set" {
		return task.Episode{
			Support: []task.Record{support.record(0)},
			Query:   []task.Record{query.record(1)},
		}, nil
	}
	return task.Episode{Support: support.records(0), Query: query.records(c.Shots)}, nil
}

// points are where a wave was seen, and what.
type points struct{ x, y []float64 }

func draw(rng *rand.Rand, w wave, n int) points {
	var p points
	for range n {
		x := uniform(rng, -maxX, maxX)
		p.x, p.y = append(p.x, x), append(p.y, w.at(x))
	}
	return p
}

// record is all points as one example.
func (p points) record(id int) task.Record {
	return task.Record{ID: int64(id), Cells: []task.Cell{{Floats: p.x}, {Floats: p.y}}}
}

// records is every point as an example of its own.
func (p points) records(firstID int) []task.Record {
	records := make([]task.Record, len(p.x))
	for i := range records {
		records[i] = points{p.x[i : i+1], p.y[i : i+1]}.record(firstID + i)
	}
	return records
}

func uniform(rng *rand.Rand, lo, hi float64) float64 { return lo + float64((hi-lo)*rng.Float64()) }

// newRand is a source of random numbers that follows from its arguments alone.
func newRand(seed uint64, split string, index int64) *rand.Rand {
	buf := binary.LittleEndian.AppendUint64(nil, seed)
	buf = binary.LittleEndian.AppendUint64(buf, uint64(index))
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(buf, split...))))
}
