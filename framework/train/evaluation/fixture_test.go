package evaluation

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"quickstudy/backbone"
	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/link"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/task"
	"quickstudy/framework/text"
	"quickstudy/framework/train/program"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// example is a record of the text task; class -1: not labelled.
type example struct {
	text  string
	class int
}

// grid is classes of as many different texts, told apart by their first letter.
func grid(classes, perClass int) []example {
	var all []example
	for class := range classes {
		for i := range perClass {
			all = append(all, example{fmt.Sprintf("%c%d", 'a'+class, i), class})
		}
	}
	return all
}

// texts is a source of examples, published in one split; length is a second target.
func texts(classes int, examples []example) task.Dataset {
	d := task.Description{
		Fields: []task.Field{{Name: "text", Kind: task.Text}, {Name: "letter", Kind: task.ClassOf},
			{Name: "length", Kind: task.Value}},
		Splits: []task.Split{{Name: "all", Records: len(examples)}},
	}
	for class := range classes {
		d.Fields[1].Classes = append(d.Fields[1].Classes, task.Class{Name: fmt.Sprint("c", class)})
	}
	for _, e := range examples {
		if e.class >= 0 {
			d.Fields[1].Classes[e.class].Count++
		}
	}
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return d, nil },
		Get: func(ids []int64) ([]task.Record, error) {
			var records []task.Record
			for _, id := range ids {
				e := examples[id]
				cells := []task.Cell{{Text: e.text}, {}, {Floats: []float64{float64(len(e.text))}}}
				if e.class >= 0 {
					cells[1].Ints = []int64{int64(e.class)}
				}
				records = append(records, task.Record{ID: id, Cells: cells})
			}
			return records, nil
		},
	}}
}

// lines is a generator of straight lines: 4 points to adapt on and 6 to be judged by.
func lines(shift float64) task.Dataset {
	d := task.Description{
		Fields: []task.Field{{Name: "x", Kind: task.Value}, {Name: "y", Kind: task.Value}},
		Splits: []task.Split{{Name: "train"}, {Name: "validation"}, {Name: "test"}},
	}
	return task.Dataset{Generator: &task.Generator{
		Describe: func() (task.Description, error) { return d, nil },
		Sample: func(_ uint64, split string, index int64) (task.Episode, error) {
			slope := math.Sin(float64(index)+float64(len(split))) + shift
			var e task.Episode
			for i := range 10 {
				x := math.Cos(float64(index) + 3*float64(i))
				r := task.Record{ID: int64(i), Cells: []task.Cell{{Floats: []float64{x}},
					{Floats: []float64{slope * x}}}}
				if i < 4 {
					e.Support = append(e.Support, r)
				} else {
					e.Query = append(e.Query, r)
				}
			}
			return e, nil
		},
	}}
}

