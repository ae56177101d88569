package metatest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/passes"
)

// Sizes of the toy model.
const (
	features, width, outputs = 3, 4, 2
	shots, queries           = 3, 4
	trainSteps               = 10
)

// names of the tasks; each has a head of its own.
var names = []string{"a", "b"}

// objectives of every task: one output each.
var objectives = []meta.Objective{{Name: "first", Weight: 1}, {Name: "second", Weight: 0.5}}

// toy is a kind of episode of the toy model.
type toy struct {
	name     string
	support  bool
	episodic bool // every episode has parameters of its own
	noise    bool // dropout
	classes  bool // the head is a linear softmax
	rows     int  // of the query
}

// kinds are those that a learner must be able to trace.
var kinds = []toy{
	{name: "episodes", support: true, noise: true, rows: queries},
	{name: "episodes with parameters of their own", support: true, episodic: true, noise: true,
		rows: queries},
	{name: "ordinary batches", noise: true, rows: queries},
}

func leaf(name string, shape ...int) graph.Value {
	return graph.Value{Name: name, DType: graph.Float32, Shape: shape}
}

func side(rows int) []graph.Value {
	return []graph.Value{leaf("x", rows, features), leaf("y", rows, outputs), leaf("weight", rows)}
}

// spec is that of one task or, with task -1, of all of them.
func (k toy) spec(task int) meta.Spec {
	s := meta.Spec{
		Leaves: []graph.Value{leaf("backbone/w", features, width), leaf("backbone/b", width)},
		Query:  side(k.rows), Objectives: objectives, TotalWeight: 3, Task: max(task, 0),
		Episodes: 4, Tasks: len(names), TrainSteps: trainSteps,
		Optimizer: &optim.Config{Kind: "adamw", Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8,
			WeightDecay: 0.1},
	}
	for i, name := range names {
		if task < 0 || task == i {
			s.Leaves = append(s.Leaves, leaf("heads/"+name+"/w", width, outputs))
			if k.classes {
				s.Leaves = append(s.Leaves, leaf("heads/"+name+"/b", outputs))
			}
		}
	}
	if k.support {
		s.Support = side(shots)
	}
	if k.episodic {
		s.Episodic = []graph.Value{leaf("heads/"+names[s.Task]+"/shift", outputs)}
	}
	return s
}

// bodies are the losses of one task: y is what a tanh layer and a linear head make
// of x, with a squared error for each output. In a query the mean of the support's y
// is added, as a head would that reads the support. With classes the head has a bias, its
// outputs are logits, and an objective's class is whether its y is positive.
func (k toy) bodies(task int) map[string]passes.Body {
	spec := k.spec(task)
	body := func(of string) passes.Body {
		return func(args []*graph.Node) ([]*graph.Node, error) {
			named := map[string]*graph.Node{}
			for i, v := range spec.LossSignature(of).Params {
				if named[v.Name] == nil { // the side's own tensors come first
					named[v.Name] = args[i]
				} else {
					named["support/"+v.Name] = args[i]
				}
			}
			hidden := graph.Add(graph.Dot(named["x"], named["backbone/w"]),
				named["backbone/b"]) // [B, width]
			hidden = graph.Tanh(hidden)
			if k.noise {
				kept := graph.Gt(graph.Uniform(named["key"], graph.Float32, hidden.Shape()),
					graph.Scalar(graph.Float32, 0.25))
				hidden = graph.Select(kept, graph.Mul(hidden, graph.Scalar(graph.Float32, 4./3)),
					graph.Scalar(graph.Float32, 0))
			}
			y := graph.Dot(hidden, named["heads/"+names[task]+"/w"]) // [B, outputs]
			if shift := named["heads/"+names[task]+"/shift"]; shift != nil {
				y = graph.Add(y, shift)
			}
			if given := named["support/y"]; given != nil {
				y = graph.Add(y, graph.Mul(graph.Sum(given, 0), graph.Scalar(graph.Float32, 0.1)))
			}
			each := graph.Sub(y, named["y"])
			each = graph.Mul(each, each) // [B, outputs]
			if k.classes {
				each = crossEntropies(graph.Add(y, named["heads/"+names[task]+"/b"]), named["y"])
			}
			rows := graph.Reshape(named["weight"], -1, 1)
			losses := graph.Sum(graph.Mul(rows, each), 0) // [outputs]
			divisor := 1.0
			if of == "support" {
				divisor = objectives[0].Weight + objectives[1].Weight
			}
			weights := graph.Const(graph.Float32, graph.Shape{outputs},
				[]float64{objectives[0].Weight / divisor, objectives[1].Weight / divisor})
			return []*graph.Node{graph.Sum(graph.Mul(losses, weights)), losses}, nil
		}
	}
	return map[string]passes.Body{
		meta.LossName("support"): body("support"), meta.LossName("query"): body("query"),
	}
}

// crossEntropies are the losses of logits [B, outputs] for the class of every y, [B, outputs].
func crossEntropies(logits, y *graph.Node) *graph.Node {
	classes := graph.Convert(graph.Gt(y, graph.ConstLike(y, 0)), graph.Int32)
	var each []*graph.Node
	for i := range outputs {
		class := graph.Reshape(graph.Slice(classes, 1, i, i+1), -1)
		each = append(each, graph.Reshape(nn.CrossEntropy(logits, class, nil), -1, 1))
	}
	return graph.Concat(1, each...)
}

// draw returns numbers for the given values, by prefixed name; an example's weight
// is 1 over the number of examples.
func draw(r *rand.Rand, prefix string, list []graph.Value) values {
	out := values{}
	for _, v := range list {
		data := make([]float64, v.Shape.Size())
		for i := range data {
			data[i] = r.NormFloat64()
			if v.Name == "weight" {
				data[i] = 1 / float64(len(data))
			}
		}
		out[prefix+v.Name] = data
	}
	return out
}

// episode returns the arguments of an episode, but for the state.
func (k toy) episode(seed uint64, task int) values {
	r := rand.New(rand.NewPCG(seed, 1))
	spec := k.spec(task)
	args := values{"weight": {0.5}, "key": {float64(seed), 7}, "progress": {0.3}}
	args.add(draw(r, "support/", spec.Support), draw(r, "query/", spec.Query),
		draw(r, "episodic/", spec.Episodic))
	return args
}

// part returns the arguments for the rows [lo, hi) of an episode's query.
func part(args values, lo, hi int) values {
	out := values{}
	out.add(args)
	for _, v := range side(queries) {
		name, row := "query/"+v.Name, v.Shape.Size()/queries
		out[name] = slices.Clone(args[name][lo*row : hi*row])
	}
	return out
}

// values are arguments or results by name.
type values map[string][]float64

func (v values) add(others ...values) {
	for _, o := range others {
		for name, data := range o {
			v[name] = data
		}
	}
}

// of returns the values of a signature or an error that names one that is not there.
func (v values) of(list []graph.Value) ([][]float64, error) {
	out := make([][]float64, len(list))
	for i, p := range list {
		data, ok := v[p.Name]
		if !ok || len(data) != p.Shape.Size() {
			return nil, fmt.Errorf("there is no value for %v", p)
		}
		out[i] = data
	}
	return out, nil
}
