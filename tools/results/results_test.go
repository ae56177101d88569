package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/train/metric"
	"quickstudy/framework/train/record"
)

// TestPageIsUpToDate: the page is, byte for byte, what its records give.
func TestPageIsUpToDate(t *testing.T) {
	t.Chdir("../..")
	want, err := write(contents, records)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("go run ./tools/results writes it anew (-wanted +there)\n%s", diff)
	}
}

// finished makes a run with these scores of episodes, of a measure of which more is better.
func finished(t *testing.T, seed uint64, mean float64, scores ...float64) string {
	t.Helper()
	return measured(t, "accuracy", true, seed, mean, scores...)
}

// measured makes a run with these scores of episodes.
func measured(t *testing.T, name string, higherBetter bool, seed uint64, mean float64,
	scores ...float64) string {
	t.Helper()
	r, err := record.Create(t.TempDir(), record.Info{Experiment: "few", Seed: seed, Runner: "r",
		Go: "go1", Arithmetic: "a"}, []byte("path = \"/home/somebody/data/x/y.json\"\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	cell := record.IntervalCell(metric.Interval{Mean: mean, HalfWidth: 0.1, N: len(scores)})
	for _, err := range []error{
		r.WriteData(record.Data{Tasks: []record.TaskData{{Task: "t",
			Digest: strings.Repeat("01", 32)}}}, nil),
		r.WriteResults([]record.Table{{Title: "t/test, 2 episodes", Metric: name,
			HigherBetter: higherBetter, RowHeader: "method", Columns: []string{"5"},
			Rows: []record.Row{{Name: "trained", Cells: []record.Cell{cell}}}}}),
		r.WriteEpisodes([]record.EpisodeSet{{Name: "t/test", Hash: "abcdef", Count: len(scores),
			Series: []record.Series{
				{Row: "trained", Column: "5", Metric: name, Scores: record.Numbers(scores)},
				{Row: "trained", Column: "5", Metric: "loss", Scores: record.Numbers(scores)}}}}),
		r.SetStatus(record.Done, nil), r.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return r.Dir()
}

// pageText is of a page with one row.
const pageText = `
intro = "i"
section "s" {
  text = "t"
  table "t/test" {
    columns = ["5"]
    control {
      runs = "few"
      row = "trained"
      column = "5"
      at_least = LEAST
      why = "w"
    }
    row "R" {
      runs = "few"
      row = "trained"
    }
  }
}`

func contentsFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "results.hcl")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestKeepAndWrite(t *testing.T) {
	root := t.TempDir()
	for seed, scores := range map[uint64][]float64{1: {0.5, 0.7}, 2: {0.7, 0.9}} {
		dir, err := add(finished(t, seed, (scores[0]+scores[1])/2, scores...), root, "")
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "resolved.hcl"))
		if err != nil || string(text) != "path = \".../x/y.json\"\n" {
			t.Errorf("%v: kept %q, want a path without its first folders", err, text)
		}
		k, err := load(dir)
		if err != nil || len(k.scores.Sets[0].Series) != 1 {
			t.Errorf("%v: kept %+v, want the scores of the metric that is shown alone", err, k.scores)
		}
	}
	file := func(text string) string { return contentsFile(t, text) }
	text := pageText
	out, err := write(file(strings.ReplaceAll(text, "LEAST", "-5")), root)
	want := metric.Mean([]float64{0.6, 0.8})
	line := "| R | " + shown(record.IntervalCell(want)) + " | 2 | 0.0 min |"
	if err != nil || !bytes.Contains(out, []byte(line)) {
		t.Errorf("%v: no line %q in\n%s", err, line, out)
	}
	for _, test := range []struct{ text, want string }{
		{strings.ReplaceAll(text, "LEAST", "0.65"), "control: it fails"},
		{strings.ReplaceAll(strings.ReplaceAll(text, "LEAST", "-5"), `["5"]`, `["6"]`),
			`no column "6"`},
		{strings.ReplaceAll(strings.ReplaceAll(text, "LEAST", "-5"), `"few"`, `"many"`),
			`no run of "many"`},
		{"intro = \"i\"\nsection \"s\" {\n  text = \"t\"\n  table \"t/test\" {\n columns = [\"5\"]\n}\n}",
			"no control"},
	} {
		_, err := write(file(test.text), root)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
}

// TestControlOfErrors: of a measure of which less is better a control says the most.
func TestControlOfErrors(t *testing.T) {
	root := t.TempDir()
	for seed, scores := range map[uint64][]float64{1: {0.5, 0.7}, 2: {0.7, 0.9}} {
		run := measured(t, "mse", false, seed, (scores[0]+scores[1])/2, scores...)
		if _, err := add(run, root, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ bounds, want string }{
		{"at_most = 9", ""},
		{"at_most = 0.9", "control: it fails"}, // the interval over two seeds is wide
		{"at_least = 0.1", "want at_most, as less of it is better"},
		{"at_least = 0.1\nat_most = 9", "want at_most, as less of it is better, and no other bound"},
		{"", "want at_most"},
	} {
		text := strings.ReplaceAll(pageText, "at_least = LEAST", test.bounds)
		out, err := write(contentsFile(t, text), root)
		if test.want == "" {
			if err != nil || !bytes.Contains(out, []byte(", below 9,")) {
				t.Errorf("%s: %v\n%s", test.bounds, err, out)
			}
		} else if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.bounds, err, test.want)
		}
	}
}

