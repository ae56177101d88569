// Package traintest replays whole training runs that PyTorch made, and compares every loss and the
// parameters after some of the steps. Heads and learner are the caller's: in this process, or
// plugins. The files are described in tools/fixtures/README.md.
package traintest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/head"
	"quickstudy/framework/link"
	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train"
	"quickstudy/framework/train/program"
)

// Precisions are those that runs are compared with PyTorch in. Tolerance is normwise, per leaf.
var Precisions = []struct {
	Name      string
	Precision reference.Precision
	Tolerance float64
}{{"double", reference.Double, 1e-9}, {"single", reference.Single, 1e-4}}

// Parts are what a run is replayed with.
type Parts struct {
	Learner func(r *Run) program.Learner
	Trace   func(o Objective) func(spec head.Spec) (*head.Traced, error)
}

// Architecture is a backbone as the fixtures describe it.
type Architecture struct {
	Layers, Width, Heads, MLP, Vocabulary int
	MaxLength                             int `json:"max_length"`
	Activation, Positions, Pooling        string
}

// Objective is what is predicted: classes of a number, or for "regression" a value.
type Objective struct {
	Name, Kind string
	Size       int
	Weight     float64
}

// Optimizer is an inner or outer one. SecondOrder is of the derivative through inner steps.
type Optimizer struct {
	Optimizer             string
	LearningRate          float64 `json:"learning_rate"`
	Steps                 int
	SecondOrder           bool `json:"second_order"`
	Beta1, Beta2, Epsilon float64
}

// Config is the optimizer without its rate.
func (o Optimizer) Config() optim.Config {
	return optim.Config{Kind: o.Optimizer, Beta1: o.Beta1, Beta2: o.Beta2, Epsilon: o.Epsilon}
}

type array struct {
	Shape []int
	Data  []float64
}

type arrays map[string]array

// Work is a task of a run.
type Work struct {
	Name       string
	Objectives []Objective
}

// Run is one training run.
type Run struct {
	Backbone   Architecture
	Zero       []string `json:"zero_gradient"`
	Tasks      []Work
	Inner      *Optimizer // nil: nothing adapts
	Outer      Optimizer
	Steps      int
	DataPeriod int `json:"data_period"`
	Data       []map[string][]struct{ Support, Query arrays }
	Losses     []float64
	Initial    arrays
	After      map[string]arrays `json:"parameters_after"`
}

