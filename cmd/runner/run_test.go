package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/train/record"
)

// trained runs an experiment and returns what -json prints.
func trained(t *testing.T, path, root string) (dir string, tables map[string]record.Table,
	stderr string) {
	t.Helper()
	out, errs, status := execute(t, "runner run "+path+" -json -runs "+root)
	if status != 0 {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	var result struct {
		Run    string
		Tables []record.Table
	}
	if err := json.Unmarshal([]byte(out), &result); err != nil {
		t.Fatal(err)
	}
	tables = map[string]record.Table{}
	for _, table := range result.Tables {
		tables[table.Title] = table
	}
	return result.Run, tables, errs
}

// TestRun trains two heads on one encoder, in whole batches, with every row that such
// an experiment can ask for, and starts another run from what it learned.
func TestRun(t *testing.T) {
	root := t.TempDir()
	dir, tables, errs := trained(t, "greetings.hcl", root)
	var table record.Table
	for title, one := range tables {
		if strings.HasPrefix(title, "greetings/test/language, 12 records, ±") {
			table = one
		}
	}
	scores := map[string]float64{}
	var rows []string
	for _, row := range table.Rows {
		rows = append(rows, row.Name)
		scores[row.Name] = float64(row.Cells[0].Mean)
	}
	want := []string{"trained", "single_task", "untrained", "majority", "chance"}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Fatalf("rows: %s\n%v", diff, tables)
	}
	if scores["trained"] < 0.9 || scores["untrained"] > 0.7 {
		t.Errorf("it has learned nothing: %v", scores)
	}
	for _, part := range []string{"step 10: validation", "the best so far", "trained 30 steps",
		"greetings, train: 240 inputs in ", "greetings, test: 12 inputs in ", "shapes compiled: "} {
		if !strings.Contains(errs, part) {
			t.Errorf("standard error lacks %q: %s", part, errs)
		}
	}
	if out, _, _ := execute(t, "runner runs show -experiment "+dir); !strings.Contains(out,
		"micro_batch      = 128") {
		t.Errorf("the micro-batch that was chosen is not written: %s", out)
	}
	if out, errs, status := execute(t, "runner runs show "+dir); status != 0 ||
		!strings.Contains(out, "single_task") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}

	documented(t, dir)

	from := filepath.Join(t.TempDir(), "greetings.hcl")
	content, err := os.ReadFile("testdata/greetings.hcl")
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(
		"../../..", filepath.ToSlash(filepath.Join(here, "../../..")),
		`"greetings.jsonl"`, `"`+filepath.ToSlash(filepath.Join(here, "greetings.jsonl"))+`"`,
		"seed = 3", "seed = 3\n  init { from = \""+filepath.ToSlash(dir)+"\" }",
		"steps = 30", "steps = 0", `"single_task", `, "").Replace(string(content))
	if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	dirAgain, again, errs := trained(t, from, root)
	documented(t, dirAgain)
	if !strings.Contains(errs, "24 leaves from "+dir) {
		t.Errorf("what was loaded is not told: %s", errs)
	}
	for i, cell := range table.Rows[0].Cells {
		if got := again[table.Title].Rows[0].Cells[i].Mean; got != cell.Mean {
			t.Errorf("a run of no steps scores %v, want what it started from, %v", got, cell.Mean)
		}
	}
}

// TestRunBackbones: every kind of backbone, with the ways to tell positions, to normalise
// and to pool, is reached from the file and learns.
func TestRunBackbones(t *testing.T) {
	data, err := filepath.Abs("testdata/greetings.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, lines := range []string{
		"kind = \"decoder\"\n    pooling = \"last\"\n    positions = \"rotary\"\n" +
			"    norm = \"rmsnorm\"\n" +
			"    activation = \"swiglu\"",
		"kind = \"decoder\"\n    positions = \"alibi\"\n    norm_order = \"post\"",
		"kind = \"encoder_decoder\"\n    positions = \"relative\"\n    activation = \"relu\"",
		"kind = \"encoder\"\n    positions = \"sinusoidal\"\n    pooling = \"first\"",
	} {
		path := edited(t, "greetings.hcl", "layers = 1", "layers = 1\n    "+lines,
			"max_length = 6", "max_length = 7", `"greetings.jsonl"`,
			fmt.Sprintf("%q", filepath.ToSlash(data)),
			`"single_task", `, "", "untrained {}", "")
		_, tables, errs := trained(t, path, t.TempDir())
		best := 0.0
		for title, table := range tables {
			if strings.HasPrefix(title, "greetings/test/language, 12 records, ±") {
				best = float64(table.Rows[0].Cells[0].Mean)
			}
		}
		if best < 0.7 {
			t.Errorf("%s: accuracy %v of two classes, want it to learn: %s", lines, best, errs)
		}
	}
}

