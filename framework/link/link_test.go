package link_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/link"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
)

const (
	positions, features = 3, 2
	shots, queries      = 3, 4
	classes             = 3
)

func transformer(t *testing.T, dropout float64) *backbone.Transformer {
	t.Helper()
	b, err := backbone.New(backbone.Config{
		Kind: "encoder", Layers: 1, Width: 4, Heads: 2, MLP: 8, Dropout: dropout,
		Activation: "gelu", Positions: "learned", Pooling: "mean",
		Numeric: &backbone.Numeric{Features: features, MaxLength: positions},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// classify is a linear softmax head; its parameters are made anew for every
// episode if the number of classes varies.
func classify(t *head.Tracer) head.Outputs {
	x, labels := t.Encode(head.Input).Pooled, t.Labels()
	param := t.Param
	if labels.VariableWay {
		param = t.EpisodicParam
	}
	w := param("w", graph.Shape{t.Width(), labels.Classes}, nn.Init{Kind: nn.Normal, Scale: 0.1})
	logits := graph.Dot(x, w)
	return head.Outputs{
		Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask),
		Predictions: []head.Prediction{{Name: "class", Node: graph.ArgMax(logits)}},
		Metrics: []head.Metric{{Name: "accuracy", Finish: head.Ratio, Higher: true,
			Sums: []*graph.Node{
				graph.Sum(nn.Accuracy(logits, labels.IDs, labels.Mask)), graph.Sum(labels.Weight)}}},
	}
}

func objective(name string, weight float64, variable bool) link.Objective {
	return link.Objective{
		Name: name, Head: name, Weight: weight,
		Target: head.Target{Kind: head.ClassTarget, Classes: classes, VariableWay: variable},
		Trace: func(spec head.Spec) (*head.Traced, error) {
			return head.Trace("classify", classify, spec)
		},
	}
}

// side types the tensors of one side for the objectives.
func side(rows int, objectives []link.Objective) *link.Side {
	f := func(name string, shape ...int) graph.Value {
		return graph.Value{Name: name, DType: graph.Float32, Shape: shape}
	}
	s := &link.Side{Values: []graph.Value{
		f("input/numeric", rows, positions, features), f("input/mask", rows, positions)}}
	for _, o := range objectives {
		s.Values = append(s.Values,
			graph.Value{Name: o.Name + "/class", DType: graph.Int32, Shape: graph.Shape{rows}},
			f(o.Name+"/class_mask", classes), f(o.Name+"/weight", rows),
			f(o.Name+"/inverse_weight"))
	}
	return s
}

func task(t *testing.T, dropout float64, objectives ...link.Objective) *link.Task {
	t.Helper()
	task, err := link.NewTask(transformer(t, dropout), objectives, side(shots, objectives),
		side(queries, objectives))
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// arguments draws a value for every parameter.
func arguments(f *graph.Func) exectest.Values {
	args := exectest.Values{}
	for i, v := range f.Signature().Params {
		n := v.Shape.Size()
		data := exectest.Random(uint64(i)+1, n)
		_, tensor, _ := strings.Cut(v.Name, "/")
		switch last := v.Name[strings.LastIndex(v.Name, "/")+1:]; {
		case strings.HasSuffix(tensor, "/class"):
			for k := range data {
				data[k] = float64((k + 1) % classes)
			}
		case last == "mask" || last == "class_mask" || last == "weight" && v.Name != "weight":
			for k := range data {
				data[k] = 1
			}
		case last == "inverse_weight":
			data[0] = 0.25
		case v.Name == "key":
			data = []float64{3, 4}
		case v.Name == "weight":
			data = []float64{1}
		default:
			for k := range data {
				data[k] *= 0.5
			}
		}
		args[v.Name] = data
	}
	return args
}

func descend(rate float64) meta.Adaptation[meta.Params] {
	return meta.Steps(2, func(m *meta.Model, a meta.Params, support meta.Batch,
		_ *graph.Node) meta.Params {
		return a.Sub(m.Grad(m.Loss(a, support), a).Scale(rate))
	})
}

type learner = meta.Learner[meta.Params, meta.GradLoss]

func trace(t *testing.T, l learner, spec meta.Spec) *meta.Programs {
	t.Helper()
	l.Update = func(_ *meta.Model, theta meta.Params,
		c meta.GradLoss) meta.Params {
		return theta.Sub(c.Grad)
	}
	p, err := meta.Trace(l, spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A head of variable way has parameters that are made anew in every episode: inner
// steps adapt them, the outer gradient passes through that, and they are neither
// state nor contribution.
func TestEpisodicLeaves(t *testing.T) {
	k := task(t, 0, objective("x", 1, true))
	p := trace(t, learner{Name: "inner", Adapt: descend(0.3)}, k.Spec(nil, 1, 1))
	f, err := k.Episode(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Reduced {
		if strings.Contains(r.Name, "heads/") {
			t.Errorf("%s is a contribution", r.Name)
		}
	}
	if got := k.Episodic(); len(got) != 1 || got[0].Address != "heads/x/w" {
		t.Fatalf("episodic leaves %v, want heads/x/w", got)
	}
	program, args := exectest.Compile(t, f, reference.Double), arguments(f)
	if args["episodic/heads/x/w"] == nil {
		t.Fatalf("no parameter episodic/heads/x/w")
	}
	at := program.Run(t, args)
	const h = 1e-5
	for _, leaf := range k.Leaves() {
		name := "state/" + leaf.Address
		along := exectest.Random(99, leaf.Shape.Size())
		loss := func(sign float64) float64 {
			moved := maps.Clone(args)
			moved[name] = slices.Clone(args[name])
			for i, d := range along {
				moved[name][i] += sign * h * d
			}
			return program.Run(t, moved)["contribution/loss"][0]
		}
		slope := 0.0
		for i, g := range at["contribution/grad/"+leaf.Address] {
			slope += g * along[i]
		}
		exectest.Near(t, name, []float64{slope}, []float64{(loss(1) - loss(-1)) / (2 * h)}, 1e-6)
	}
	// The steps moved the head: without them the loss is another.
	without, err := k.Episode(trace(t, learner{Name: "plain"}, k.Spec(nil, 1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if plain := exectest.Compile(t, without, reference.Double).Run(t,
		args); plain["contribution/loss"][0] == at["contribution/loss"][0] {
		t.Error("the inner steps change nothing")
	}
}

// An example with several labels goes through the encoder once; loss and gradients
// equal those of separate passes.
func TestSharedPass(t *testing.T) {
	objectives := []link.Objective{objective("x", 1, false), objective("y", 0.5, false),
		objective("z", 0, false)}
	plain := learner{Name: "plain"}
	joint := task(t, 0, objectives...)
	f, err := joint.Episode(trace(t, plain, joint.Spec(nil, 1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	args := arguments(f)
	got := exectest.Compile(t, f, reference.Double).Run(t, args)
	want := exectest.Values{}
	erfs := func(f *graph.Func) (n int) { // one GELU in each encoder pass
		for _, node := range f.Nodes() {
			if node.Op() == graph.OpErf {
				n++
			}
		}
		return n
	}
	for _, o := range objectives {
		alone := task(t, 0, o)
		g, err := alone.Episode(trace(t, plain, alone.Spec(nil, 1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if o.Weight > 0 && erfs(f) != erfs(g) {
			t.Errorf("%d encoder passes for three objectives, %d for one", erfs(f), erfs(g))
		}
		for name, data := range exectest.Compile(t, g, reference.Double).Run(t, args) {
			if want[name] == nil {
				want[name] = make([]float64, len(data))
			}
			for i, x := range data {
				want[name][i] += x
			}
		}
	}
	for name := range want {
		exectest.Near(t, name, got[name], want[name], 1e-12)
	}
	for i, g := range got["contribution/grad/heads/z/w"] {
		if g != 0 {
			t.Errorf("element %d of the gradient of a head of weight 0 is %v", i, g)
		}
	}
}

// Model.Losses are the objectives' losses before weights.
func TestLosses(t *testing.T) {
	k := task(t, 0, objective("x", 2, false), objective("y", 0.5, false))
	p := trace(t, learner{Name: "losses", Episode: func(m *meta.Model, theta meta.Params,
		ep meta.Episode) meta.GradLoss {
		weights := []float64{}
		for _, o := range m.Objectives() {
			weights = append(weights, o.Weight)
		}
		each := graph.Mul(m.Losses(theta, ep.Query), graph.Const(graph.Float32, graph.Shape{2},
			weights))
		return meta.GradLoss{Grad: theta, Loss: graph.Sub(graph.Sum(each), m.Loss(theta, ep.Query))}
	}}, k.Spec(nil, 1, 1))
	f, err := k.Episode(p)
	if err != nil {
		t.Fatal(err)
	}
	got := exectest.Compile(t, f, reference.Double).Run(t, arguments(f))
	exectest.Near(t, "weighted sum less loss", got["contribution/loss"], []float64{0}, 1e-12)
}

// Evaluation reads the parameters without adaptation, then after each number of
// steps, beyond the learner's own count too, all without dropout.
func TestEvaluate(t *testing.T) {
	steps := []int{0, 1, 3}
	var results []exectest.Values
	for _, dropout := range []float64{0, 0.5} {
		k := task(t, dropout, objective("x", 1, false))
		p := trace(t, learner{Name: "inner", Adapt: descend(0.3)}, k.Spec(nil, 1, 1))
		e, err := k.Evaluate(p, steps)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Metrics["x"]; len(got) != 1 || got[0].Name != "accuracy" {
			t.Errorf("metrics %v, want the accuracy", got)
		}
		results = append(results, exectest.Compile(t, e.Func, reference.Double).Run(t,
			arguments(e.Func)))
	}
	for name, want := range results[0] {
		if !slices.Equal(results[1][name], want) {
			t.Errorf("%s: %v with dropout in training, %v without", name, results[1][name], want)
		}
	}
	// Each number of steps is a learner of that count, whose query loss is known.
	for _, n := range steps {
		k := task(t, 0, objective("x", 1, false))
		adapt := meta.Steps(n, func(m *meta.Model, a meta.Params, support meta.Batch,
			_ *graph.Node) meta.Params {
			return a.Sub(m.Grad(m.Loss(a, support), a).Scale(0.3))
		})
		f, err := k.Episode(trace(t, learner{Name: "inner", Adapt: adapt}, k.Spec(nil, 1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		e, err := k.Evaluate(trace(t, learner{Name: "inner", Adapt: adapt}, k.Spec(nil, 1, 1)),
			steps)
		if err != nil {
			t.Fatal(err)
		}
		args := arguments(e.Func)
		args["weight"] = []float64{1}
		want := exectest.Compile(t, f, reference.Double).Run(t, args)["contribution/loss"]
		exectest.Near(t, fmt.Sprintf("loss after %d steps", n),
			results[0][fmt.Sprintf("%d/x/loss", n)], want, 1e-12)
	}
	k := task(t, 0, objective("x", 1, false))
	if _, err := k.Evaluate(trace(t, learner{Name: "none"}, k.Spec(nil, 1, 1)),
		[]int{3, 1}); err == nil ||
		!strings.Contains(err.Error(), "ascending") {
		t.Errorf("error %v, want one about the order of steps", err)
	}
}

// Frozen leaves have no gradient, so they do not adapt either.
func TestFreeze(t *testing.T) {
	k := task(t, 0, objective("x", 1, false))
	k.Freeze([]string{"backbone/**"})
	f, err := k.Episode(trace(t, learner{Name: "inner", Adapt: descend(0.3)}, k.Spec(nil, 1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	out := exectest.Compile(t, f, reference.Double).Run(t, arguments(f))
	for name, data := range out {
		zero := !slices.ContainsFunc(data, func(x float64) bool { return x != 0 })
		if frozen := strings.HasPrefix(name, "contribution/grad/backbone/"); zero != frozen {
			t.Errorf("%s is all zero: %v, want %v", name, zero, frozen)
		}
	}
	// An inner loop that decays what it is given as well changes nothing but the head.
	decay := meta.Steps(2, func(m *meta.Model, a meta.Params, support meta.Batch,
		_ *graph.Node) meta.Params {
		g := m.Grad(m.Loss(a, support), a)
		return a.With(a.Match("backbone/**").Scale(0.5)).Sub(g.Scale(0.3))
	})
	p := trace(t, learner{Name: "decay", Adapt: decay}, k.Spec(nil, 1, 1))
	if f, err = k.Episode(p); err != nil {
		t.Fatal(err)
	}
	args := arguments(f)
	got := exectest.Compile(t, f, reference.Double).Run(t, args)
	exectest.Near(t, "loss", got["contribution/loss"], out["contribution/loss"], 1e-15)
	e, err := k.Evaluate(p, []int{2})
	if err != nil {
		t.Fatal(err)
	}
	got = exectest.Compile(t, e.Func, reference.Double).Run(t, args)
	exectest.Near(t, "evaluation", got["2/x/loss"], out["contribution/loss"], 1e-15)
}