// letters is the configuration of few-shot episodes over the classes of texts.
func letters(t testing.TB) sampling.Config {
	t.Helper()
	tokenizer, err := text.Train(text.Options{Kind: text.Bytes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return sampling.Config{
		Name: "letters", Seed: 3,
		Inputs: []sampling.Input{{Kind: sampling.Tokens, Fields: []string{"text"}, Tokenizer: tokenizer,
			MaxLength: 4}},
		Predicts: []sampling.Predict{{Name: "letter", Target: "letter", Kind: task.ClassOf}},
		Division: sampling.Division{By: sampling.ByClass, Train: 1. / 3, Validation: 1. / 3,
			Test: 1. / 3},
		Episodes: &sampling.Episodes{Way: 3, Shot: 2, Query: 3},
	}
}

// batches is the configuration of ordinary batches over the same.
func batches(t testing.TB, size, micro int) sampling.Config {
	t.Helper()
	c := letters(t)
	c.Division = sampling.Division{By: sampling.ByRecord, Train: 0.5, Validation: 0.25, Test: 0.25}
	c.Episodes, c.Batches = nil, &sampling.Batches{Size: size, MicroBatch: micro}
	return c
}

func newTask(t testing.TB, data task.Dataset, c sampling.Config) *sampling.Task {
	t.Helper()
	pool, err := sampling.NewPool(data, c)
	if err != nil {
		t.Fatal(err)
	}
	out, err := sampling.NewTask(pool, c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func newLines(t testing.TB, shift float64) *sampling.Task {
	return newTask(t, lines(shift), points())
}

// points is the configuration of the generated lines.
func points() sampling.Config {
	return sampling.Config{
		Name: "lines", Seed: 3,
		Inputs: []sampling.Input{{Kind: sampling.Numeric, Fields: []string{"x"}, Features: 1,
			MaxLength: 1}},
		Predicts: []sampling.Predict{{Name: "y", Target: "y", Kind: task.Value}},
	}
}

// freeze freezes n draws of a split.
func freeze(t testing.TB, data *sampling.Task, split string, n int) Set {
	t.Helper()
	frozen, err := Freeze(data, split, n)
	if err != nil {
		t.Fatal(err)
	}
	return Set{Data: data, Frozen: frozen}
}

// headTrace is a head as its plugin writes it.
type headTrace = func(*head.Tracer) head.Outputs

// bare is a linear softmax head without metrics of its own.
func bare(t *head.Tracer) head.Outputs {
	labels := t.Labels()
	logits := project(t, labels.Classes)
	return head.Outputs{
		Loss: nn.CrossEntropy(logits, labels.IDs, labels.Mask),
		Predictions: []head.Prediction{
			{Name: "class", Node: graph.ArgMax(nn.MaskedSoftmax(logits, labels.Mask))}},
	}
}

// counting is the same head that counts accuracy itself.
func counting(t *head.Tracer) head.Outputs {
	out, labels := bare(t), t.Labels()
	right := graph.Select(graph.Eq(out.Predictions[0].Node, labels.IDs), labels.Weight,
		graph.ConstLike(labels.Weight, 0))
	out.Metrics = []head.Metric{{Name: "accuracy", Finish: head.Ratio, Higher: true,
		Sums: []*graph.Node{graph.Sum(right), graph.Sum(labels.Weight)}}}
	return out
}

// regress is a linear head with a squared error.
func regress(t *head.Tracer) head.Outputs {
	y := graph.Reshape(project(t, 1), -1)
	e := graph.Sub(y, t.Values().Values)
	return head.Outputs{Loss: graph.Mul(e, e),
		Predictions: []head.Prediction{{Name: "value", Node: y}}}
}

// fresh is a softmax head that is made anew for each episode.
func fresh(t *head.Tracer) head.Outputs {
	labels := t.Labels()
	w := t.EpisodicParam("w", graph.Shape{t.Width(), labels.Classes},
		nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	logits := nn.Linear(t.Encode(head.Input).Pooled, w, t.EpisodicParam("b",
		graph.Shape{labels.Classes}, nn.Init{}))
	return head.Outputs{
		Loss: nn.CrossEntropy(logits, labels.IDs, labels.Mask),
		Predictions: []head.Prediction{
			{Name: "class", Node: graph.ArgMax(nn.MaskedSoftmax(logits, labels.Mask))}},
	}
}

func project(t *head.Tracer, outputs int) *graph.Node {
	w := t.Param("w", graph.Shape{t.Width(), outputs}, nn.Init{Kind: nn.GlorotUniform, Scale: 1})
	b := t.Param("b", graph.Shape{outputs}, nn.Init{})
	return nn.Linear(t.Encode(head.Input).Pooled, w, b)
}

// objectiveOf predicts classes, or a value if there are none.
func objectiveOf(name string, classes int, trace headTrace) link.Objective {
	target := head.Target{Kind: head.ClassTarget, Classes: classes}
	if classes == 0 {
		target = head.Target{Kind: head.ValueTarget}
	}
	return link.Objective{Name: name, Head: name, Weight: 1, Target: target,
		Trace: func(spec head.Spec) (*head.Traced, error) { return head.Trace(name, trace, spec) }}
}

func programTask(name string, data *sampling.Task, objectives ...link.Objective) program.Task {
	return program.Task{Name: name, Draw: data.Draw, Encode: data.Encode, Objectives: objectives,
		MicroBatch: data.MicroBatch()}
}

// descent adapts by steps of gradient descent, none if there are no steps.
func descent(steps int, rate float64) program.Learner {
	return scheduled(steps, schema.Schedule{Kind: schema.ScheduleConstant, From: rate})
}

// scheduled is descent with a rate that changes over training.
func scheduled(steps int, rate schema.Schedule) program.Learner {
	l := meta.Learner[meta.Params, meta.GradLoss]{Name: "descent"}
	if steps > 0 {
		l.Adapt = meta.Steps(steps, func(m *meta.Model, p meta.Params, b meta.Batch,
			_ *graph.Node) meta.Params {
			return p.Sub(m.Grad(m.Loss(p, b), p).Stop().ScaleBy(m.Rate(rate)))
		})
	}
	return program.Learner{Name: l.Name,
		Trace: func(_ context.Context, spec meta.Spec) (*meta.Programs, error) {
			return meta.Trace(l, spec)
		}}
}

func newModel(t testing.TB, learner program.Learner, tasks ...program.Task) *program.Model {
	t.Helper()
	return longModel(t, 0, learner, tasks...)
}

// longModel is a model that is trained for so many steps.
func longModel(t testing.TB, steps int, learner program.Learner,
	tasks ...program.Task) *program.Model {
	t.Helper()
	model, err := program.New(t.Context(), configOf(t, steps, learner, tasks...))
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func configOf(t testing.TB, steps int, learner program.Learner,
	tasks ...program.Task) program.Config {
	t.Helper()
	c := backbone.Config{Kind: "encoder", Layers: 1, Width: 8, Heads: 2, MLP: 8, Activation: "gelu",
		Positions: "learned", Pooling: "mean"}
	for _, one := range tasks {
		if one.Name == "lines" {
			c.Numeric = &backbone.Numeric{Features: 1, MaxLength: 1}
		} else {
			c.Tokens = &backbone.Tokens{Vocabulary: 300, MaxLength: 4}
		}
	}
	transformer, err := backbone.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return program.Config{Transformer: transformer, Tasks: tasks, Learner: learner,
		Optimizer: &optim.Config{Kind: "sgd"}, Episodes: 1, Steps: steps, Precision: reference.Single}
}

func initial(t testing.TB, model *program.Model) program.Values {
	t.Helper()
	state, err := model.Initial(5, nil)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func run(t testing.TB, r Request) *Scores {
	t.Helper()
	scores, err := Run(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return scores
}

func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want an error with %q", what, err, want)
	}
}
