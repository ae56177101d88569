package tasktest

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"quickstudy/framework/task"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type config struct{ Records int }

// A correct source in memory, and a correct generator, pass.
func TestRun(t *testing.T) {
	d := task.Description{
		Fields: []task.Field{
			{
				Name:    "parity",
				Kind:    task.ClassOf,
				Classes: []task.Class{{Name: "even", Count: 3}, {Name: "odd", Count: 2}},
			},
		},
		Splits: []task.Split{{Name: "all", Records: 5}},
	}
	get := func(ids []int64) ([]task.Record, error) {
		var records []task.Record
		for _, id := range ids {
			if id < 0 || id >= 5 {
				return nil, errors.New("no such record")
			}
			records = append(records,
				task.Record{ID: id, Cells: []task.Cell{{Ints: []int64{id % 2}}}})
		}
		return records, nil
	}
	Run(t, task.Define("parity", "", config{}, func(config) (task.Dataset, error) {
		return task.Dataset{
			Source: &task.Source{
				Describe: func() (task.Description, error) { return d, nil },
				Get:      get,
			},
		}, nil
	}), func(c *config) { c.Records = 5 })

	numbers := task.Description{
		Fields: []task.Field{{Name: "x", Kind: task.Value}},
		Splits: []task.Split{{Name: "train"}, {Name: "test"}},
	}
	Run[config](t, task.Define("numbers", "", config{}, func(config) (task.Dataset, error) {
		return task.Dataset{Generator: &task.Generator{
			Describe: func() (task.Description, error) { return numbers, nil },
			Sample: func(seed uint64, split string, index int64) (task.Episode, error) {
				x := float64(seed%1000)/3 + float64(index)/7 + float64(len(split))
				return task.Episode{
					Query: []task.Record{{Cells: []task.Cell{{Floats: []float64{x}}}}},
				}, nil
			},
		}}, nil
	}), nil)
}

func TestRefuses(t *testing.T) {
	tests := []struct {
		name string
		call func() error
		good bool
	}{
		{"an error", func() error { return errors.New("no such record") }, true},
		{"success", func() error { return nil }, false},
		{"a panic", func() error { panic("index out of range") }, false},
	}
	for _, test := range tests {
		if err := refuses(test.call); (err == nil) != test.good {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
