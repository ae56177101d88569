package task_test

import (
	"fmt"
	"math"

	"quickstudy/framework/task"
)

// A source whose records are held in memory.
func ExampleDefine_source() {
	type config struct{ Shout bool }
	plugin := task.Define("greetings", "is it a greeting or a farewell", config{},
		func(c config) (task.Dataset, error) {
			texts, classes := []string{"hello", "good bye"}, []int64{0, 1}
			describe := func() (task.Description, error) {
				return task.Description{
					Fields: []task.Field{
						{Name: "text", Kind: task.Text},
						{
							Name: "act",
							Kind: task.ClassOf,
							Classes: []task.Class{
								{Name: "greeting", Count: 1},
								{Name: "farewell", Count: 1},
							},
						},
					},
					Splits: []task.Split{{Name: "all", Records: len(texts)}},
				}, nil
			}
			get := func(ids []int64) ([]task.Record, error) {
				var records []task.Record
				for _, id := range ids {
					records = append(records, task.Record{ID: id, Cells: []task.Cell{
						{Text: texts[id]},
						{Ints: []int64{classes[id]}},
					}})
				}
				return records, nil
			}
			return task.Dataset{Source: &task.Source{Describe: describe, Get: get}}, nil
		})

	data, _ := plugin.Open(plugin.New())
	records, _ := data.Source.Get([]int64{1})
	fmt.Println(records[0].Cells[0].Text, records[0].Cells[1].Ints)
	// Output: good bye [1]
}

// A generator invents its episodes; nothing but the arguments decides what it draws.
func ExampleDefine_generator() {
	type config struct{ Shots int }
	plugin := task.Define("lines", "y = ax", config{Shots: 2},
		func(c config) (task.Dataset, error) {
			describe := func() (task.Description, error) {
				return task.Description{
					Fields: []task.Field{
						{Name: "x", Kind: task.Value},
						{Name: "y", Kind: task.Value},
					},
					Splits: []task.Split{{Name: "train"}, {Name: "test"}},
				}, nil
			}
			sample := func(seed uint64, split string, index int64) (task.Episode, error) {
				slope := math.Mod(float64(seed)+float64(len(split))*float64(index), 7)
				point := func(id int) task.Record {
					x := float64(id)
					return task.Record{
						ID:    int64(id),
						Cells: []task.Cell{{Floats: []float64{x}}, {Floats: []float64{slope * x}}},
					}
				}
				return task.Episode{
					Support: []task.Record{point(1)},
					Query:   []task.Record{point(2)},
				}, nil
			}
			return task.Dataset{Generator: &task.Generator{Describe: describe, Sample: sample}}, nil
		})

	data, _ := plugin.Open(plugin.New())
	episode, _ := data.Generator.Sample(1, "train", 1)
	fmt.Println(episode.Query[0].Cells[0].Floats, episode.Query[0].Cells[1].Floats)
	// Output: [2] [12]
}
