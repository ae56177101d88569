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

// finished makes a run with these scores of episodes.
func finished(t *testing.T, seed uint64, mean float64, scores ...float64) string {
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
		r.WriteResults([]record.Table{{Title: "t/test, 2 episodes", Metric: "accuracy",
			HigherBetter: true, RowHeader: "method", Columns: []string{"5"},
			Rows: []record.Row{{Name: "trained", Cells: []record.Cell{cell}}}}}),
		r.WriteEpisodes([]record.EpisodeSet{{Name: "t/test", Hash: "abcdef", Count: len(scores),
			Series: []record.Series{
				{Row: "trained", Column: "5", Metric: "accuracy", Scores: record.Numbers(scores)},
				{Row: "trained", Column: "5", Metric: "loss", Scores: record.Numbers(scores)}}}}),
		r.SetStatus(record.Done, nil), r.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return r.Dir()
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
	const text = `
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
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "results.hcl")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out, err := write(file(strings.ReplaceAll(text, "LEAST", "-5")), root)
	want := metric.Mean([]float64{0.6, 0.8})
	line := "| R | " + shown(record.IntervalCell(want)) + " | 2 | 0.0 min |"
	if err != nil || !bytes.Contains(out, []byte(line)) {
		t.Errorf("%v: no line %q in\n%s", err, line, out)
	}
	for _, test := range []struct{ text, want string }{
		{strings.ReplaceAll(text, "LEAST", "0.65"), "the control fails"},
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

func TestAddRefuses(t *testing.T) {
	root := t.TempDir()
	if _, err := add(finished(t, 1, 0.9, 0.5, 0.7), root, ""); err == nil ||
		!strings.Contains(err.Error(), "the mean of 2 scores is 0.6") {
		t.Errorf("got %v, want an error about a table that is not of its scores", err)
	}
	dir := finished(t, 1, 0.6, 0.5, 0.7)
	for _, name := range []string{"", "few-5"} { // what was refused is not there
		if _, err := add(dir, root, name); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"": "is there already", "few-5": "is there already",
		"../few": `-as "../few"`} {
		if _, err := add(dir, root, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("as %q: got %v, want an error with %q", name, err, want)
		}
	}
}
