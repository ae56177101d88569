package task

import (
	"strings"
	"testing"
)

func TestDefine(t *testing.T) {
	type config struct{ Shots int }
	var opened config
	p := Define("toy", "a toy", config{Shots: 5}, func(c config) (Dataset, error) {
		opened = c
		return Dataset{}, nil
	})
	first, second := p.New().(*config), p.New().(*config)
	first.Shots = 7
	if second.Shots != 5 {
		t.Errorf("a second New sees %d shots, want the default 5", second.Shots)
	}
	if _, err := p.Open(first); err != nil || opened.Shots != 7 {
		t.Errorf("Open got %v, %v, want 7 shots", opened, err)
	}
	for _, wrong := range []any{nil, config{}, (*config)(nil), new(int)} {
		if _, err := p.Open(wrong); err == nil ||
			!strings.Contains(err.Error(), `task "toy": configuration is a`) {
			t.Errorf("Open(%T) = %v, want an error about its type", wrong, err)
		}
	}
}

func TestDatasetDescribe(t *testing.T) {
	describe := func(d Description) func() (Description, error) {
		return func() (Description, error) { return d, nil }
	}
	get := func([]int64) ([]Record, error) { return nil, nil }
	sample := func(uint64, string, int64) (Episode, error) { return Episode{}, nil }
	empty := every()
	empty.Splits = []Split{{Name: "train"}}
	tests := []struct {
		name string
		data Dataset
		want string
	}{
		{"source", Dataset{Source: &Source{describe(every()), get}}, ""},
		{"endless generator", Dataset{Generator: &Generator{describe(empty), sample}}, ""},
		{"neither", Dataset{}, "needs a source or a generator"},
		{"both", Dataset{Source: &Source{}, Generator: &Generator{}}, "not both"},
		{"no get", Dataset{Source: &Source{Describe: describe(every())}}, "no Get function"},
		{"no sample", Dataset{Generator: &Generator{Describe: describe(every())}},
			"no Sample function"},
		{"no describe", Dataset{Source: &Source{Get: get}}, "no Describe function"},
		{"empty source", Dataset{Source: &Source{describe(empty), get}}, "no records"},
		{"bad description", Dataset{Source: &Source{describe(Description{}), get}}, "0 fields"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.data.Describe()
			if (err == nil) != (test.want == "") ||
				err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
