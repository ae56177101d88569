package sampling_test

import (
	"fmt"
	"slices"

	"quickstudy/framework/sampling"
	"quickstudy/framework/task"
	"quickstudy/framework/text"
)

// From a source to the arrays of a 2-way 1-shot episode.
func Example() {
	texts := []string{"lamp on", "lamp off", "play jazz", "play rock"}
	source := &task.Source{
		Describe: func() (task.Description, error) {
			return task.Description{
				Fields: []task.Field{
					{Name: "text", Kind: task.Text},
					{
						Name:    "intent",
						Kind:    task.ClassOf,
						Classes: []task.Class{{Name: "light", Count: 2}, {Name: "music", Count: 2}},
					},
				},
				Splits: []task.Split{{Name: "all", Records: len(texts)}},
			}, nil
		},
		Get: func(ids []int64) (records []task.Record, err error) {
			for _, id := range ids {
				records = append(
					records,
					task.Record{
						ID:    id,
						Cells: []task.Cell{{Text: texts[id]}, {Ints: []int64{id / 2}}},
					},
				)
			}
			return records, nil
		},
	}
	config := sampling.Config{
		Name:     "commands",
		Seed:     7,
		Inputs:   []sampling.Input{{Kind: sampling.Tokens, Fields: []string{"text"}, MaxLength: 8}},
		Predicts: []sampling.Predict{{Name: "intent", Target: "intent", Kind: task.ClassOf}},
		Division: sampling.Division{By: sampling.ByRecord, Train: 1},
		Episodes: &sampling.Episodes{Way: 2, Shot: 1, Query: 1},
	}
	pool, err := sampling.NewPool(task.Dataset{Source: source}, config)
	if err != nil {
		fmt.Println(err)
		return
	}
	training, err := pool.Texts(sampling.Train, "text")
	if err != nil {
		fmt.Println(err)
		return
	}
	config.Inputs[0].Tokenizer, err = text.Train(text.Options{Kind: text.Words},
		slices.Values(training))
	if err != nil {
		fmt.Println(err)
		return
	}
	commands, err := sampling.NewTask(pool, config)
	if err != nil {
		fmt.Println(err)
		return
	}
	draw, err := commands.Draw(sampling.Train, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	episode, err := commands.Encode(draw)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range episode.Support.Arrays {
		fmt.Println(a.Name, a.Shape)
	}
	// Output:
	// input/tokens [2 2]
	// input/mask [2 2]
	// intent/class [2]
	// intent/class_mask [2]
	// intent/weight [2]
	// intent/inverse_weight []
}
