// Package train_test holds the checks of whole meta-training runs against
// PyTorch (tools/fixtures), traced in this process.
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

	"gorgonia.org/tensor"

	"quickstudy/backbone"
	"quickstudy/framework/exec"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/link"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
)

type array struct {
	Shape []int
	Data  []float64
}

type tree map[string]array

type objective struct {
	Name, Kind string
	Size       int
	Weight     float64
}

type architecture struct {
	Layers, Width, Heads, MLP, Vocabulary, Features int
	MaxLength                                       int `json:"max_length"`
	Activation, Positions, Pooling                  string
}

type optimizer struct {
	Optimizer             string
	LearningRate          float64 `json:"learning_rate"`
	Steps                 int
	SecondOrder           bool `json:"second_order"`
	Beta1, Beta2, Epsilon float64
}

// fixture is a run as tools/fixtures/README.md describes it.
type fixture struct {
	Backbone architecture
	Zero     []string `json:"zero_gradient"`
	Tasks    []struct {
		Name       string
		Weight     float64
		Objectives []objective
	}
	Inner      *optimizer
	Outer      optimizer
	Steps      int
	DataPeriod int `json:"data_period"`
	Data       []map[string][]struct{ Support, Query tree }
	Losses     []float64
	Initial    tree
	After      map[string]tree `json:"parameters_after"`
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

// values types a tree's arrays, in the order of their names.
func (t tree) values() []graph.Value {
	var out []graph.Value
	for _, name := range slices.Sorted(maps.Keys(t)) {
		dtype := graph.Float32
		if name == "input/tokens" || strings.HasSuffix(name, "/class") {
			dtype = graph.Int32
		}
		out = append(out, graph.Value{Name: name, DType: dtype, Shape: t[name].Shape})
	}
	return out
}

// classify is a linear softmax head on the pooled representation.
func classify(t *head.Tracer) head.Outputs {
	labels := t.Labels()
	logits := project(t, labels.Classes)
	return head.Outputs{
		Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask),
		Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(logits)}},
	}
}

// regress is a linear head on the pooled representation with a squared error.
func regress(t *head.Tracer) head.Outputs {
	y := graph.Reshape(project(t, 1), -1)
	e := graph.Sub(y, t.Values().Values)
	return head.Outputs{Loss: graph.Mul(e, e), Predictions: []head.Prediction{{Name: "value", Node: y}}}
}