// TestKeptAs: runs of one file with other variables are kept under names of their own.
func TestKeptAs(t *testing.T) {
	root := t.TempDir()
	for seed, scores := range map[uint64][]float64{1: {0.5, 0.7}, 2: {0.7, 0.9}} {
		run := finished(t, seed, (scores[0]+scores[1])/2, scores...)
		if _, err := add(run, root, "few-1-shot"); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.ReplaceAll(pageText, "LEAST", "-5")
	if _, err := write(contentsFile(t, text), root); err == nil ||
		!strings.Contains(err.Error(), `no run of "few" is kept`) {
		t.Errorf("got %v, want an error about runs that are kept under another name", err)
	}
	text = strings.ReplaceAll(text, `"few"`, `"few-1-shot"`)
	if _, err := write(contentsFile(t, text), root); err != nil {
		t.Error(err)
	}
	_, err := add(finished(t, 3, 0.6, 0.5, 0.7), root, "../few")
	if err == nil || !strings.Contains(err.Error(), "want small letters") {
		t.Errorf("got %v, want an error about the name", err)
	}
}

// TestTransposed: changes of several runs stand below one another, an objective a column.
func TestTransposed(t *testing.T) {
	row := func(name string, x float64) record.Row {
		return record.Row{Name: name, Cells: []record.Cell{record.ExactCell(x)}}
	}
	got := transposed(record.Table{Columns: []string{"change"},
		Rows: []record.Row{row("a", 1), row("b", 2), row("mean", 1.5)}})
	want := record.Table{Columns: []string{"a", "b", "mean"}, Rows: []record.Row{{Name: "change",
		Cells: []record.Cell{record.ExactCell(1), record.ExactCell(2), record.ExactCell(1.5)}}}}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(x, y record.Number) bool {
		return x == y || x != x && y != y
	})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAddRefuses(t *testing.T) {
	root := t.TempDir()
	if _, err := add(finished(t, 1, 0.9, 0.5, 0.7), root, ""); err == nil ||
		!strings.Contains(err.Error(), "that of 2 scores is 0.6") {
		t.Errorf("got %v, want an error about a table that is not of its scores", err)
	}
	dir := finished(t, 1, 0.6, 0.5, 0.7) // what was refused is not in its place
	if _, err := add(dir, root, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := add(dir, root, ""); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("got %v, want an error about a record that is there", err)
	}
}
