package trial

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/experiment"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/evaluation"
	"quickstudy/framework/train/record"
)

// run begins a run and returns its folder and how it ended.
func run(ctx context.Context, t *testing.T, path string, watch func(Event)) (string, error) {
	t.Helper()
	one := start(t, path, watch)
	if err := one.Create(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	_, err := one.Run(ctx)
	return one.run.Dir(), errors.Join(err, one.Close())
}

// resume goes on with the run in a folder.
func resume(t *testing.T, dir string, watch func(Event), changes ...func(*Config)) error {
	t.Helper()
	folder, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Lock(); err != nil {
		t.Fatal(err)
	}
	one := start(t, folder.ResolvedPath(), watch, changes...)
	err = one.Resume(t.Context(), folder)
	if err == nil {
		_, err = one.Run(t.Context())
	}
	return errors.Join(err, one.Close())
}

// reported returns what a run has written at its end: tables, the scores of all draws, what
// encoding came to.
func reported(t *testing.T, dir string) string {
	t.Helper()
	var all []byte
	for _, name := range []string{"results.json", "episodes.json", "encoding.json"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	return string(all)
}

// TestResumeKeepsSingleTaskModels: a run that is stopped while it trains the models of the
// single-task row goes on with the one under way, keeps those that are done, and ends with
// the tables of a run that was never stopped, to the last bit.
func TestResumeKeepsSingleTaskModels(t *testing.T) {
	path := edited(t, "greetings.hcl", "steps = 30", "steps = 6", "every = 10", "every = 2")
	finished, err := run(t.Context(), t, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	dir, err := run(ctx, t, path, func(e Event) {
		if e, ok := e.(Advanced); ok && e.Alone == "when" && e.Event == "train" && e.Step == 3 {
			stop()
		}
	})
	var stopped *InterruptedError
	if !errors.As(err, &stopped) || stopped.Step != 6 || stopped.Dir != dir {
		t.Fatalf("error %v, want an interruption after step 6", err)
	}
	steps := map[string][]int{}
	err = resume(t, dir, func(e Event) {
		if e, ok := e.(Advanced); ok && e.Event == "train" {
			steps[e.Alone] = append(steps[e.Alone], e.Step)
			if e.First != 3 {
				t.Errorf("it goes on from step %d, want 3", e.First)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]int{"when": {4, 5, 6}}, steps); diff != "" {
		t.Errorf("steps that were made: -want +got\n%s", diff)
	}
	if diff := cmp.Diff(reported(t, finished), reported(t, dir)); diff != "" {
		t.Errorf("-never stopped +resumed\n%s", diff)
	}
	for _, objective := range []string{"language", "when"} {
		found, err := filepath.Glob(filepath.Join(dir, "single_task/greetings", objective, "step-*6.*"))
		if err != nil || len(found) != 1 {
			t.Errorf("checkpoints of %s after step 6: %v, %v", objective, found, err)
		}
	}
}

// TestLeftOut: what of the data takes no part is counted in the run's record.
func TestLeftOut(t *testing.T) {
	for _, row := range []struct {
		names, episodes string
		some            bool
	}{{"min_names = 100", "query = 4", false},
		{"min_names = 20", "query = 4\n      min_examples = 60", true}} {
		dir, err := run(t.Context(), t, edited(t, "names.hcl", "min_names = 100", row.names,
			"query = 4", row.episodes), nil)
		if err != nil {
			t.Fatal(err)
		}
		folder, err := record.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		data, err := folder.Data()
		if err != nil || data.Tasks[0].LeftOut.SmallClasses > 0 != row.some {
			t.Errorf("%s: %+v, %v", row.names, data, err)
		}
	}
}

// TestResumeWithoutTheSource: what a run began with is in its folder, so that the run that
// it was taken from may be gone, with a checkpoint and without, and nothing is missing
// from the report.
func TestResumeWithoutTheSource(t *testing.T) {
	short := []string{"steps = 30", "steps = 4", "every = 10", "every = 0"}
	source, err := run(t.Context(), t, edited(t, "greetings.hcl", short...), nil)
	if err != nil {
		t.Fatal(err)
	}
	path := edited(t, "greetings.hcl", append(short, "seed = 3",
		"seed = 4\n  init { from = \""+filepath.ToSlash(source)+"\" }")...)
	dir, err := run(t.Context(), t, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := reported(t, dir)
	if !strings.Contains(want, `"`+evaluation.RowInitial+`"`) {
		t.Fatalf("there is no row of what it started from: %s", want)
	}
	if err := os.RemoveAll(source); err != nil {
		t.Fatal(err)
	}
	again := func(what string) {
		t.Helper()
		if err := resume(t, dir, nil); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if diff := cmp.Diff(want, reported(t, dir)); diff != "" {
			t.Errorf("%s: -never stopped +resumed\n%s", what, diff)
		}
	}
	again("with a checkpoint")
	for _, name := range []string{"checkpoints", "single_task", "results.json", "episodes.json",
		"encoding.json"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	again("from the beginning")
	if err := os.Remove(filepath.Join(dir, "initial.safetensors")); err != nil {
		t.Fatal(err)
	}
	var invalid *experiment.InvalidError
	if err := resume(t, dir, nil); !errors.As(err, &invalid) ||
		!strings.Contains(err.Error(), "A relative path, also one from a variable, starts at") {
		t.Errorf("without the initial values and their source: %v", err)
	}
}

// TestResumeByAnotherArithmetic: a run goes on to other bits only if it is told to, and then
// says so.
func TestResumeByAnotherArithmetic(t *testing.T) {
	dir, err := run(t.Context(), t, edited(t, "names.hcl"), nil)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "checkpoints")
	found, err := checkpoint.Latest(folder)
	if err != nil {
		t.Fatal(err)
	}
	now := found.Arithmetic
	found.Arithmetic = "fixed point"
	if _, err := checkpoint.Save(folder, found.Checkpoint, 0); err != nil {
		t.Fatal(err)
	}
	if err := resume(t, dir, nil); !errors.Is(err, ErrArithmetic) ||
		!strings.Contains(err.Error(), `"fixed point"`) {
		t.Errorf("error %v, want ErrArithmetic", err)
	}
	for range 2 {
		err := resume(t, dir, nil, func(c *Config) { c.OtherArithmetic = true })
		if err != nil {
			t.Fatal(err)
		}
		again, err := record.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := again.Info().Arithmetic, now+", then "+now; got != want {
			t.Errorf("recorded arithmetic %q, want %q", got, want)
		}
	}
}
