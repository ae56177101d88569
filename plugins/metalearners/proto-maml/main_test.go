package main

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/meta/metatest"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/passes"
	"quickstudy/framework/train/traintest"
)

const (
	examples, inputs, features, classes = 7, 3, 2, 4
	tolerance                           = 1e-9
)

func value(name string, dtype graph.DType, shape ...int) graph.Value {
	return graph.Value{Name: name, DType: dtype, Shape: shape}
}

var (
	side = []graph.Value{value("x", graph.Float32, examples, inputs),
		value("class", graph.Int32, examples)}
	spec = meta.Spec{
		Leaves: []graph.Value{value("backbone/w", graph.Float32, inputs, features),
			value("heads/h/w", graph.Float32, features, classes),
			value("heads/h/b", graph.Float32, classes)},
		Support: side, Query: side, Episodes: 1, Tasks: 1, TotalWeight: 1,
		Objectives: []meta.Objective{{Name: "h", Weight: 1}},
		Optimizer:  &optim.Config{Kind: "sgd"},
	}
)

// body is the loss of a linear softmax on tanh(x w), the mean over examples.
func body(args []*graph.Node) ([]*graph.Node, error) {
	logits := nn.Linear(graph.Tanh(graph.Dot(args[3], args[0])), args[1], args[2])
	loss := graph.Sum(nn.CrossEntropy(logits, args[4], nil))
	loss = graph.Mul(loss, graph.ConstLike(loss, 1./examples))
	return []*graph.Node{loss, graph.Reshape(loss, 1)}, nil
}

var bodies = map[string]passes.Body{meta.LossName("support"): body, meta.LossName("query"): body}

// episode returns the arguments of one: two examples of class 0, three of 1, two of 2, and
// none of 3.
func episode() exectest.Values {
	r := rand.New(rand.NewPCG(1, 2))
	args := exectest.Values{"key": {1, 2}, "weight": {1},
		"support/class": {0, 1, 1, 2, 0, 2, 1}, "query/class": {0, 1, 2, 2, 1, 0, 1}}
	for _, v := range []graph.Value{value("support/x", graph.Float32, examples, inputs),
		value("query/x", graph.Float32, examples, inputs),
		value("state/backbone/w", graph.Float32, inputs, features),
		value("state/heads/h/w", graph.Float32, features, classes),
		value("state/heads/h/b", graph.Float32, classes)} {
		data := make([]float64, v.Shape.Size())
		for i := range data {
			data[i] = r.NormFloat64()
		}
		args[v.Name] = data
	}
	return args
}

func run(t *testing.T, f *graph.Func, args exectest.Values) exectest.Values {
	t.Helper()
	linked, err := passes.Run(f, bodies, passes.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return exectest.Compile(t, linked, reference.Double).Run(t, args)
}

func programs(t *testing.T, change func(c *config)) *meta.Programs {
	t.Helper()
	c := protoMAML.New().(*config)
	if change != nil {
		change(c)
	}
	traced, err := meta.Trace(c.learner(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return traced
}

// features of the backbone.
func feature(w, x []float64) []float64 {
	out := make([]float64, features)
	for k := range out {
		for i := range inputs {
			out[k] += x[i] * w[i*features+k]
		}
		out[k] = math.Tanh(out[k])
	}
	return out
}

// TestPrototypes: the loop starts from 2 c and −‖c‖², and a class without support from 0.
func TestPrototypes(t *testing.T) {
	args := episode()
	got := run(t, programs(t, nil).Adapt.Start, args)
	w, b := make([]float64, features*classes), make([]float64, classes)
	for class := range classes - 1 {
		mean, n := make([]float64, features), 0.0
		for i, of := range args["support/class"] {
			if int(of) == class {
				n++
				for k, x := range feature(args["state/backbone/w"],
					args["support/x"][i*inputs:(i+1)*inputs]) {
					mean[k] += x
				}
			}
		}
		for k := range mean {
			w[k*classes+class] = 2 * mean[k] / n
			b[class] -= mean[k] / n * mean[k] / n
		}
	}
	exectest.Near(t, "W", got["fast/theta/heads/h/w"], w, tolerance)
	exectest.Near(t, "b", got["fast/theta/heads/h/b"], b, tolerance)
	exectest.Near(t, "backbone", got["fast/theta/backbone/w"], args["state/backbone/w"], 0)
}

// TestGradient: through steps and prototypes, by central differences; the head's own values
// do not matter.
func TestGradient(t *testing.T) {
	for steps := 1; steps <= 3; steps++ {
		p := programs(t, func(c *config) { c.InnerSteps, c.InnerLR.From = steps, 0.1 })
		args := episode()
		at := run(t, p.Episode, args)
		const h = 1e-5
		for i := range args["state/backbone/w"] {
			var ends [2]float64
			for k, sign := range []float64{1, -1} {
				moved := episode()
				moved["state/backbone/w"][i] += sign * h
				moved["state/heads/h/w"][0] = 100
				ends[k] = run(t, p.Episode, moved)["contribution/loss"][0]
			}
			got, want := at["contribution/grad/backbone/w"][i], (ends[0]-ends[1])/(2*h)
			if math.Abs(got-want) > 1e-7 {
				t.Errorf("%d steps, element %d: gradient %v, want %v", steps, i, got, want)
			}
		}
		exectest.Near(t, "gradient of the head", at["contribution/grad/heads/h/w"],
			make([]float64, features*classes), 0)
	}
}

func TestConformance(t *testing.T) {
	second := metatest.Claims{Gradient: "grad", Loss: "loss", NeedsSupport: true, Softmax: true}
	metatest.Run(t, protoMAML, func(c *config) { c.InnerSteps = 2 }, second)
	metatest.Run(t, protoMAML, func(c *config) {
		c.InnerSteps, c.InnerOptimizer = 3, "adam"
	}, second)
	metatest.Run(t, protoMAML, func(c *config) { c.FirstOrder = true },
		metatest.Claims{NeedsSupport: true, Softmax: true})
}

func TestRefuses(t *testing.T) {
	batch := spec
	batch.Support = nil
	scalar := spec
	scalar.Leaves = []graph.Value{spec.Leaves[0], value("heads/h/w", graph.Float32, features, 1),
		value("heads/h/b", graph.Float32, 1)}
	for want, tt := range map[string]struct {
		spec   meta.Spec
		change func(c *config)
	}{
		"ordinary batches without support": {batch, nil},
		"matches 0 leaves":                 {spec, func(c *config) { c.Weight = "heads/*/weight" }},
		"inner_steps is 0":                 {spec, func(c *config) { c.InnerSteps = 0 }},
		"at least two classes":             {scalar, nil},
		`adapt = ["backbone/**"] leaves out heads/h/w`: {spec, func(c *config) {
			c.Adapt = []string{"backbone/**"}
		}},
	} {
		c := protoMAML.New().(*config)
		if tt.change != nil {
			tt.change(c)
		}
		_, err := meta.Trace(c.learner(), tt.spec)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestSameBits: workers and interruptions change nothing.
func TestSameBits(t *testing.T) {
	traintest.SameBits(t, protoMAML, func(c *config) { c.InnerSteps = 2 }, "first")
}
