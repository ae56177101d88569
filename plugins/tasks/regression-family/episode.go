package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"quickstudy/framework/task"
)

// config is the attributes of the plugin's block.
type config struct {
	Family     string  `config:"family" doc:"what functions are drawn" oneof:"sinusoid,harmonic,linear"`
	Dimensions int     `config:"dimensions" min:"1" max:"1000" doc:"linear: numbers in an x; the others have one"`
	Noise      float64 `config:"noise" min:"0" max:"1000" doc:"standard deviation of the normal noise in every y"`
	Shots      int     `config:"shots" min:"1" max:"10000" doc:"points to adapt on" unit:"points"`
	Queries    int     `config:"queries" min:"1" max:"10000" doc:"points to be judged by" unit:"points"`
	Layout     string  `config:"layout" doc:"whether every point is an example, or all points are one sequence" oneof:"points,set"`
}

var regression = task.Define(
	"regression-family",
	"functions of a family, seen at a few points",
	config{Family: "sinusoid", Dimensions: 1, Shots: 10, Queries: 10, Layout: "points"},
	open,
)

func open(c config) (task.Dataset, error) {
	switch {
	case c.Shots < 1 || c.Queries < 1:
		return task.Dataset{}, fmt.Errorf("shots %d and queries %d, want at least 1 of each",
			c.Shots, c.Queries)
	case c.Layout != "points" && c.Layout != "set":
		return task.Dataset{}, fmt.Errorf("layout %q, want \"points\" or \"set\"", c.Layout)
	case families[c.Family].draw == nil:
		return task.Dataset{}, fmt.Errorf("family %q, want one of %q", c.Family,
			slices.Sorted(maps.Keys(families)))
	case c.Dimensions < 1 || c.Dimensions > 1 && c.Family != "linear":
		return task.Dataset{}, fmt.Errorf("dimensions %d, want 1 for family %q: more are for \"linear\"",
			c.Dimensions, c.Family)
	case !(c.Noise >= 0):
		return task.Dataset{}, fmt.Errorf("noise %v, want a number of at least 0", c.Noise)
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
		Size: []int{1, c.Dimensions},
		Doc:  "where the function is seen",
	}
	y := task.Field{Name: "y", Kind: task.Value, Doc: "its value there"}
	if c.Layout == "set" {
		x.Size = []int{-1, c.Dimensions}
		y.Kind, y.Size = task.Vector, []int{-1}
	}
	return task.Description{
		Fields: []task.Field{x, y},
		Splits: []task.Split{{Name: "train"}, {Name: "validation"}, {Name: "test"}},
		Origin: "generated; " + families[c.Family].source,
	}
}

// sample draws a function and its points. The same seed and index give different functions in
// different splits.
func (c config) sample(seed uint64, split string, index int64) (task.Episode, error) {
	rng := newRand(seed, split, index)
	f := families[c.Family].draw(rng, c.Dimensions)
	support, query := c.points(rng, f, c.Shots), c.points(rng, f, c.Queries)
	if c.Layout == "set" {
		return task.Episode{
			Support: []task.Record{record(0, support...)},
			Query:   []task.Record{record(1, query...)},
		}, nil
	}
	return task.Episode{Support: records(0, support), Query: records(c.Shots, query)}, nil
}

// point is where a function was seen, and what.
type point struct {
	x []float64
	y float64
}

func (c config) points(rng *rand.Rand, f function, n int) []point {
	points := make([]point, n)
	for i := range points {
		x := f.point(rng)
		points[i] = point{x, f.at(x)}
		if c.Noise > 0 {
			points[i].y += float64(c.Noise * rng.NormFloat64())
		}
	}
	return points
}

// record is points as one example.
func record(id int, points ...point) task.Record {
	var x, y []float64
	for _, p := range points {
		x, y = append(x, p.x...), append(y, p.y)
	}
	return task.Record{ID: int64(id), Cells: []task.Cell{{Floats: x}, {Floats: y}}}
}

// records is every point as an example of its own.
func records(firstID int, points []point) []task.Record {
	all := make([]task.Record, len(points))
	for i, p := range points {
		all[i] = record(firstID+i, p)
	}
	return all
}

// newRand is a source of random numbers that follows from its arguments alone.
func newRand(seed uint64, split string, index int64) *rand.Rand {
	buf := binary.LittleEndian.AppendUint64(nil, seed)
	buf = binary.LittleEndian.AppendUint64(buf, uint64(index))
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(buf, split...))))
}
