package record

import (
	"errors"
	"math"
	"strings"
	"testing"

	"quickstudy/framework/train/metric"
)

// seeded is a run of an experiment with a seed and a result.
func seeded(t *testing.T, seed uint64, resolved, digest string, tables ...Table) *Run {
	t.Helper()
	info := sampleInfo()
	info.Seed = seed
	run, err := Create(t.TempDir(), info, []byte(resolved), []Plugin{{Kind: "head", Name: "h",
		Digest: digest}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeRun(t, run) })
	if err := run.WriteResults(tables); err != nil {
		t.Fatal(err)
	}
	return run
}

// scored are tables of a score, which chance does not change, and of a difference.
func scored(x, halfWidth float64) []Table {
	cell := IntervalCell(metric.Interval{Mean: x, HalfWidth: halfWidth, N: 600})
	return []Table{
		{Title: "waves/test", Metric: "mse", RowHeader: "method", Columns: []string{"0", "1"},
			Rows: []Row{{"trained", []Cell{cell, EmptyCell()}},
				{"chance", []Cell{ExactCell(0.25), ExactCell(0.25)}}}, Notes: []string{"of this run"}},
		{Title: "waves/test, differences", Metric: "mse", RowHeader: DifferenceRows,
			Columns: []string{"0"}, Rows: []Row{{"trained - chance", []Cell{DifferenceCell(
				metric.Interval{Mean: x - 0.25, HalfWidth: halfWidth, N: 600})}}}},
	}
}

func TestOverSeeds(t *testing.T) {
	const experiment = "experiment \"waves\" {\n  seed = %\n  freeze = []\n}\n"
	file := func(seed string) string { return strings.ReplaceAll(experiment, "%", seed) }
	// In none of the runs does the interval of the difference exclude 0.
	runs := []*Run{seeded(t, 1, file("1"), "d", scored(0.5, 1)...),
		seeded(t, 2, file("2"), "d", append(scored(0.6, 2), Table{Title: "only here"})...),
		seeded(t, 30, file("30"), "d", scored(0.7, 3)...)}
	tables, err := OverSeeds(runs)
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != 2 {
		t.Fatalf("%d tables, want the 2 that all have", len(tables))
	}
	want := metric.Mean([]float64{0.5, 0.6, 0.7})
	if got := tables[0].Rows[0].Cells[0]; got != IntervalCell(want) {
		t.Errorf("score %+v, want %v", got, want)
	}
	if got := tables[0].Rows[0].Cells[1]; !math.IsNaN(float64(got.Mean)) {
		t.Errorf("empty cell %+v", got)
	}
	if got := tables[0].Rows[1].Cells[0]; got.Mean != 0.25 || !math.IsNaN(float64(got.HalfWidth)) {
		t.Errorf("chance %+v, want 0.25 without an interval", got)
	}
	if got := tables[1].Rows[0].Cells[0]; !got.Clear || math.Abs(float64(got.Mean)-0.35) > 1e-12 {
		t.Errorf("difference %+v, want 0.35, its interval %v without 0", got, want.HalfWidth)
	}
	if got := strings.Join(tables[0].Notes, "; "); got != "Intervals are over the seeds 1, 2, 30." {
		t.Errorf("notes %q", got)
	}

	first := runs[0]
	data := func(run *Run, digit string) *Run {
		d := Data{Tasks: []TaskData{{Task: "waves", Digest: strings.Repeat(digit, 64)}}}
		if err := run.WriteData(d, nil); err != nil {
			t.Fatal(err)
		}
		return run
	}
	if _, err := OverSeeds([]*Run{data(first, "a"), data(runs[1], "a"), runs[2]}); err != nil {
		t.Errorf("the same data, one run without a record of it: %v", err)
	}
	begins := func(seed, path string) string {
		return strings.ReplaceAll(file(seed), "freeze", "from = \""+path+"\"\n  freeze")
	}
	chain := seeded(t, 1, begins("1", "/home/a/runs/first/2026-11-24T01-02-03Z-abc123"), "d",
		scored(1, 0)...)
	if _, err := OverSeeds([]*Run{chain, seeded(t, 2,
		begins("2", "runs/first/2026-12-24T01-02-04Z-abc124/"), "d", scored(1, 0)...)}); err != nil {
		t.Errorf("two that begin with runs of one experiment: %v", err)
	}
	for _, test := range []struct {
		what, want string
		runs       []*Run
	}{
		{"a chain from another experiment", `first in "from = \"second\""`, []*Run{chain, seeded(t, 2,
			begins("2", "runs/second/2026-12-24T01-02-04Z-abc124"), "d", scored(1, 0)...)}},
		{"one run", "1 run, want at least 2", runs[:1]},
		{"the same seed", "two have the seed 1",
			[]*Run{first, seeded(t, 1, file("1"), "d", scored(1, 0)...)}},
		{"another experiment", `first in "freeze = [1]"`, []*Run{first,
			seeded(t, 2, strings.ReplaceAll(file("2"), "[]", "[1]"), "d", scored(1, 0)...)}},
		{"another build", `different builds of the head "h"`,
			[]*Run{first, seeded(t, 2, file("2"), "e", scored(1, 0)...)}},
		{"other data", `different data of the task "waves"`,
			[]*Run{first, data(seeded(t, 2, file("2"), "d", scored(1, 0)...), "b")}},
		{"other tables", "no table is in all",
			[]*Run{first, seeded(t, 2, file("2"), "d", Table{Title: "x"})}},
	} {
		_, err := OverSeeds(test.runs)
		if !errors.Is(err, ErrIncomparable) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.what, err, test.want)
		}
	}
}
