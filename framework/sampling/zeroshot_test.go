package sampling

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/task"
	"quickstudy/framework/text"
)

func TestZeroShot(t *testing.T) {
	c := intents(t)
	words, err := text.Train(text.Options{Kind: text.Words, Size: 100, MinCount: 1},
		slices.Values([]string{"class0 class1 class2 class3 class4 pay back c0 r0"}))
	if err != nil {
		t.Fatal(err)
	}
	c.Inputs[0].Tokenizer = words
	c.Division, c.ZeroShot = Division{By: ByRecord, Train: 1}, &ZeroShot{Way: 3, Query: 4}
	data := dataset(5, []string{"all"}, grid(5, 9))
	d, _ := data.Describe()
	d.Fields[1].Classes[2].Name = "pay_class2/back"
	sampled := newTask(t, data, c)
	firsts := make([]int, 5)
	for _, draw := range draws(t, sampled, Train, 300) {
		if len(draw.Classes) != 3 || len(draw.Support) != 0 || len(draw.Query) != 12 {
			t.Fatalf("episode %d: %d classes, a support of %d, a query of %d", draw.Index,
				len(draw.Classes), len(draw.Support), len(draw.Query))
		}
		firsts[draw.Classes[0]]++
		e := encode(t, sampled, draw)
		if got := e.Support.Array("intent/class").Ints; !slices.Equal(got, []int32{0, 1, 2}) {
			t.Fatalf("episode %d: the support is of classes %v", draw.Index, got)
		}
		length := e.Support.Array("input/tokens").Shape[1]
		for i, class := range draw.Classes {
			want := words.Encode(ClassText(d.Fields[1].Classes[class].Name)).IDs
			row := e.Support.Array("input/tokens").Ints[i*length:]
			if !slices.Equal(row[:len(want)], want) {
				t.Fatalf("episode %d: the text of class %d has the tokens %v, want %v", draw.Index, class,
					row[:len(want)], want)
			}
		}
		for i, id := range draw.Query {
			label := e.Query.Array("intent/class").Ints[i]
			if class := int(id) / 9; draw.Classes[label] != class {
				t.Fatalf("episode %d: record %d of class %d has the label %d of %v", draw.Index, id, class,
					label, draw.Classes)
			}
		}
	}
	if got := chiSquare(firsts); got > 23.6 { // 99.99 %, 4 degrees of freedom
		t.Errorf("first classes %v, χ² = %.1f", firsts, got)
	}
	raw, _, err := sampled.Raw(Draw{Split: Train, Classes: []int{2, 0}}, "intent")
	if diff := cmp.Diff([]string{"pay class2 back", "class0"}, raw.Texts); diff != "" || err != nil {
		t.Errorf("raw texts (-want +got), %v\n%s", err, diff)
	}

	named, err := sampled.Freeze(Train, 3)
	if err != nil {
		t.Fatal(err)
	}
	c.ZeroShot = &ZeroShot{Way: 3, Query: 4, Texts: map[string]string{"class0": "pay", "class1": "a",
		"pay_class2/back": "give back", "class3": "b", "class4": "c"}}
	described, err := newTask(t, data, c).Freeze(Train, 3)
	if err != nil || named.Hash == described.Hash || !cmp.Equal(named.Draws, described.Draws) {
		t.Errorf("other texts of the classes: %v, the same hash: %v", err, named.Hash == described.Hash)
	}
}

func TestClassText(t *testing.T) {
	for name, want := range map[string]string{"credit_limit-change": "credit limit change",
		"location/country": "location country", "_x__y_": "x y", "": "", "Ünder_wegs": "Ünder wegs"} {
		if got := ClassText(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestZeroShotRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(c *Config)
		want   string
	}{
		{"way", func(c *Config) { c.ZeroShot.Way = 1 }, "zero_shot: way 1"},
		{"too many ways", func(c *Config) { c.ZeroShot.Way = 9 }, "has 5 classes, too few for 9 ways"},
		{"too many queries", func(c *Config) { c.ZeroShot.Query = 10 }, `has 9 records of the class ` +
			`"class0", too few for an episode, which takes 10`},
		{"unknown class", func(c *Config) { c.ZeroShot.Texts = map[string]string{"oops": "a"} },
			`texts has "oops", which is no class of "intent"`},
		{"no text", func(c *Config) {
			c.ZeroShot.Texts = map[string]string{"class0": "a", "class1": " "}
		}, `4 classes of "intent" have no text, the first "class1"`},
		{"numbers", func(c *Config) {
			c.Inputs = []Input{{Kind: Numeric, Fields: []string{"score"}, MaxLength: 1, Features: 1}}
		}, "read by one input of one text field"},
		{"other target", func(c *Config) {
			c.Predicts = append(c.Predicts, Predict{Name: "score", Target: "score", Kind: task.Value})
		}, `predict "score" is not of the classes`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := intents(t)
			c.Division, c.ZeroShot = Division{By: ByRecord, Train: 1}, &ZeroShot{Way: 3, Query: 4}
			test.change(&c)
			pool, err := NewPool(dataset(5, []string{"all"}, grid(5, 9)), c)
			if err == nil {
				var sampled *Task
				if sampled, err = NewTask(pool, c); err == nil {
					_, err = sampled.Draw(Train, 0)
				}
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}
