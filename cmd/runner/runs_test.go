package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/sampling"
	"quickstudy/framework/train/record"
)

// copyRuns makes four runs in WORK/runs. The third was evaluated on other episodes, and
// the fourth is of another experiment.
func copyRuns(t *testing.T, work string) {
	t.Helper()
	for i, r := range []struct {
		id, experiment, hash string
		scores               []record.Number
	}{
		// In the order of their folders, which decides where two start at one time.
		{"d1", "ripples", "0f0f", []record.Number{0.5, 0.5, 1}},
		{"a1", "waves", "0f0f", []record.Number{0.5, 0.75, 1}},
		{"a2", "waves", "0f0f", []record.Number{0.25, 0.5, 0.75}},
		{"b1", "waves", "f0f0", []record.Number{0, 0, 0}},
	} {
		run, err := record.Create(filepath.Join(work, "runs"), record.Info{
			Experiment: r.experiment, ID: r.id, Seed: 7, Runner: "v1", Go: "go1.26",
			Arithmetic: "reference"}, []byte("# resolved\n"),
			[]record.Plugin{{Kind: "head", Name: "line", Version: "v1", Protocol: 1,
				Digest: strings.Repeat("ab", 32), Source: "./line"}})
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(
			run.Append(record.Line{Step: 3, Event: "train", Values: map[string]record.Number{"loss": 1}}),
			run.WriteEncodings([]record.Encoding{{Task: "waves", Split: "train",
				Statistics: sampling.Statistics{Inputs: 80, Positions: 400, Padding: 50,
					Shapes: map[string]int64{"x": 3}}}}),
			run.WriteResults([]record.Table{{Title: "waves/test", Metric: "accuracy", HigherBetter: true,
				RowHeader: "method", Columns: []string{"5"},
				Rows: []record.Row{{Name: "trained", Cells: []record.Cell{record.ExactCell(float64(i))}}}}}),
			run.WriteEpisodes([]record.EpisodeSet{{Name: "waves/test", Hash: r.hash, Count: 3,
				Series: []record.Series{{Row: "trained", Column: "5", Metric: "accuracy",
					HigherBetter: true, Scores: r.scores}}}}),
			run.SetStatus(record.Done, nil), run.Close())
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestLock pins the plugins of an experiment and finds the one that is not as pinned.
func TestLock(t *testing.T) {
	content, err := os.ReadFile("testdata/waves.hcl")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "waves.hcl")
	text := strings.ReplaceAll(string(content), "../../..", filepath.ToSlash(root))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, status := execute(t, "runner plugins lock "+path); status != 0 {
		t.Fatal(out, errs)
	}
	if out, _, status := execute(t, "runner plugins verify "+path); status != 0 ||
		strings.Count(out, "unchanged") != 3 {
		t.Fatalf("status %d: %s", status, out)
	}
	lock := filepath.Join(dir, "quickstudy.lock.json")
	pins, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	entry := regexp.MustCompile(`(?s)("head/regression".*?go:)[0-9a-f]+`)
	if err := os.WriteFile(lock, entry.ReplaceAll(pins, []byte("${1}0000")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"plugins verify", "plugins list", "validate", "data peek"} {
		out, errs, status := execute(t, "runner "+verb+" "+path)
		if status != statusPlugin || !strings.Contains(out+errs, "changed since it was locked") ||
			!strings.Contains(errs, "plugins lock") {
			t.Errorf("%s: status %d: %s%s", verb, status, out, errs)
		}
	}
}

// TestGraphs: what is printed is a program that can be read back, with calls only
// where it was not to be linked.
func TestGraphs(t *testing.T) {
	for _, test := range []struct {
		args  string
		calls bool
	}{
		{"-program init", false}, {"", false}, {"-program update", false}, {"-program evaluate", false},
		{"-linked=false", true}, {"-program update -linked=false", false},
		{"-after link", false}, {"-after grad", false}, {"-after fold", false}, {"-after cse", false},
		{"-without cse", false},
	} {
		out, errs, status := execute(t, "runner graph waves.hcl "+test.args)
		if status != 0 || errs != "" {
			t.Errorf("%q: status %d: %s", test.args, status, errs)
			continue
		}
		f, err := graph.Parse(out)
		if err != nil {
			t.Errorf("%q: %v", test.args, err)
			continue
		}
		isCall := func(n *graph.Node) bool { return n.Op() == graph.OpCall }
		if got := slices.ContainsFunc(f.Nodes(), isCall); got != test.calls {
			t.Errorf("%q: has calls: %v, want %v", test.args, got, test.calls)
		}
	}
}
