package train_test

import (
	"fmt"
	"slices"
	"testing"

	"quickstudy/framework/link"
	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/text"
	"quickstudy/framework/train/program"
)

// sentences are records of some words, each with two labels and a value.
func sentences(n int) task.Dataset {
	d := task.Description{
		Fields: []task.Field{
			{Name: "text", Kind: task.Text},
			{Name: "topic", Kind: task.ClassOf, Classes: make([]task.Class, 6)},
			{Name: "tone", Kind: task.ClassOf, Classes: make([]task.Class, 2)},
			{Name: "length", Kind: task.Value},
		},
		Splits: []task.Split{{Name: "all", Records: n}},
	}
	records := make([]task.Record, n)
	for i := range records {
		topic, tone := int64(i%6), int64(i/6%2)
		words := fmt.Sprintf("%c%c %d", 'a'+topic, 'x'+tone, i)
		records[i] = task.Record{ID: int64(i), Cells: []task.Cell{
			{Text: words}, {Ints: []int64{topic}}, {Ints: []int64{tone}},
			{Floats: []float64{float64(len(words)) / 8}},
		}}
		for field, class := range map[int]int64{1: topic, 2: tone} {
			d.Fields[field].Classes[class].Name = fmt.Sprint("class ", class)
			d.Fields[field].Classes[class].Count++
		}
	}
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return d, nil },
		Get: func(ids []int64) ([]task.Record, error) {
			got := make([]task.Record, len(ids))
			for i, id := range ids {
				got[i] = records[id]
			}
			return got, nil
		},
	}}
}

// tiny is a backbone for the tokens of these sentences.
func tiny(dropout float64) architecture {
	return architecture{Layers: 1, Width: 8, Heads: 2, MLP: 8, Vocabulary: 300, MaxLength: 8,
		Activation: "gelu", Positions: "learned", Pooling: "mean", Dropout: dropout}
}

// newTask samples the sentences; objectives predict the fields they are named for.
func newTask(t testing.TB, name string, c sampling.Config, objectives ...objective) program.Task {
	t.Helper()
	tokenizer, err := text.Train(text.Options{Kind: text.Bytes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Name, c.Seed = name, 5
	c.Inputs = []sampling.Input{{Kind: sampling.Tokens, Fields: []string{"text"}, Tokenizer: tokenizer,
		MaxLength: 8}}
	c.Division = sampling.Division{By: sampling.ByRecord, Train: 0.7, Validation: 0.2, Test: 0.1}
	out := program.Task{Name: name}
	for _, o := range objectives {
		kind := task.ClassOf
		if o.Kind == "regression" {
			kind = task.Value
		}
		c.Predicts = append(c.Predicts, sampling.Predict{Name: o.Name, Target: o.Name, Kind: kind})
		out.Objectives = append(out.Objectives, o.link())
	}
	pool, err := sampling.NewPool(sentences(96), c)
	if err != nil {
		t.Fatal(err)
	}
	sampled, err := sampling.NewTask(pool, c)
	if err != nil {
		t.Fatal(err)
	}
	out.Draw, out.Encode = sampled.Draw, sampled.Encode
	if c.Batches != nil {
		out.MicroBatch = c.Batches.MicroBatch
	}
	return out
}

var (
	topic  = objective{Name: "topic", Kind: "classification", Size: 6, Weight: 1}
	tone   = objective{Name: "tone", Kind: "classification", Size: 2, Weight: 0.5}
	length = objective{Name: "length", Kind: "regression", Size: 1, Weight: 0.25}
)

// fewShot is a task of 3-way 1-shot episodes. Its head's classes are the episode's.
func fewShot(t testing.TB, name string) program.Task {
	o := topic
	o.Size = 3
	out := newTask(t, name, sampling.Config{ClassField: "topic",
		Episodes: &sampling.Episodes{Way: 3, Shot: 1, Query: 2}}, o)
	out.Objectives[0].Head = "way"
	return out
}

// labelled is a task of ordinary batches.
func labelled(t testing.TB, name string, size, micro int, objectives ...objective) program.Task {
	return newTask(t, name, sampling.Config{
		Batches: &sampling.Batches{Size: size, MicroBatch: micro}}, objectives...)
}

// renamed gives the heads of a task names of their own.
func renamed(p program.Task, prefix string) program.Task {
	p.Objectives = slices.Clone(p.Objectives)
	for i := range p.Objectives {
		p.Objectives[i].Head = prefix + p.Objectives[i].Head
	}
	return p
}

// weighted replaces the weights of a task's objectives.
func weighted(p program.Task, weights ...float64) program.Task {
	p.Objectives = append([]link.Objective(nil), p.Objectives...)
	for i, w := range weights {
		p.Objectives[i].Weight = w
	}
	return p
}
