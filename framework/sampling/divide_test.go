package sampling

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/task"
)

func TestByClass(t *testing.T) {
	c := intents(t)
	c.Division = Division{By: ByClass, Train: 0.6, Validation: 0.2, Test: 0.2}
	c.Episodes = &Episodes{Way: 2, Shot: 2, Query: 3}
	records := grid(10, 8)
	pool, err := NewPool(dataset(10, []string{"train", "test"}, records[:40], records[40:]), c)
	if err != nil {
		t.Fatal(err)
	}
	want := []SplitReport{{Train, 48, 6}, {Validation, 16, 2}, {Test, 16, 2}}
	if diff := cmp.Diff(want, pool.Report().Splits); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var all []int
	for _, split := range splitNames {
		all = append(all, pool.Classes(split)...)
	}
	slices.Sort(all)
	if diff := cmp.Diff([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, all); diff != "" {
		t.Errorf("classes of all splits: -want +got\n%s", diff)
	}
	// Neither the shots nor the seed of the run decide which classes are held out.
	other := c
	other.Seed, other.Episodes = 99, &Episodes{Way: 2, Shot: 1, Query: 1}
	again, err := NewPool(dataset(10, []string{"all"}, records), other)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pool.Classes(Test), again.Classes(Test)); diff != "" {
		t.Errorf("other shots and seed: -first +second\n%s", diff)
	}
	other.Division.Seed = 1
	if again, err = NewPool(dataset(10, []string{"all"}, records), other); err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(pool.Classes(Test), again.Classes(Test)) &&
		cmp.Equal(pool.Classes(Validation), again.Classes(Validation)) {
		t.Error("another seed of the division holds out the same classes")
	}
}

