package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/task"
	"quickstudy/framework/task/tasktest"
)

// all is a configuration that reads every kind of column.
func all(c *config) {
	c.Labels, c.Texts, c.Values = nil, []string{"other"}, []string{"score"}
	c.LabelSets, c.Spans, c.Words, c.Tags = []string{"topics"}, []string{"answer"}, "words", "tags"
}

// TestLists reads the same records from JSON, where lists are lists, and from columns.
func TestLists(t *testing.T) {
	want := [][]task.Cell{
		{{Text: "né a b"}, {Text: "x y"}, {Floats: []float64{0.5}}, {Ints: []int64{0, 1}},
			{Ints: []int64{1, 4}}, {Words: []string{"né", "a"}}, {Ints: []int64{1, 0}}},
		{{Text: "c"}, {Text: ""}, {}, {}, {}, {Words: []string{"c"}}, {Ints: []int64{1}}},
	}
	for format, content := range map[string]string{
		"jsonl": `{"text":"né a b","other":"x y","score":0.5,"topics":["b","a","b"],"answer":[1,4],` +
			`"words":["né","a"],"tags":["O","B-X"]}` + "\n" +
			`{"text":"c","other":null,"score":null,"topics":[],"answer":null,"words":"c","tags":"O"}`,
		"tsv": "text\tother\tscore\ttopics\tanswer\twords\ttags\n" +
			"né a b\tx y\t0.5\tb a\t1 4\tné a\tO B-X\nc\t\t\t\t\tc\tO\n",
	} {
		c := defaults
		all(&c)
		c.Format, c.Path = format, write(t, "all."+format, content)
		read, err := readTables(c)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range read.records {
			if diff := cmp.Diff(want[i], r.Cells); diff != "" {
				t.Errorf("%s: record %d: -want +got\n%s", format, i, diff)
			}
		}
		if err := read.description.Verify(); err != nil {
			t.Error(err)
		}
		f := read.description.Fields
		classes := []task.Class{{Name: "a", Count: 1}, {Name: "b", Count: 1}}
		if diff := cmp.Diff(classes, f[3].Classes); diff != "" {
			t.Errorf("%s: -want +got\n%s", format, diff)
		}
		if diff := cmp.Diff([]string{"B-X", "O"}, f[6].Vocabulary); diff != "" {
			t.Errorf("%s: -want +got\n%s", format, diff)
		}
	}
}

func TestListsConformance(t *testing.T) {
	path := write(t, "all.jsonl", strings.Repeat(`{"text":"né a b","other":"x","score":1,`+
		`"topics":["b","a"],"answer":[0,2],"words":["né","a"],"tags":["O","B-X"]}`+"\n", 3))
	tasktest.Run(t, text, func(c *config) { all(c); c.Path = path })
}

// TestWordsAlone: without a column of texts the words are the text.
func TestWordsAlone(t *testing.T) {
	c := defaults
	c.Labels, c.Text, c.Words, c.Tags = nil, "", "words", "tags"
	rows, err := readTable([]byte(`{"words":["a","b"],"tags":["O","O"]}`), c)
	if err != nil || rows[0].text != "a b" {
		t.Errorf("got %+v, %v", rows, err)
	}
}

func TestListsRefuse(t *testing.T) {
	const right = `{"text":"né a b","other":"x","score":1,"topics":["a"],"answer":[0,2],` +
		`"words":["né","a"],"tags":["O","B-X"]}`
	for _, row := range []struct{ old, new, want string }{
		{`["O","B-X"]`, `["O"]`, `line 1: tags: "tags" has 1 for the 2 words of "words"`},
		{`["né","a"]`, `[]`, `words: "words" is empty`},
		{`["né","a"]`, `["né",null]`, `words: member "words": item 1 is not a string`},
		{`["a"]`, `{"a":1}`, `label_sets: member "topics" is not a list, string, number or boolean`},
		{`[0,2]`, `[0,7]`, `spans: "answer": the span [0 7] is not a start and an end within the 6 ` +
			`characters`},
		{`[0,2]`, `[2,2]`, "the span [2 2]"}, {`[0,2]`, `[1]`, "the span [1]"},
		{`[0,2]`, `"0 x"`, `"x" is no number of characters`},
		{`"score":1`, `"score":"NaN"`, `values: "score" is "NaN", want a number`},
		{`"other":"x"`, `"another":"x"`, `texts: no member "other"`},
	} {
		c := defaults
		all(&c)
		_, err := readTable([]byte(strings.Replace(right, row.old, row.new, 1)), c)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got error %v, want %q", row.new, err, row.want)
		}
	}
	for want, change := range map[string]func(c *config){
		"so there is nothing to predict":   func(c *config) { c.Labels = nil },
		`words: no column is named, and`:   func(c *config) { c.Tags = "tags" },
		`and tags = "" and text = "" need`: func(c *config) { c.Text = "" },
	} {
		c := defaults
		change(&c)
		if _, err := readTables(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}

// FuzzLists: whatever a record holds, what is read is what the framework can take.
func FuzzLists(f *testing.F) {
	f.Add(`{"text":"a b","other":"x","score":1,"topics":["a"],"answer":[0,2],"words":["a"],` +
		`"tags":["O"]}`)
	f.Add(`{"text":"a b","other":null,"score":"","topics":"","answer":"","words":"a b","tags":"O O"}`)
	f.Fuzz(func(t *testing.T, line string) {
		c := defaults
		all(&c)
		rows, err := readTable([]byte(line), c)
		if err != nil {
			return
		}
		made := newCorpus([]part{{"all", rows}}, nil, nil)
		made.extend(c, []part{{"all", rows}})
		if made.description.Verify() != nil {
			return // such as a column without any class
		}
		for _, r := range made.records {
			if err := r.Verify(made.description); err != nil {
				t.Error(err)
			}
		}
	})
}
