package train_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/link"
	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train"
	"quickstudy/framework/train/program"
)

type array struct {
	Shape []int
	Data  []float64
}

type arrays map[string]array

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

// fixture is a run as tools/fixtures/README.md describes it.
type fixture struct {
	Backbone architecture
	Zero     []string `json:"zero_gradient"`
	Tasks    []struct {
		Name       string
		Objectives []objective
	}
	Inner      *optimizer
	Outer      optimizer
	Steps      int
	DataPeriod int `json:"data_period"`
	Data       []map[string][]struct{ Support, Query arrays }
	Losses     []float64
	Initial    arrays
	After      map[string]arrays `json:"parameters_after"`
}

func load(t *testing.T, name string) fixture {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "fixtures", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var f fixture
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// perStep is how many draws of each task make a step. Where tasks have different
// numbers of episodes, all of them are drawn equally often.
func (f fixture) perStep() int {
	n := 1
	for _, t := range f.Tasks {
		k := len(f.Data[0][t.Name])
		for m := n; n%k != 0; {
			n += m
		}
	}
	return n
}

// tasks serve the fixture's data.
func (f fixture) tasks() []program.Task {
	var tasks []program.Task
	per := int64(f.perStep())
	for _, t := range f.Tasks {
		var objectives []link.Objective
		for _, o := range t.Objectives {
			objectives = append(objectives, o.link())
		}
		tasks = append(tasks, program.Task{
			Name: t.Name, Objectives: objectives,
			Draw: func(split string, index int64) (sampling.Draw, error) {
				return sampling.Draw{Split: split, Index: index}, nil
			},
			Encode: func(d sampling.Draw) (*sampling.Episode, error) {
				drawn := f.Data[(d.Index/per)%int64(f.DataPeriod)][t.Name]
				e := drawn[d.Index%int64(len(drawn))]
				return &sampling.Episode{Draw: d, Support: e.Support.batch(), Query: e.Query.batch()}, nil
			},
		})
	}
	return tasks
}

// learner returns the learner that made the fixture.
func (f fixture) learner() (program.Learner, *optim.Config) {
	outer := f.Outer.config()
	switch {
	case f.Outer.Optimizer == "interpolation":
		return reptile(*f.Inner, f.Outer.LearningRate), nil
	case f.Inner != nil:
		return maml(*f.Inner), &outer
	}
	return joint(), &outer
}

// TestAgainstPyTorch trains as PyTorch did and compares losses and parameters.
func TestAgainstPyTorch(t *testing.T) {
	for _, p := range precisions {
		for _, name := range []string{"maml", "fomaml", "mtl", "maml_two_tasks", "reptile_sgd",
			"reptile_adam"} {
			t.Run(name+"/"+p.name, func(t *testing.T) {
				replay(t, load(t, name), p.precision, p.tolerance)
			})
		}
	}
}

func replay(t *testing.T, f fixture, precision reference.Precision, tolerance float64) {
	learner, outer := f.learner()
	model := newModel(t, program.Config{
		Transformer: f.Backbone.transformer(t), Tasks: f.tasks(), Learner: learner, Optimizer: outer,
		Episodes: f.perStep() * len(f.Tasks), Precision: precision,
	})
	initial := map[string][]float64{}
	for address, a := range f.Initial {
		initial[address] = a.Data
	}
	var loop *train.Loop
	loop, err := train.New(train.Config{
		Model: model, Seed: 1, Steps: f.Steps, Workers: 2, Initial: initial,
		Plan: sampling.Plan{PerStep: f.perStep(), Sizes: make([]int, len(f.Tasks))},
		Rate: schema.Constant(f.Outer.LearningRate),
		Progress: func(p train.Progress) {
			got, want := p.Values["loss"], f.Losses[p.Step-1]
			if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
				t.Errorf("step %d: loss %v, want %v", p.Step, got, want)
			}
			if after, ok := f.After[fmt.Sprint(p.Step)]; ok {
				compare(t, f, p.Step, loop.State(), after, tolerance)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := loop.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if loop.Step() != f.Steps {
		t.Errorf("%d steps done, want %d", loop.Step(), f.Steps)
	}
}

// compare demands ‖ours − theirs‖ ≤ tolerance · max(‖theirs‖, 10⁻³√n) of every leaf.
func compare(t *testing.T, f fixture, step int, state program.Values, after arrays,
	tolerance float64) {
	t.Helper()
	if len(state) != len(after) {
		t.Errorf("after step %d: %d leaves, want %d", step, len(state), len(after))
	}
	for address, want := range after {
		got, err := program.Floats(state["state/"+address])
		if err != nil {
			t.Fatal(err)
		}
		n := math.Sqrt(float64(len(want.Data)))
		bound := tolerance * math.Max(norm(want.Data), 1e-3*n)
		if slices.Contains(f.Zero, address) {
			// The true gradient is zero, and Adam scales its rounding noise up to the
			// full rate: bounded by steps times rate.
			bound = 2 * float64(step) * f.Outer.LearningRate * n
		}
		if d := distance(got, want.Data); !(d <= bound) {
			t.Errorf("after step %d: %s is %.3g away, want at most %.3g", step, address, d, bound)
		}
	}
}

func norm(x []float64) float64 { return distance(x, make([]float64, len(x))) }

func distance(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += (x[i] - y[i]) * (x[i] - y[i])
	}
	return math.Sqrt(sum)
}
