package record

import (
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/train/metric"
)

var update = flag.Bool("update", false, "write the golden files anew")

func sampleTable() Table {
	i := func(mean, halfWidth float64) Cell {
		return IntervalCell(metric.Interval{Mean: mean, HalfWidth: halfWidth, N: 600})
	}
	return Table{Title: "intents/test, 5-way 5-shot", Metric: "accuracy", HigherBetter: true,
		Percent: true, RowHeader: "method", Columns: []string{"0", "1", "5"}, Rows: []Row{
			{"maml", []Cell{i(0.34104, 0.00611), i(0.70251, 0.00522), i(0.81204, 0.0043)}},
			{"untrained", []Cell{i(0.2, 0), i(0.25, 0.005), EmptyCell()}},
			{"Zentroid (Wörter)", []Cell{EmptyCell(), EmptyCell(), i(0.8, 0.00399)}},
			{"chance", []Cell{ExactCell(0.2), ExactCell(0.2), ExactCell(0.2)}},
			{"evil \x1b[31mred\n", []Cell{i(1, 0.1), i(0.05, 0.01), i(0, math.NaN())}},
		}}
}

func TestTableText(t *testing.T) {
	narrow := IntervalCell(metric.Interval{Mean: 0.0312345, HalfWidth: 0.00012, N: 9})
	small := Table{Title: "sinusoid/test", Metric: "mse", RowHeader: "method",
		Columns: []string{"mse", "r2"}, Rows: []Row{
			{"reptile", []Cell{narrow, ExactCell(0.5)}},
			{"mean", []Cell{ExactCell(4.2517), ExactCell(math.Inf(-1))}},
			{"equal", []Cell{EmptyCell(),
				IntervalCell(metric.Interval{Mean: 0.2, HalfWidth: 1e-17, N: 9})}},
		}}
	difference := func(mean, halfWidth float64) Cell {
		return DifferenceCell(metric.Interval{Mean: mean, HalfWidth: halfWidth, N: 600})
	}
	marked := Table{Title: "intents/test", Metric: "accuracy", RowHeader: "difference",
		Columns: []string{"0", "5"}, Notes: []string{"a note", "evil \x1b[31mred"}, Rows: []Row{
			{"maml - untrained", []Cell{difference(0.001, 0.02), difference(0.31, 0.0125)}},
			{"maml - centroid", []Cell{difference(0.02, 0.02), difference(-0.1, 0.02)}},
			{"maml - other", []Cell{EmptyCell(), DifferenceCell(metric.Interval{Mean: math.NaN()})}},
		}}
	// Equal scores have a half-width of 0, but for rounding.
	interval := func(mean, halfWidth float64) Cell {
		return IntervalCell(metric.Interval{Mean: mean, HalfWidth: halfWidth, N: 600})
	}
	equal := Table{Title: "equal", Metric: "accuracy", RowHeader: "method",
		Columns: []string{"alone", "rounded", "beside"}, Rows: []Row{
			{"majority", []Cell{interval(0.2, 0), interval(0.2, 3e-17), interval(0.2, 3e-17)}},
			{"maml", []Cell{EmptyCell(), interval(0.3, 0), interval(0.41, 0.012)}},
		}}
	empty := Table{Title: "nothing", Metric: "f1", RowHeader: "method"}
	var text strings.Builder
	for _, table := range []Table{sampleTable(), small, marked, equal, empty} {
		if err := table.WriteText(&text); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join("testdata", "tables.txt")
	if *update {
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestResultsRoundTrip(t *testing.T) {
	run := create(t, t.TempDir())
	_, err := run.Results()
	if !errors.Is(err, ErrNotYet) {
		t.Errorf("before they are written: got %v, want ErrNotYet", err)
	}
	want := []Table{sampleTable()}
	if err := run.WriteResults(want); err != nil {
		t.Fatal(err)
	}
	got, err := run.Results()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, equateNaNs); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTableRefuses(t *testing.T) {
	short := sampleTable()
	short.Rows[1].Cells = short.Rows[1].Cells[:2]
	negative := sampleTable()
	negative.Rows[0].Cells[2].HalfWidth = -1
	run := create(t, t.TempDir())
	for _, test := range []struct {
		table Table
		want  string
	}{
		{short, `row "untrained" has 2 cells for 3 columns`},
		{negative, `row "maml", column "5": half-width -1`},
	} {
		wantError(t, "text", test.table.WriteText(&strings.Builder{}), test.want)
		wantError(t, "file", run.WriteResults([]Table{test.table}), test.want)
	}
	content := `{"format":1,"tables":[{"columns":["a"],"rows":[{"name":"x","cells":[]}]}]}`
	if err := os.WriteFile(run.path(resultsFile), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := run.Results()
	wantError(t, "read", err, `results.json: table 0: row "x" has 0 cells for 1 columns`)
}

func FuzzResults(f *testing.F) {
	f.Add([]byte(`{"format":1,"tables":[{"title":"t","columns":["a"],` +
		`"rows":[{"name":"x","cells":[{"mean":0.5,"half_width":null,"n":3}]}]}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		var results Results
		if decode(content, &results) != nil {
			return
		}
		for _, table := range results.Tables {
			var text strings.Builder
			if err := table.WriteText(&text); err != nil {
				t.Fatalf("a table that was read cannot be shown: %v", err)
			}
			shown := text.String()
			if strings.Count(shown, "\n") != len(table.Rows)+2 || strings.Contains(shown, "\x1b") {
				t.Fatalf("control characters of a name reach the terminal: %q", shown)
			}
		}
	})
}
