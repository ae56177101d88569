package link

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"quickstudy/backbone"
	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/text"
)

// records is a data set of short texts: example i has i%5 words more than two, the
// class i%classes (every seventh is not labelled), and the value i.
func records(classes, n int) task.Dataset {
	d := task.Description{
		Fields: []task.Field{{Name: "text", Kind: task.Text}, {Name: "class", Kind: task.ClassOf},
			{Name: "value", Kind: task.Value}},
		Splits: []task.Split{{Name: "all", Records: n}},
	}
	d.Fields[1].Classes = make([]task.Class, classes)
	all := make([]task.Record, n)
	for i := range all {
		words := fmt.Sprintf("%c %d", 'a'+i%classes, i)
		for range i % 5 {
			words += " x"
		}
		all[i] = task.Record{ID: int64(i), Cells: []task.Cell{{Text: words}, {},
			{Floats: []float64{float64(i) / 10}}}}
		if i%7 != 3 {
			all[i].Cells[1].Ints = []int64{int64(i % classes)}
			d.Fields[1].Classes[i%classes].Count++
		}
	}
	for c := range d.Fields[1].Classes {
		d.Fields[1].Classes[c].Name = fmt.Sprint(c)
	}
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return d, nil },
		Get: func(ids []int64) ([]task.Record, error) {
			got := make([]task.Record, len(ids))
			for i, id := range ids {
				if id < 0 || id >= int64(n) {
					return nil, errors.New("no such record")
				}
				got[i] = all[id]
			}
			return got, nil
		},
	}}
}

