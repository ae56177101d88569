package predict

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/task"
)

// described has a field of every kind.
var described = task.Description{
	Fields: []task.Field{
		{Name: "text", Kind: task.Text},
		{Name: "words", Kind: task.Words},
		{Name: "tags", Kind: task.IDs, Of: "words", Vocabulary: []string{"O", "B"}},
		{Name: "class", Kind: task.ClassOf, Classes: []task.Class{{Name: "yes"}, {Name: "7"}}},
		{Name: "classes", Kind: task.ClassSet, Classes: []task.Class{{Name: "a"}, {Name: "b"}}},
		{Name: "span", Kind: task.Span, Of: "text"},
		{Name: "value", Kind: task.Value},
		{Name: "vector", Kind: task.Vector, Size: []int{-1}},
		{Name: "image", Kind: task.Image, Size: []int{1, 2}},
		{Name: "sequence", Kind: task.Sequence, Size: []int{-1, 2}},
	},
	Splits: []task.Split{{Name: "all", Records: 1}},
}

func linesOf(text string, needed ...string) *Lines {
	needs := make([]need, len(described.Fields))
	for _, name := range needed {
		needs[described.Field(name)] = required
	}
	return newLines("q.jsonl", strings.NewReader(text), described, needs)
}

func TestLines(t *testing.T) {
	var all []string
	for _, f := range described.Fields {
		all = append(all, f.Name)
	}
	const line = `{"text": "é b", "words": ["x", 2], "tags": "O B", "class": 7, ` +
		`"classes": ["b", "a"], "span": [0, 1], "value": 0.5, "vector": [1, 2], ` +
		`"image": [[1, 2]], "sequence": [[1, 2], [3, 4]], "other": {}}`
	const bare = `{"text": "", "words": [], "tags": [], "class": null, "classes": [], "span": null, ` +
		`"value": null, "vector": [1], "image": [1, 2], "sequence": [1, 2]}`
	l := linesOf("\ufeff"+line+"\n \n"+bare, all...)
	got, err := l.Next(5)
	if err != nil {
		t.Fatal(err)
	}
	want := []task.Record{
		{ID: 1, Cells: []task.Cell{{Text: "é b"}, {Words: []string{"x", "2"}}, {Ints: []int64{0, 1}},
			{Ints: []int64{1}}, {Ints: []int64{0, 1}}, {Ints: []int64{0, 1}}, {Floats: []float64{0.5}},
			{Floats: []float64{1, 2}}, {Floats: []float64{1, 2}}, {Floats: []float64{1, 2, 3, 4}}}},
		{ID: 3, Cells: []task.Cell{{}, {Words: []string{}}, {}, {}, {}, {}, {}, {Floats: []float64{1}},
			{Floats: []float64{1, 2}}, {Floats: []float64{1, 2}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, r := range got {
		if err := r.Verify(described); err != nil {
			t.Error(err)
		}
	}
	if _, err := l.Next(1); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestLinesOpen(t *testing.T) {
	l := linesOf(`{"class": "new"}`+"\n"+`{"class": "yes"}`+"\n"+`{"class": "new"}`, "class")
	l.description.Fields = append([]task.Field(nil), described.Fields...)
	l.open = described.Field("class")
	got, err := l.Next(5)
	if err != nil || len(got) != 3 || got[0].Cells[l.open].Ints[0] != 2 ||
		got[1].Cells[l.open].Ints[0] != 0 || got[2].Cells[l.open].Ints[0] != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestLinesMistakes(t *testing.T) {
	for line, want := range map[string]string{
		`x`:                               "the line is no JSON object",
		`[]`:                              "the line is no JSON object",
		`{"text": "a"`:                    "the object does not end: it ends early",
		`{"text": }`:                      `member "text" is no JSON`,
		`{"text": "a"} {}`:                "something follows the object",
		`{"text": "a", "text":1}`:         `member "text" occurs twice`,
		"{\"text\": \"\xff\"}":            "not valid UTF-8",
		`{"Text": "a"}`:                   `there is no member "text" (it has "Text")`,
		`{"text": 3}`:                     `member "text": 3, want a string`,
		`{"text": null}`:                  `member "text": null, want a string`,
		`{"words": 3}`:                    `member "words": 3, want a list of strings`,
		`{"words": [[]]}`:                 `member "words": item 0: [], want a string`,
		`{"words": "a b", "tags": "O"}`:   `field "tags": 1 ids for the 2 words`,
		`{"words": "a b", "tags": "O X"}`: `"X" is not in the vocabulary`,
		`{"class": "maybe"}`:              `"maybe" is none of the 2 classes. Expected "yes" or "7".`,
		`{"class": ["yes"]}`:              `["yes"], want a string, number or boolean`,
		`{"classes": ["c"]}`:              `"c" is none of the 2 classes`,
		`{"text": "ab", "span": [1, 3]}`:  `field "span": span [1, 3) is empty or outside`,
		`{"text": "ab", "span": [1]}`:     `want [first character, character after the last], or null`,
		`{"value": "1"}`:                  `"1", want a number`,
		`{"value": 1e999}`:                `1e999, want a number`,
		`{"vector": []}`:                  `field "vector": 0 numbers`,
		`{"vector": 1}`:                   `1, want a list of numbers`,
		`{"vector": [[1]]}`:               "a list inside of a list",
		`{"image": [[1], [2]]}`:           "a list of 2 items, want 1",
		`{"image": [[1, true]]}`:          "an item is no number",
		`{"image": [1]}`:                  `field "image": 1 numbers, want 2`,
		`{"sequence": [[1, 2], 3]}`:       "a number, want a list",
		`{"sequence": [1, [2]]}`:          "a list inside of a list of numbers",
	} {
		var needed []string
		for _, f := range described.Fields {
			if strings.Contains(line, `"`+f.Name+`"`) || line == `{"Text": "a"}` && f.Name == "text" {
				needed = append(needed, f.Name)
			}
		}
		if needed == nil {
			needed = []string{"text"}
		}
		const right = `{"text": "a b", "words": "a b", "tags": "O O", "class": "yes", "classes": [], ` +
			`"span": null, "value": 1, "vector": [1], "image": [1, 2], "sequence": [1, 2]}`
		got, err := linesOf(right+"\n"+line, needed...).Next(5)
		if err == nil || !strings.HasPrefix(err.Error(), "q.jsonl:2: ") ||
			!strings.Contains(err.Error(), want) || len(got) != 1 {
			t.Errorf("%s: %d records, %v, want %q", line, len(got), err, want)
		}
	}
	long := linesOf(strings.Repeat(" ", 10_001), "text")
	long.most = 10_000
	if _, err := long.Next(1); err == nil || !strings.Contains(err.Error(), "is longer than") {
		t.Errorf("a long line: %v", err)
	}
}

// FuzzLines: whatever is read is a record of the description, or a mistake that is told with
// its line.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{`{"text": "a", "words": "b", "tags": ["O"], "class": 7}`, "\n\n{",
		`{"image": [[1, 2]], "sequence": [[1, 2]], "vector": [[[]]]}`, `{"span": [0, 1], "text": "é"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		needs := make([]need, len(described.Fields))
		for i := range needs {
			needs[i] = optional
		}
		l := newLines("q", strings.NewReader(text), described, needs)
		for {
			records, err := l.Next(2)
			for _, r := range records {
				for i, c := range r.Cells {
					if k := described.Fields[i].Kind; len(c.Floats) == 0 && (k == task.Vector ||
						k == task.Image || k == task.Sequence) || k == task.IDs && len(c.Ints) == 0 {
						continue // it is not there
					}
					if err := r.VerifyCell(described, i); err != nil {
						t.Fatal(err)
					}
				}
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				if !strings.HasPrefix(err.Error(), "q:") {
					t.Fatal(err)
				}
				return
			}
		}
	})
}
