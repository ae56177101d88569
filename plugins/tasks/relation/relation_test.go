package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quickstudy/framework/task"
	"quickstudy/framework/task/tasktest"
)

const small = `{"P2": [{"tokens": ["Ann", "Lee", "wrote", "it", "in", "Rome", ",", "Ann", "said"],
  "h": ["ann lee", "Q1", [[0, 1], [7]]], "t": ["rome", "Q2", [[5]]]}],
 "P1": [{"tokens": ["X", "of", "Y"], "h": ["x", "Q3", [[0]]], "t": ["y", "Q4", [[2]]]},
  {"tokens": ["X", "in", "X"], "h": ["x", "Q3", [[2]]], "t": ["x", "Q3", [[0]]]}]}`

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// told returns the records as lines: relation, words, head, tail.
func told(t *testing.T, c config) (lines []string, d task.Description) {
	t.Helper()
	data, err := open(c)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = data.Describe(); err != nil {
		t.Fatal(err)
	}
	for id := range d.Records() {
		records, err := data.Source.Get([]int64{id})
		if err != nil {
			t.Fatal(err)
		}
		if err := records[0].Verify(d); err != nil {
			t.Fatal(err)
		}
		cells := records[0].Cells
		lines = append(lines, d.Fields[1].Classes[cells[1].Ints[0]].Name+": "+
			strings.Join(cells[0].Words, " ")+"|"+cells[2].Text+"|"+cells[3].Text)
	}
	return lines, d
}

func TestRead(t *testing.T) {
	for markers, want := range map[string]string{
		"first": "P2: xxhead Ann Lee headxx wrote it in xxtail Rome tailxx , Ann said|ann lee|rome",
		"all": "P2: xxhead Ann Lee headxx wrote it in xxtail Rome tailxx , xxhead Ann headxx said|" +
			"ann lee|rome",
		"none": "P2: Ann Lee wrote it in Rome , Ann said|ann lee|rome",
	} {
		c := config{Path: write(t, small), Markers: markers}
		c.Test = c.Path
		lines, d := told(t, c)
		if len(lines) != 6 || lines[0] != want || lines[3] != want {
			t.Errorf("%s: %q, want %q", markers, lines, want)
		}
		if markers == "first" && lines[2] != "P1: xxtail X tailxx in xxhead X headxx|x|x" {
			t.Errorf("%q", lines[2])
		}
		if d.Splits[0] != (task.Split{Name: "train", Records: 3}) ||
			d.Fields[1].Classes[0] != (task.Class{Name: "P1", Count: 4}) {
			t.Errorf("%+v", d)
		}
	}
}

func TestRefuses(t *testing.T) {
	with := func(from, to string) string {
		if !strings.Contains(small, from) {
			t.Fatal(from)
		}
		return strings.Replace(small, from, to, 1)
	}
	for _, row := range []struct{ content, want string }{
		{"", "line 1: the JSON ends early"},
		{"[]", "line 1: want an object of sentences by relation"},
		{"{}", "the file holds no sentence"},
		{"\xff", "not valid UTF-8"},
		{small[:100], "the JSON ends early"},
		{small + "{}", "line 4: something follows the JSON object"},
		{with(`"P1"`, `"P2"`), `line 3: relation "P2" has no name or occurs twice`},
		{with(`["x", "Q3", [[0]]]`, `["x", "Q3"]`), "an entity is [name, id, mentions]"},
		{with(`["x", "Q3", [[0]]]`, `["x", "Q3", [0]]`),
			"an entity's mentions are no lists of positions"},
		{with(`["x", "Q3", [[0]]]`, `[3, "Q3", [[0]]]`), "an entity's name is no string"},
		{with(`["x", "Q3", [[0]]]`, `["x", "Q3", [[3]]]`),
			`relation "P1", sentence 1: "x": the mention [3] is no run of words among the 3`},
		{with(`[[0, 1], [7]]`, `[[0, 2]]`), `the mention [0 2] is no run`},
		{with(`[[0, 1], [7]]`, `[[-1]]`), `the mention [-1] is no run`},
		{with(`[[0, 1], [7]]`, `[[]]`), `mention 1 has no word`},
		{with(`[[0, 1], [7]]`, `[]`), `h has no name or no mention`},
		{with(`["X", "of", "Y"]`, `[]`), `it has no tokens`},
	} {
		if _, err := open(config{Path: write(t, row.content), Markers: "first"}); err == nil ||
			!strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), "data.json") {
			t.Errorf("%.40s: %v, want %q", row.content, err, row.want)
		}
	}
	if _, err := open(config{Path: "nowhere.json"}); err == nil ||
		!strings.Contains(err.Error(), "path: there is no file nowhere.json\n    it should hold") {
		t.Errorf("%v", err)
	}
}

func TestConformance(t *testing.T) {
	tasktest.Run(t, relation, func(c *config) { c.Path = write(t, small) })
}

func TestFewRel(t *testing.T) {
	c := config{Path: tasktest.Data(t, "fewrel/val_wiki.json"), Markers: "first"}
	lines, d := told(t, c)
	if len(lines) != 16*700 || len(d.Fields[1].Classes) != 16 || d.Fields[1].Classes[0].Count != 700 {
		t.Errorf("%d sentences of %d relations", len(lines), len(d.Fields[1].Classes))
	}
	for _, line := range lines {
		for _, pair := range markers {
			for _, marker := range pair {
				if strings.Count(line, " "+marker) != 1 {
					t.Fatalf("%s: not one %s", line, marker)
				}
			}
		}
	}
}

// FuzzRelation: a file is refused, or gives records that are what they claim to be.
func FuzzRelation(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"P": [{"tokens": ["a"], "h": ["b", "", [[0]]], "t": ["c", "", [[0]]]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := config{Path: filepath.Join(t.TempDir(), "x.json"), Markers: "all"}
		if err := os.WriteFile(c.Path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := open(c); err == nil {
			told(t, c)
		}
	})
}