func TestBySource(t *testing.T) {
	c := intents(t)
	c.Division, c.Batches = Division{By: BySource}, &Batches{Size: 4}
	records := grid(5, 20)
	for i := range records {
		records[i].class = i % 5 // all in every split
	}
	published, err := NewPool(
		dataset(5, []string{"test", "train", "validation"}, records[:10], records[10:80],
			records[80:]),
		c,
	)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := published.Records(Test), []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(
		got, want) {
		t.Errorf("test records %v, want %v", got, want)
	}
	carved, err := NewPool(dataset(5, []string{"train", "test"}, records[:80], records[80:]), c)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(carved.Records(Validation)); got != 8 {
		t.Errorf("%d validation records taken from 80, want 8", got)
	}
	if got := len(carved.Records(Test)); got != 20 {
		t.Errorf("%d test records, want 20", got)
	}
	tests := []struct {
		name   string
		splits []string
		want   string
	}{
		{"one split", []string{"all"}, `published as all, not as train`},
		{"no train", []string{"test"}, "without train"},
	}
	for _, test := range tests {
		if _, err := NewPool(dataset(5, test.splits, records), c); err == nil ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
}

func TestDuplicates(t *testing.T) {
	c := intents(t)
	c.Division = Division{By: BySource}
	c.Episodes = &Episodes{Way: 2, Shot: 1, Query: 1, MinExamples: 2}
	train := []labelled{
		{"shared with test", 0,
			0}, {"shared with validation", 0, 0}, {"a", 0, 0}, {"a", 0, 0}, {"b", 0, 0},
		{"c", 1, 0}, {"d", 1, 0}, {"a", 1, 0}, // the text "a" of another class
		{"e", 2, 0}, {"shared with test", 2, 0}, // leaves class 2 with too few
		{"nobody knows", -1, 0},
	}
	validation := []labelled{{"shared with validation", 0, 0}, {"shared with test", 1, 0}}
	test := []labelled{{"shared with test", 0, 0}, {"f", 0, 0}, {"g", 1, 0}, {"h", 1, 0}}
	pool, err := NewPool(
		dataset(3, []string{"train", "validation", "test"}, train, validation, test), c)
	if err != nil {
		t.Fatal(err)
	}
	want := Report{
		Splits:     []SplitReport{{Train, 7, 2}, {Validation, 1, 0}, {Test, 4, 2}},
		Unlabelled: 1, Duplicates: 4, Repeats: 2,
		Dropped: []DroppedClass{{Train, "class2", 1, 2}, {Validation, "class0", 1, 2}},
	}
	if diff := cmp.Diff(want, pool.Report()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got, want := pool.Records(Train), []int64{2, 3, 4, 5, 6, 7, 8}; !slices.Equal(got, want) {
		t.Errorf("train records %v, want %v: a repeat within the split stays for batches", got,
			want)
	}
	sampled, err := NewTask(pool, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range draws(t, sampled, Train, 50) {
		for _, id := range append(slices.Clone(d.Support), d.Query...) {
			if id == 3 || id == 7 {
				t.Fatalf("episode %d draws record %d, a repeat", d.Index, id)
			}
		}
	}
}

// The order in which a source lists its records does not decide which texts are held out.
func TestByRecordIgnoresOrder(t *testing.T) {
	c := intents(t)
	c.Batches = &Batches{Size: 4}
	records := grid(5, 20)
	backwards := slices.Clone(records)
	slices.Reverse(backwards)
	var held [2][]string
	for i, order := range [][]labelled{records, backwards} {
		pool, err := NewPool(dataset(5, []string{"all"}, order), c)
		if err != nil {
			t.Fatal(err)
		}
		if held[i], err = pool.Texts(Test, "text"); err != nil {
			t.Fatal(err)
		}
		slices.Sort(held[i])
	}
	if diff := cmp.Diff(held[0], held[1]); diff != "" {
		t.Errorf("-forwards +backwards\n%s", diff)
	}
	if len(held[0]) != 20 {
		t.Errorf("%d test records of 100, want 20", len(held[0]))
	}
}

func TestPoolRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no rule of drawing", func(c *Config) { c.Batches = nil },
			"needs episodes, meta_dataset, zero_shot or batches"},
		{"both", func(c *Config) { c.Episodes = &Episodes{} },
			"one of episodes, meta_dataset, zero_shot and batches, not 2"},
		{"fractions", func(c *Config) { c.Division.Test = 0.5 }, "want 1"},
		{"no training", func(c *Config) { c.Division = Division{By: ByRecord, Test: 1} },
			"nothing is left to train on"},
		{"negative", func(c *Config) { c.Division.Test = -0.5 }, "want each from 0 to 1"},
		{"rule", func(c *Config) { c.Division.By = "author" }, `by "author"`},
		{"train by source", func(c *Config) { c.Division = Division{By: BySource, Train: 0.5} },
			"as published"},
		{"no input field", func(c *Config) { c.Inputs[0].Fields = []string{"sentence"} },
			`no field "sentence"; they have text, intent, score`},
		{"no target field", func(c *Config) { c.Predicts[0].Target = "label" },
			`predict "intent": the records have no field "label"`},
		{"way of one", func(c *Config) { c.Batches, c.Episodes = nil, &Episodes{Way: 1} },
			"way = 1"},
		{"ways", func(c *Config) { c.Batches, c.Episodes = nil, &Episodes{MinWay: 9, MaxWay: 8} },
			"min_way 9 and max_way 8"},
		{"class field",
			func(c *Config) {
				c.Batches, c.Episodes, c.ClassField = nil,
					&Episodes{Way: 2, Shot: 1, Query: 1}, "score"
			},
			`"score" is none`},
		{"no class target",
			func(c *Config) {
				c.Batches, c.Episodes, c.Predicts = nil,
					&Episodes{Way: 2, Shot: 1, Query: 1}, nil
			},
			"no target is one"},
		{"too few classes",
			func(c *Config) {
				c.Division = Division{By: ByClass, Train: 0.98, Validation: 0.01, Test: 0.01}
			},
			"too few for fractions"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := intents(t)
			c.Batches = &Batches{Size: 4}
			test.change(&c)
			if _, err := NewPool(dataset(5, []string{"all"}, grid(5, 4)), c); err == nil ||
				!strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// TestBySuperclass: classes of one superclass stay together, whichever they are.
func TestBySuperclass(t *testing.T) {
	c := intents(t)
	c.Division = Division{By: BySuperclass, Train: 0.5, Validation: 0.25, Test: 0.25}
	c.Episodes = &Episodes{Way: 2, Shot: 2, Query: 3}
	of := func(class int) string { return string(rune('a' + class%4)) }
	data := dataset(12, []string{"all"}, grid(12, 8))
	describe := data.Source.Describe
	bare := false
	data.Source.Describe = func() (task.Description, error) {
		d, err := describe()
		classes := d.Fields[1].Classes
		for i := range classes {
			if classes[i].Super = of(i); bare {
				classes[i].Super = ""
			}
		}
		return d, err
	}
	pool, err := NewPool(data, c)
	if err != nil {
		t.Fatal(err)
	}
	want := []SplitReport{{Train, 48, 6}, {Validation, 24, 3}, {Test, 24, 3}}
	if diff := cmp.Diff(want, pool.Report().Splits); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	owner := map[string]string{}
	for _, split := range splitNames {
		for _, class := range pool.Classes(split) {
			if other := owner[of(class)]; other != "" && other != split {
				t.Errorf("superclass %s is in %s and %s", of(class), other, split)
			}
			owner[of(class)] = split
		}
	}
	if len(owner) != 4 {
		t.Errorf("superclasses by split: %v", owner)
	}
	c.Division.Test, c.Division.Train = 0.05, 0.7
	if _, err := NewPool(data, c); err == nil ||
		!strings.Contains(err.Error(), "4 superclasses with records are too few") {
		t.Errorf("too few: %v", err)
	}
	bare = true
	if _, err := NewPool(data, c); err == nil ||
		!strings.Contains(err.Error(), "has no superclass to divide by") {
		t.Errorf("none: %v", err)
	}
}

// TestTrainShare: a part of what is trained on takes part, more of it with a larger share, and
// the other splits stay as they are.
func TestTrainShare(t *testing.T) {
	for _, d := range []Division{
		{By: ByClass, Train: 0.6, Validation: 0.2, Test: 0.2},
		{By: ByRecord, Train: 0.6, Validation: 0.2, Test: 0.2},
		{By: BySource},
	} {
		t.Run(string(d.By), func(t *testing.T) {
			classes := 10
			if d.By == BySource {
				classes = 1 // no record of a class that training does not know
			}
			records := grid(classes, 80/classes)
			at := func(share float64) *Pool {
				c := intents(t)
				d.TrainShare = share
				c.Division, c.Batches = d, &Batches{Size: 4}
				pool, err := NewPool(dataset(classes, []string{"train", "test"}, records[:40],
					records[40:]), c)
				if err != nil {
					t.Fatal(err)
				}
				return pool
			}
			all := at(0)
			whole := all.Records(Train)
			before := []int64{}
			for _, share := range []float64{0.001, 0.1, 0.5, 1} {
				pool := at(share)
				used := pool.Records(Train)
				n := len(whole)
				if d.By == ByClass {
					n = 8 * max(1, int(math.Round(share*6)))
				} else {
					n = max(1, int(math.Round(share*float64(n))))
				}
				if len(used) != n || pool.Report().Unused != len(whole)-n {
					t.Errorf("share %v: %d of %d records and %d unused, want %d and the rest", share,
						len(used), len(whole), pool.Report().Unused, n)
				}
				for _, id := range before {
					if !slices.Contains(used, id) {
						t.Errorf("share %v: record %d of a smaller share is not used", share, id)
					}
				}
				before = used
				for _, split := range []string{Validation, Test} {
					if diff := cmp.Diff(all.Records(split), pool.Records(split)); diff != "" {
						t.Errorf("share %v changes the split %s (-all +share)\n%s", share, split, diff)
					}
				}
			}
			if diff := cmp.Diff(whole, before); diff != "" {
				t.Errorf("a share of 1 is not all (-all +share)\n%s", diff)
			}
		})
	}
}