// TestRunFails: a failure is recorded, and has a status of its own.
func TestRunFails(t *testing.T) {
	root := t.TempDir()
	out, errs, status := execute(t, "runner run names.hcl -var rate=1e38 -runs "+root)
	if status != statusFailed || !strings.Contains(errs, "step 1") {
		t.Fatalf("status %d, want %d: %s%s", status, statusFailed, out, errs)
	}
	found, err := record.List(root)
	if err != nil || len(found) != 1 || found[0].Run == nil {
		t.Fatal(found, err)
	}
	if info := found[0].Run.Info(); info.Status != record.Failed || info.Error == "" {
		t.Errorf("status %q, error %q, want %q and why", info.Status, info.Error, record.Failed)
	}
}

// edited writes a file of testdata with some changes, pairs of old and new, and returns
// its path. Its plugins are found from there.
func edited(t *testing.T, file string, changes ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(content), "../../..", filepath.ToSlash(root))
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("%s does not hold %q", file, changes[i])
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOptimizer: a learner without the optimizer that it needs is a mistake of the file,
// one with an optimizer that it never uses is told so and runs.
func TestOptimizer(t *testing.T) {
	const sgd = `optimizer "sgd" { learning_rate = 0.1 }`
	missing := edited(t, "waves.hcl", sgd, "")
	unused := edited(t, "waves.hcl", "metalearners/maml", "metalearners/reptile")
	for _, test := range []struct {
		command, want string
		status        int
	}{
		{"runner validate " + missing, "Error: Missing optimizer [missing-block]", statusInvalid},
		{"runner run " + missing + " -runs " + t.TempDir(),
			"Error: Missing optimizer [missing-block]", statusInvalid},
		{"runner validate " + unused, "Warning: Never used [unused]", 0},
		{"runner run " + unused + " -runs " + t.TempDir(), "Warning: Never used [unused]", 0},
	} {
		if _, errs, status := execute(t, test.command); status != test.status ||
			!strings.Contains(errs, test.want) {
			t.Errorf("%s: status %d, want %d and %q: %s", test.command, status, test.status,
				test.want, errs)
		}
	}
}

// TestRunVariableWay: episodes of a varying number of classes are trained on and
// evaluated from end to end.
func TestRunVariableWay(t *testing.T) {
	path := edited(t, "names.hcl", "way   = 3", "min_way = 2\n      max_way = 5",
		"{ episodes = 4 }", "{\n    episodes    = 6\n    every       = 1\n    inner_steps = [0, 2]\n"+
			"    rows        = [\"centroid\", \"majority\", \"chance\"]\n    untrained {}\n  }")
	dir, tables, errs := trained(t, path, t.TempDir())
	if !strings.Contains(errs, "trained 2 steps") {
		t.Errorf("standard error: %s", errs)
	}
	found := false
	for title, table := range tables {
		if !strings.HasPrefix(title, "languages/test, 6 episodes") {
			continue
		}
		found = true
		for _, row := range table.Rows {
			for i, cell := range row.Cells {
				if !(cell.Mean >= 0 && cell.Mean <= 1) {
					t.Errorf("%s, column %d: %v", row.Name, i, cell)
				}
			}
			// Between the chances of 5 classes and of 2, and of no single number of them.
			if m := row.Cells[0].Mean; row.Name == "chance" && !(m > 0.2 && m < 0.5) {
				t.Errorf("chance is %v", m)
			}
		}
	}
	if !found {
		t.Errorf("no table of the test episodes: %v", tables)
	}
	out, _, _ := execute(t, "runner runs show -experiment "+dir)
	if !strings.Contains(out, "max_way") {
		t.Errorf("resolved without the number of classes: %s", out)
	}
}
