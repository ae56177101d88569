package trial

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/train/record"
)

// TestTasksThatAreNotEvaluated: they are trained on, and neither choose the state nor are in
// any table.
func TestTasksThatAreNotEvaluated(t *testing.T) {
	dir, err := run(t.Context(), t, edited(t, "greetings.hcl", `  task "text" "greetings" {`,
		`  task "text" "more" {
    path   = "greetings.jsonl"
    labels = ["language", "when"]
    inputs { tokens = "text" }
    predict "when" {
      head   = head.when
      target = "when"
    }
    split {
      by    = "record"
      train = 1 # nothing is left to validate or to test on
    }
    batches { size = 8 }
    rates { loss = linear(1, 0.5) }
  }

  task "text" "greetings" {`, "every = 10", "every = 10\n    tasks = [\"greetings\"]"), nil)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := folder.Results()
	if err != nil || len(tables) == 0 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	for _, table := range tables {
		if strings.HasPrefix(table.Title, "more/") || slices.ContainsFunc(table.Rows,
			func(r record.Row) bool { return strings.HasPrefix(r.Name, "more/") }) {
			t.Errorf("a table of a task that is not evaluated: %s", table.Title)
		}
	}
	steps, validations := 0, 0
	for line, err := range folder.Metrics() {
		if err != nil {
			t.Fatal(err)
		}
		if loss := line.Values["loss/more"]; line.Event == "train" && loss > 0 {
			steps++
			if got, want := float64(line.Values["rate/loss/more"]),
				1-float64(line.Step-1)/60; math.Abs(got-want) > 1e-12 {
				t.Errorf("the loss counts %v at step %d, want %v", got, line.Step, want)
			}
		}
		if line.Event != "validation" {
			continue
		}
		validations++
		first := line.Values["greetings/language/accuracy@0"]
		second := line.Values["greetings/when/accuracy@0"]
		want := (first + second/2) / 1.5
		if got := line.Values["score"]; got < want-1e-12 || got > want+1e-12 {
			t.Errorf("the state after step %d scores %v, want %v, of the task that is evaluated",
				line.Step, got, want)
		}
	}
	if steps != 30 || validations != 3 {
		t.Errorf("%d steps with a loss of the other task and %d validations, want 30 and 3", steps,
			validations)
	}
	if alone, err := filepath.Glob(filepath.Join(dir, "single_task/*")); err != nil ||
		len(alone) != 1 || filepath.Base(alone[0]) != "greetings" {
		t.Errorf("single tasks %v, want the one that is evaluated", alone)
	}
}
