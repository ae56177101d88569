package bench

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"quickstudy/framework/exec"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/train/program"
)

// MostCostly is how many of the most expensive clusters are told.
const MostCostly = 10

// Cost is what the parts of a step's programs take that have the same name.
type Cost struct {
	Unit    string  `json:"unit"`    // its operations, and where the last was written
	Times   int     `json:"times"`   // that it runs in a step
	Seconds float64 `json:"seconds"` // of all of them, on one processor
	Share   float64 `json:"share"`   // of the time of all parts
	FLOPs   int64   `json:"flops"`   // of all of them
	Bytes   int64   `json:"bytes"`   // that they read and write
	Floor   float64 `json:"floor_s"` // the time below which they cannot be: see floors
}

// costs runs the programs of the first step part by part, on one worker, and returns the
// parts that take longest.
func (r *run) costs(ctx context.Context) ([]Cost, error) {
	model := r.trial.Model()
	plan := r.trial.Training(model).Plan
	picks, err := plan.Step(0)
	if err != nil {
		return nil, err
	}
	parts := map[string]*Cost{}
	for _, pick := range picks {
		elements, err := r.elements(pick)
		if err != nil {
			return nil, err
		}
		for _, e := range elements {
			programs, err := r.mapped(ctx, e)
			if err != nil {
				return nil, err
			}
			for _, p := range programs {
				if err := profile(parts, p, e.Values); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, p := range r.whole() {
		if err := profile(parts, p, nil); err != nil {
			return nil, err
		}
	}
	return mostExpensive(parts), nil
}

// floors fills in how long one processor takes for the arithmetic of matrix products at its
// peak or, if that is longer, for reading and writing each value once at the bandwidth of
// memory. What is in a cache is read faster, so a part without products may be below its floor.
func (m *Measurement) floors() error {
	flops, err := peakFLOPs(1)
	if err != nil {
		return err
	}
	m.BandwidthGB = bandwidth() / 1e9
	for i := range m.Costs {
		c := &m.Costs[i]
		c.Floor = max(float64(c.FLOPs)/flops, float64(c.Bytes)/1e9/m.BandwidthGB)
	}
	return nil
}

// mostExpensive orders parts by their time and fills in their shares.
func mostExpensive(parts map[string]*Cost) []Cost {
	var all []Cost
	total := 0.0
	for _, c := range parts {
		all = append(all, *c)
		total += c.Seconds
	}
	for i := range all {
		all[i].Share = all[i].Seconds / total
	}
	slices.SortFunc(all, func(x, y Cost) int {
		return cmp.Or(-cmp.Compare(x.Seconds, y.Seconds), strings.Compare(x.Unit, y.Unit))
	})
	return all[:min(len(all), MostCostly)]
}

// profile runs a program on values, and on numbers that are all 0.1 where it asks for more:
// the time of an operation does not depend on its numbers. The first run, which makes the
// memory, does not count.
func profile(parts map[string]*Cost, p *program.Program, values program.Values) error {
	more := program.Values{}
	for _, v := range p.Params() {
		if values[v.Name] == nil {
			numbers := make([]float64, v.Shape.Size())
			if v.DType == graph.Float32 {
				for i := range numbers {
					numbers[i] = 0.1
				}
			}
			more[v.Name] = program.Dense(v, numbers, reference.Single)
		}
	}
	costs := p.Costs()
	if err := p.Profile(slices.Clone(costs), values, more); err != nil {
		return err
	}
	if err := p.Profile(costs, values, more); err != nil {
		return err
	}
	for _, c := range costs {
		add(parts, c)
	}
	return nil
}

func add(parts map[string]*Cost, c exec.Cost) {
	sum := parts[c.Unit]
	if sum == nil {
		sum = &Cost{Unit: c.Unit}
		parts[c.Unit] = sum
	}
	sum.Times++
	sum.Seconds += c.Time.Seconds()
	sum.FLOPs += c.Flops
	sum.Bytes += c.Bytes
}