func project(t *head.Tracer, outputs int) *graph.Node {
	w := t.Param("w", graph.Shape{t.Width(), outputs}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	b := t.Param("b", graph.Shape{outputs}, nn.Init{})
	return nn.Linear(t.Encode(head.Input).Pooled, w, b)
}

// task describes one of the fixture's tasks for the linker.
func task(t testing.TB, f fixture, objectives []objective, support, query []graph.Value) *link.Task {
	t.Helper()
	a := f.Backbone
	transformer, err := backbone.New(backbone.Config{
		Kind: "encoder", Layers: a.Layers, Width: a.Width, Heads: a.Heads, MLP: a.MLP,
		Activation: a.Activation, Positions: a.Positions, Pooling: a.Pooling,
		Tokens: &backbone.Tokens{Vocabulary: a.Vocabulary, MaxLength: a.MaxLength},
	})
	if err != nil {
		t.Fatal(err)
	}
	var linked []link.Objective
	for _, o := range objectives {
		trace, target := classify, head.Target{Kind: head.ClassTarget, Classes: o.Size}
		if o.Kind == "regression" {
			trace, target = regress, head.Target{Kind: head.ValueTarget}
		}
		linked = append(linked, link.Objective{Name: o.Name, Head: o.Name, Weight: o.Weight, Target: target,
			Trace: func(spec head.Spec) (*head.Traced, error) { return head.Trace(o.Kind, trace, spec) }})
	}
	var side *link.Side
	if len(support) > 0 {
		side = &link.Side{Values: support}
	}
	out, err := link.NewTask(transformer, linked, side, &link.Side{Values: query})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// compile compiles a linked function.
func compile(t testing.TB, f *graph.Func, err error, precision exec.Precision) traced {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	p, err := exec.Compile(f, precision)
	if err != nil {
		t.Fatal(err)
	}
	return traced{f, p}
}

// traced is a function and its executable form.
type traced struct {
	f *graph.Func
	p *exec.Program
}

// dense makes an argument of a parameter's type.
func dense(v graph.Value, data []float64, precision exec.Precision) *tensor.Dense {
	shape := tensor.WithShape(v.Shape...)
	switch {
	case v.DType == graph.Int32:
		ints := make([]int32, len(data))
		for i, x := range data {
			ints[i] = int32(x)
		}
		return tensor.New(shape, tensor.WithBacking(ints))
	case v.DType == graph.Bool:
		bools := make([]bool, len(data))
		for i, x := range data {
			bools[i] = x != 0
		}
		return tensor.New(shape, tensor.WithBacking(bools))
	case precision == exec.Double:
		return tensor.New(shape, tensor.WithBacking(slices.Clone(data)))
	}
	floats := make([]float32, len(data))
	for i, x := range data {
		floats[i] = float32(x)
	}
	return tensor.New(shape, tensor.WithBacking(floats))
}

func floats(d *tensor.Dense) []float64 {
	switch data := d.Data().(type) {
	case []float64:
		return slices.Clone(data)
	case []float32:
		out := make([]float64, len(data))
		for i, x := range data {
			out[i] = float64(x)
		}
		return out
	case float32:
		return []float64{float64(data)}
	case float64:
		return []float64{data}
	}
	panic(fmt.Sprintf("result has type %T", d.Data()))
}

// run executes a program on named arguments and returns its results by name.
func run(t *testing.T, p *exec.Program, f *graph.Func, named map[string][]float64, precision exec.Precision) map[string][]float64 {
	t.Helper()
	sig := f.Signature()
	args := make([]*tensor.Dense, len(sig.Params))
	for i, v := range sig.Params {
		data, ok := named[v.Name]
		if !ok {
			t.Fatalf("no argument %q", v.Name)
		}
		args[i] = dense(v, data, precision)
	}
	out, err := p.Run(args)
	if err != nil {
		t.Fatal(err)
	}
	results := map[string][]float64{}
	for i, v := range sig.Results {
		results[v.Name] = floats(out[i])
	}
	return results
}

// gradientSteps is the inner loop of MAML (Finn et al. 2017, Algorithm 2).
func gradientSteps(inner *optimizer) meta.Adaptation[meta.Params] {
	return meta.Steps(inner.Steps, func(m *meta.Model, theta meta.Params, support meta.Batch, _ *graph.Node) meta.Params {
		g := m.Grad(m.Loss(theta, support), theta)
		if !inner.SecondOrder {
			g = g.Stop()
		}
		return theta.Sub(g.Scale(inner.LearningRate))
	})
}

func TestAgainstPyTorch(t *testing.T) {
	for _, p := range []struct {
		precision exec.Precision
		name      string
		tolerance float64
	}{{exec.Double, "double", 1e-9}, {exec.Single, "single", 1e-4}} {
		for _, name := range []string{"maml", "fomaml", "mtl", "maml_two_tasks"} {
			t.Run(name+"/"+p.name, func(t *testing.T) {
				f := load(t, name)
				learner := meta.Learner[meta.Params, meta.GradLoss]{Name: name}
				if f.Inner != nil {
					learner.Adapt = gradientSteps(f.Inner)
				}
				replay(t, f, learner, p.precision, p.tolerance)
			})
		}
		for _, name := range []string{"reptile_sgd", "reptile_adam"} {
			t.Run(name+"/"+p.name, func(t *testing.T) {
				f := load(t, name)
				replay(t, f, reptile(f), p.precision, p.tolerance)
			})
		}
	}
}

// interpolation is what an episode of Reptile (Nichol et al. 2018, Algorithm 1)
// contributes; the loss is only looked at.
type interpolation struct {
	Delta meta.Params `reduce:"mean"`
	Loss  *graph.Node `reduce:"mean"`
}

// moving is parameters with the slots of an inner optimizer; SGD has none.
type moving struct{ Theta, Mean, Variance meta.Params }

// reptile adapts by the fixture's inner optimizer, with fresh slots, and moves
// towards the mean of the adapted parameters.
func reptile(f fixture) meta.Learner[meta.Params, interpolation] {
	inner := optim.Config{Kind: f.Inner.Optimizer, Beta1: f.Inner.Beta1, Beta2: f.Inner.Beta2, Epsilon: f.Inner.Epsilon}
	start := func(_ *meta.Model, theta meta.Params) moving {
		a := moving{Theta: theta}
		if len(inner.Slots()) > 0 {
			a.Mean, a.Variance = theta.Zeros(), theta.Zeros()
		}
		return a
	}
	adapt := meta.StepsFrom(f.Inner.Steps, start, func(m *meta.Model, a moving, support meta.Batch, k *graph.Node) moving {
		rate := graph.Scalar(graph.Float32, f.Inner.LearningRate)
		step := graph.Convert(graph.Add(k, graph.Scalar(graph.Int32, 1)), graph.Float32)
		slots := []meta.Params{a.Mean, a.Variance}[:len(inner.Slots())]
		a.Theta, slots = a.Theta.Descend(inner, m.Grad(m.Loss(a.Theta, support), a.Theta), slots, rate, step)
		if len(slots) > 0 {
			a.Mean, a.Variance = slots[0], slots[1]
		}
		return a
	})
	return meta.Learner[meta.Params, interpolation]{
		Name: "reptile", Adapt: adapt,
		Episode: func(m *meta.Model, theta meta.Params, ep meta.Episode) interpolation {
			adapted := adapt.Run(m, theta, ep.Support)
			return interpolation{Delta: adapted.Sub(theta), Loss: m.Loss(adapted, ep.Query)}
		},
		Update: func(_ *meta.Model, theta meta.Params, c interpolation) meta.Params {
			return theta.Add(c.Delta.Scale(f.Outer.LearningRate))
		},
	}
}

// replay trains as the fixture did and compares losses and parameters.
func replay[C any](t *testing.T, f fixture, learner meta.Learner[meta.Params, C], precision exec.Precision, tolerance float64) {
	leaves := f.Initial.values()
	var outer *optim.Config
	var slots []string
	if f.Outer.Optimizer != "interpolation" {
		outer = &optim.Config{Kind: f.Outer.Optimizer, Beta1: f.Outer.Beta1, Beta2: f.Outer.Beta2, Epsilon: f.Outer.Epsilon}
		slots = outer.Slots()
	}
	means := map[string]bool{}
	episodes := map[string]traced{}
	for _, tk := range f.Tasks {
		first := f.Data[0][tk.Name][0]
		linked := task(t, f, tk.Objectives, first.Support.values(), first.Query.values())
		g, reduced, err := meta.TraceEpisode(learner, linked.Spec(nil, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reduced {
			means[r.Name] = r.Reduction == meta.Mean
		}
		g, err = linked.Episode(&meta.Programs{Episode: g})
		episodes[tk.Name] = compile(t, g, err, precision)
	}
	first := f.Data[0][f.Tasks[0].Name][0]
	spec := meta.Spec{Leaves: leaves, Support: first.Support.values(), Query: first.Query.values(), Optimizer: outer}
	g, err := meta.TraceUpdate(learner, spec)
	if err == nil {
		g, err = link.Update(&meta.Programs{Update: g})
	}
	update := compile(t, g, err, precision)
	state := map[string][]float64{} // the update program's arguments
	for _, v := range leaves {
		state["state/"+v.Name] = f.Initial[v.Name].Data
		state["present/"+v.Name] = []float64{1}
		for _, slot := range slots {
			state["slot/"+slot+"/"+v.Name] = make([]float64, v.Shape.Size())
		}
	}
	for step := range f.Steps {
		sums := map[string][]float64{}
		for _, task := range f.Tasks {
			drawn := f.Data[step%f.DataPeriod][task.Name]
			for _, episode := range drawn {
				args := maps.Clone(state)
				args["weight"] = []float64{task.Weight / float64(len(drawn))}
				args["key"] = []float64{0, 0}
				for name, a := range episode.Support {
					args["support/"+name] = a.Data
				}
				for name, a := range episode.Query {
					args["query/"+name] = a.Data
				}
				program := episodes[task.Name]
				for name, data := range run(t, program.p, program.f, args, precision) {
					if sums[name] == nil {
						sums[name] = make([]float64, len(data))
					}
					for i, x := range data {
						if means[name] {
							x /= float64(len(drawn))
						}
						sums[name][i] += x
					}
				}
			}
		}
		if got, want := sums["contribution/loss"][0], f.Losses[step]; math.Abs(got-want) > tolerance*math.Abs(want) {
			t.Fatalf("step %d: loss %v, want %v", step, got, want)
		}
		maps.Copy(state, sums)
		state["rate"], state["step"] = []float64{f.Outer.LearningRate}, []float64{float64(step + 1)}
		maps.Copy(state, run(t, update.p, update.f, state, precision))
		for address, want := range f.After[fmt.Sprint(step+1)] {
			bound := tolerance * math.Max(norm(want.Data), 1e-3*math.Sqrt(float64(len(want.Data))))
			if slices.Contains(f.Zero, address) {
				// The true gradient is zero, and Adam scales its rounding noise up
				// to the full rate: bounded by steps times rate.
				bound = 2 * float64(step+1) * f.Outer.LearningRate * math.Sqrt(float64(len(want.Data)))
			}
			if d := distance(state["state/"+address], want.Data); d > bound {
				t.Errorf("after step %d: %s is %.3g away, want at most %.3g", step+1, address, d, bound)
			}
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
