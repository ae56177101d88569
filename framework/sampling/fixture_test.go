package sampling

import (
	"errors"
	"fmt"
	"testing"

	"quickstudy/framework/task"
	"quickstudy/framework/text"
)

// labelled is one record of the data set of these tests; class -1 is not labelled.
type labelled struct {
	text  string
	class int
	value float64
}

// dataset holds records in published splits, in memory.
func dataset(classes int, splits []string, records ...[]labelled) task.Dataset {
	d := task.Description{Fields: []task.Field{
		{Name: "text", Kind: task.Text},
		{Name: "intent", Kind: task.ClassOf},
		{Name: "score", Kind: task.Value},
	}}
	for i := range classes {
		d.Fields[1].Classes = append(d.Fields[1].Classes,
			task.Class{Name: fmt.Sprintf("class%d", i)})
	}
	var all []task.Record
	for i, split := range splits {
		d.Splits = append(d.Splits, task.Split{Name: split, Records: len(records[i])})
		for _, r := range records[i] {
			cells := []task.Cell{{Text: r.text}, {}, {Floats: []float64{r.value}}}
			if r.class >= 0 {
				cells[1].Ints = []int64{int64(r.class)}
				d.Fields[1].Classes[r.class].Count++
			}
			all = append(all, task.Record{ID: int64(len(all)), Cells: cells})
		}
	}
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return d, nil },
		Get: func(ids []int64) ([]task.Record, error) {
			got := make([]task.Record, len(ids))
			for i, id := range ids {
				if id < 0 || id >= int64(len(all)) {
					return nil, errors.New("no such record")
				}
				got[i] = all[id]
			}
			return got, nil
		},
	}}
}

// grid is classes of equal size with different texts of 1 to 6 words.
func grid(classes, perClass int) []labelled {
	var records []labelled
	for class := range classes {
		for i := range perClass {
			words := fmt.Sprintf("c%d r%d", class, i)
			for range i % 5 {
				words += " and"
			}
			records = append(records, labelled{words, class, float64(i)})
		}
	}
	return records
}

func bytewise(t testing.TB) *text.Tokenizer {
	t.Helper()
	tokenizer, err := text.Train(text.Options{Kind: text.Bytes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

// intents is a configuration for the data set of these tests.
func intents(t testing.TB) Config {
	return Config{
		Name: "intents", Seed: 7,
		Inputs: []Input{{Kind: Tokens, Fields: []string{"text"}, Tokenizer: bytewise(t),
			MaxLength: 48}},
		Predicts: []Predict{{Name: "intent", Target: "intent", Kind: task.ClassOf}},
		Division: Division{By: ByRecord, Train: 0.6, Validation: 0.2, Test: 0.2},
	}
}

func newTask(t testing.TB, data task.Dataset, c Config) *Task {
	t.Helper()
	pool, err := NewPool(data, c)
	if err != nil {
		t.Fatal(err)
	}
	sampled, err := NewTask(pool, c)
	if err != nil {
		t.Fatal(err)
	}
	return sampled
}

func draws(t testing.TB, sampled *Task, split string, n int) []Draw {
	t.Helper()
	var all []Draw
	for index := range int64(n) {
		d, err := sampled.Draw(split, index)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

func encode(t testing.TB, sampled *Task, d Draw) *Episode {
	t.Helper()
	episode, err := sampled.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	return episode
}