// sampled is a task over records.
func sampled(t *testing.T, data task.Dataset, change func(c *sampling.Config)) *sampling.Task {
	t.Helper()
	bytewise, err := text.Train(text.Options{Kind: text.Bytes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := sampling.Config{
		Name: "records", Seed: 1, ClassField: "class",
		Inputs: []sampling.Input{{Kind: sampling.Tokens, Fields: []string{"text"}, Tokenizer: bytewise,
			MaxLength: 16}},
		Predicts: []sampling.Predict{{Name: "class", Target: "class", Kind: task.ClassOf},
			{Name: "value", Target: "value", Kind: task.Value}},
		Division: sampling.Division{By: sampling.ByRecord, Train: 1},
	}
	change(&c)
	pool, err := sampling.NewPool(data, c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sampling.NewTask(pool, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// side types the arrays of a batch.
func side(b *sampling.Batch) *Side {
	if b == nil {
		return nil
	}
	s := &Side{}
	for _, a := range b.Arrays {
		dtype := graph.Float32
		if a.Ints != nil {
			dtype = graph.Int32
		}
		s.Values = append(s.Values, graph.Value{Name: a.Name, DType: dtype, Shape: a.Shape})
	}
	return s
}

// arrays are the arguments that a batch gives.
func arrays(prefix string, b *sampling.Batch, into exectest.Values) {
	for _, a := range b.Arrays {
		values := a.Floats
		for _, x := range a.Ints {
			values = append(values, float64(x))
		}
		into[prefix+a.Name] = values
	}
}

// outcomes links the heads on the query in evaluation: total is the weighted sum of the
// losses, gradient/<address> its gradient, metric/<objective>/<i>/<k> the metric sums and
// prediction/<objective>/<name> the predictions. It returns the leaves' values as well.
func outcomes(t *testing.T, task *Task) (*exectest.Program, exectest.Values) {
	t.Helper()
	args := exectest.Values{"key": {0, 0}}
	f := exectest.Trace(t, func() *graph.Func {
		g := &graph.Func{}
		declare := func(v graph.Value) *graph.Node {
			n := graph.Param(v.Name, v.DType, v.Shape)
			g.Params = append(g.Params, n)
			return n
		}
		var leaves []*graph.Node
		for _, l := range task.Leaves() {
			leaves = append(leaves, declare(graph.Value{Name: l.Address, DType: graph.Float32,
				Shape: l.Shape}))
			args[l.Address] = nn.InitialValue(1, l)
		}
		for _, name := range []string{querySide, supportSide} {
			if s := task.side(name); s != nil {
				for _, v := range s.Values {
					v.Name = name + "/" + v.Name
					declare(v)
				}
			}
		}
		declare(graph.Value{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}})
		outs, err := task.bind(querySide, false, nil, g.Params).all()
		if err != nil {
			t.Fatal(err)
		}
		sum := graph.Scalar(graph.Float32, 0)
		result := func(n *graph.Node, format string, a ...any) {
			g.Results = append(g.Results, graph.Result{Name: fmt.Sprintf(format, a...), Node: n})
		}
		for _, o := range outs {
			sum = graph.Add(sum, o.loss)
			for i, m := range o.metrics {
				for k, s := range m.Sums {
					result(s, "metric/%s/%d/%d", o.objective.Name, i, k)
				}
			}
			for _, p := range o.predictions {
				result(p.Node, "prediction/%s/%s", o.objective.Name, p.Name)
			}
		}
		result(sum, "total")
		for i, d := range graph.Grad(sum, leaves...) {
			result(d, "gradient/%s", task.Leaves()[i].Address)
		}
		return g
	})
	return exectest.Compile(t, f, reference.Double), args
}

func encoder(t *testing.T) *backbone.Transformer {
	t.Helper()
	transformer, err := backbone.New(backbone.Config{
		Kind: "encoder", Layers: 1, Width: 4, Heads: 2, MLP: 8, Activation: "gelu", Positions: "learned",
		Pooling: "mean", Tokens: &backbone.Tokens{Vocabulary: 300, MaxLength: 16},
	})
	if err != nil {
		t.Fatal(err)
	}
	return transformer
}

// classify returns the outputs of logits [B, C].
func classify(logits *graph.Node, labels head.Labels) head.Outputs {
	class := graph.ArgMax(nn.MaskedSoftmax(logits, labels.Mask))
	right := graph.Convert(graph.Eq(class, labels.IDs), graph.Float32)
	return head.Outputs{
		Loss:        nn.CrossEntropy(logits, labels.IDs, labels.Mask),
		Predictions: []head.Prediction{{Name: "class", Node: class}},
		Metrics: []head.Metric{{Name: "accuracy", Finish: head.Ratio, Higher: true, Sums: []*graph.Node{
			graph.Sum(graph.Mul(right, labels.Weight)), graph.Sum(labels.Weight)}}},
	}
}

// linear serves both kinds of target, on the pooled representation.
func linear(t *head.Tracer) head.Outputs {
	x, outputs := t.Encode(head.Input).Pooled, max(t.Target().Classes, 1)
	w := t.Param("w", graph.Shape{t.Width(), outputs}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	y := nn.Linear(x, w, nil)
	if t.Target().Kind == head.ClassTarget {
		return classify(y, t.Labels())
	}
	target := t.Values()
	loss := nn.SquaredError(graph.Reshape(y, -1), target.Values)
	return head.Outputs{Loss: loss, Metrics: []head.Metric{{Name: "mse", Finish: head.MeanError,
		Sums: []*graph.Node{graph.Sum(graph.Mul(loss, target.Weight)), graph.Sum(target.Weight)}}}}
}

func tracer(trace func(t *head.Tracer) head.Outputs) TraceHead {
	return func(spec head.Spec) (*head.Traced, error) { return head.Trace("test", trace, spec) }
}

// TestCutsAddUp: however a batch is cut, loss, gradients and metric sums of two heads add
// up to those of the whole, with unlabelled examples and a last element that is padded.
func TestCutsAddUp(t *testing.T) {
	s := sampled(t, records(3, 40),
		func(c *sampling.Config) { c.Batches = &sampling.Batches{Size: 13} })
	draw, err := s.Draw(sampling.Train, 0)
	if err != nil {
		t.Fatal(err)
	}
	episode, err := s.Encode(draw)
	if err != nil {
		t.Fatal(err)
	}
	objectives := []Objective{
		{Name: "class", Head: "class", Weight: 1, Trace: tracer(linear),
			Target: head.Target{Kind: head.ClassTarget, Classes: 3}},
		{Name: "value", Head: "value", Weight: 1, Trace: tracer(linear),
			Target: head.Target{Kind: head.ValueTarget}},
	}
	add := func(size int) exectest.Values {
		elements := episode.Query.Cut(size)
		task, err := NewTask(encoder(t), objectives, nil, side(elements[0]))
		if err != nil {
			t.Fatal(err)
		}
		program, args := outcomes(t, task)
		sums := exectest.Values{}
		for _, e := range elements {
			arrays("query/", e, args)
			for name, x := range program.Run(t, args) {
				if sums[name] == nil {
					sums[name] = make([]float64, len(x))
				}
				for i := range x {
					sums[name][i] += x[i]
				}
			}
		}
		return sums
	}
	want := add(13)
	if labelled := want["metric/class/0/1"][0]; labelled >= 13 || labelled < 5 {
		t.Fatalf("%v of 13 examples are labelled, want some that are not", labelled)
	}
	for _, size := range []int{1, 4, 5, 7} {
		got := add(size)
		for name, x := range want {
			if name == "prediction/class/class" {
				continue
			}
			for i := range x {
				if d := math.Abs(got[name][i] - x[i]); !(d <= 1e-12*math.Max(1, math.Abs(x[i]))) {
					t.Errorf("cut by %d: %s[%d] is %v, of the whole %v", size, name, i, got[name][i], x[i])
				}
			}
		}
	}
}

// TestVariableWay: episodes of 3 to 6 classes share few programs, and a head that has
// learned nothing of the number of classes predicts those of the episode alone.
func TestVariableWay(t *testing.T) {
	s := sampled(t, records(8, 160), func(c *sampling.Config) {
		c.Episodes = &sampling.Episodes{Shot: 2, MinWay: 3, MaxWay: 6, Query: 3}
	})
	nearest := func(t *head.Tracer) head.Outputs { // the nearest mean of a class
		labels, support := t.Labels(), t.Support()
		seen := support.Labels()
		of := graph.Mul(graph.OneHot(seen.IDs, seen.Classes, graph.Float32),
			graph.Reshape(seen.Weight, -1, 1))
		sums := graph.DotT(of, support.Encode(head.Input).Pooled, true, false) // [C, D]
		counts := graph.Broadcast(graph.Reshape(graph.Sum(of, 0), -1, 1), sums.Shape()...)
		x := graph.Reshape(t.Encode(head.Input).Pooled, t.Batch(), 1, -1)
		d := graph.Sub(x, graph.Reshape(nn.SafeDiv(sums, counts), 1, labels.Classes, -1)) // [B, C, D]
		return classify(graph.Neg(graph.Sum(graph.Mul(d, d), 2)), labels)
	}
	programs := map[string]*exectest.Program{}
	leaves := map[string]exectest.Values{}
	ways := map[int]bool{}
	for index := range int64(40) {
		draw, err := s.Draw(sampling.Train, index)
		if err != nil {
			t.Fatal(err)
		}
		e, err := s.Encode(draw)
		if err != nil {
			t.Fatal(err)
		}
		signature := e.Support.Signature() + " " + e.Query.Signature()
		if programs[signature] == nil {
			target := head.Target{Kind: head.ClassTarget, VariableWay: true,
				Classes: len(e.Query.Array("class/class_mask").Floats)}
			task, err := NewTask(encoder(t),
				[]Objective{{Name: "class", Head: "class", Weight: 1, Target: target,
					Trace: tracer(nearest)}}, side(e.Support), side(e.Query))
			if err != nil {
				t.Fatal(err)
			}
			programs[signature], leaves[signature] = outcomes(t, task)
		}
		args := leaves[signature]
		arrays("query/", e.Query, args)
		arrays("support/", e.Support, args)
		out := programs[signature].Run(t, args)
		exectest.Finite(t, out)
		way := len(draw.Classes)
		ways[way] = true
		for i, class := range out["prediction/class/class"][:len(e.Query.IDs)] {
			if int(class) >= way {
				t.Errorf("episode %d of %d ways: example %d is of class %v", index, way, i, class)
			}
		}
		if n := out["metric/class/0/1"][0]; n != float64(len(draw.Query)) {
			t.Errorf("episode %d: %v queries counted, want %d", index, n, len(draw.Query))
		}
	}
	if len(ways) != 4 || len(programs) > 8 {
		t.Errorf("%d different ways share %d programs, want 4 and at most 8", len(ways), len(programs))
	}
}