// Load reads a run from a file.
func Load(t *testing.T, path string) *Run {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := &Run{}
	if err := json.Unmarshal(data, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// batch makes a batch as sampling encodes it; nil for none.
func (a arrays) batch() *sampling.Batch {
	if len(a) == 0 {
		return nil
	}
	b := &sampling.Batch{Rows: a["input/mask"].Shape[0]}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		from := a[name]
		to := sampling.Array{Name: name, Shape: from.Shape, PerExample: len(from.Shape) > 0 &&
			!strings.HasSuffix(name, "/class_mask")}
		if name == "input/tokens" || strings.HasSuffix(name, "/class") {
			for _, x := range from.Data {
				to.Ints = append(to.Ints, int32(x))
			}
		} else {
			to.Floats = from.Data
		}
		b.Arrays = append(b.Arrays, to)
	}
	return b
}

// perStep is how many draws of each task make a step. Where tasks have different
// numbers of episodes, all of them are drawn equally often.
func (r *Run) perStep() int {
	n := 1
	for _, t := range r.Tasks {
		k := len(r.Data[0][t.Name])
		for m := n; n%k != 0; {
			n += m
		}
	}
	return n
}

// tasks serve the run's data.
func (r *Run) tasks(parts Parts) []program.Task {
	var tasks []program.Task
	per := int64(r.perStep())
	for _, t := range r.Tasks {
		var objectives []link.Objective
		for _, o := range t.Objectives {
			target := head.Target{Kind: head.ClassTarget, Classes: o.Size}
			if o.Kind == "regression" {
				target = head.Target{Kind: head.ValueTarget}
			}
			objectives = append(objectives, link.Objective{Name: o.Name, Head: o.Name,
				Weight: o.Weight, Target: target, Trace: parts.Trace(o)})
		}
		tasks = append(tasks, program.Task{
			Name: t.Name, Objectives: objectives,
			Draw: func(split string, index int64) (sampling.Draw, error) {
				return sampling.Draw{Split: split, Index: index}, nil
			},
			Encode: func(d sampling.Draw) (*sampling.Episode, error) {
				drawn := r.Data[(d.Index/per)%int64(r.DataPeriod)][t.Name]
				e := drawn[d.Index%int64(len(drawn))]
				return &sampling.Episode{Draw: d, Support: e.Support.batch(), Query: e.Query.batch()}, nil
			},
		})
	}
	return tasks
}

// Replay trains as PyTorch did and compares losses and parameters.
func Replay(t *testing.T, r *Run, parts Parts, precision reference.Precision, tolerance float64) {
	t.Helper()
	transformer, err := backbone.New(backbone.Config{
		Kind: "encoder", Layers: r.Backbone.Layers, Width: r.Backbone.Width, Heads: r.Backbone.Heads,
		MLP: r.Backbone.MLP, Activation: r.Backbone.Activation, Positions: r.Backbone.Positions,
		Pooling: r.Backbone.Pooling, Tokens: &backbone.Tokens{Vocabulary: r.Backbone.Vocabulary,
			MaxLength: r.Backbone.MaxLength},
	})
	if err != nil {
		t.Fatal(err)
	}
	config := program.Config{Transformer: transformer, Tasks: r.tasks(parts),
		Learner: parts.Learner(r), Episodes: r.perStep() * len(r.Tasks), Precision: precision}
	if r.Outer.Optimizer != "interpolation" { // that is Reptile's own
		outer := r.Outer.Config()
		config.Optimizer = &outer
	}
	model, err := program.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	initial := map[string][]float64{}
	for address, a := range r.Initial {
		initial[address] = a.Data
	}
	var loop *train.Loop
	loop, err = train.New(train.Config{
		Model: model, Seed: 1, Steps: r.Steps, Workers: 2, Initial: initial,
		Plan: sampling.Plan{PerStep: r.perStep(), Sizes: make([]int, len(r.Tasks))},
		Rate: schema.Constant(r.Outer.LearningRate),
		Progress: func(p train.Progress) {
			got, want := p.Values["loss"], r.Losses[p.Step-1]
			if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
				t.Errorf("step %d: loss %v, want %v", p.Step, got, want)
			}
			if after, ok := r.After[fmt.Sprint(p.Step)]; ok {
				r.compare(t, p.Step, model, loop.State(), after, tolerance)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if loop.Step() != r.Steps {
		t.Errorf("%d steps done, want %d", loop.Step(), r.Steps)
	}
}

// compare demands ‖ours − theirs‖ ≤ tolerance · max(‖theirs‖, 10⁻³√n) of every leaf.
func (r *Run) compare(t *testing.T, step int, model *program.Model, state program.Values,
	after arrays, tolerance float64) {
	t.Helper()
	if n := len(model.Leaves()); n != len(after) {
		t.Errorf("after step %d: %d leaves, want %d", step, n, len(after))
	}
	for address, want := range after {
		got, err := program.Floats(state[model.LeafState(address)])
		if err != nil {
			t.Fatal(err)
		}
		n := math.Sqrt(float64(len(want.Data)))
		bound := tolerance * math.Max(norm(want.Data), 1e-3*n)
		if slices.Contains(r.Zero, address) {
			// The true gradient is zero, and Adam scales its rounding noise up to the
			// full rate: bounded by steps times rate.
			bound = 2 * float64(step) * r.Outer.LearningRate * n
		}
		if d := distance(got, want.Data); !(d <= bound) {
			t.Errorf("after step %d: %s is %.3g away, want at most %.3g", step, address, d, bound)
		}
	}
}

func norm(x []float64) float64 { return distance(x, make([]float64, len(x))) }

// distance is ‖x − y‖.
func distance(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += (x[i] - y[i]) * (x[i] - y[i])
	}
	return math.Sqrt(sum)
}
