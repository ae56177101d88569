package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// methodExperiment is a tiny experiment of two tasks, to be completed by an adapter, the
// kind and the settings of the head, and a learner.
const methodExperiment = `
plugins {
  task "names" { source = "ROOT/plugins/tasks/names" }
  head "HEAD" { source = "ROOT/plugins/heads/HEAD" }
  metalearner "LEARNER" { source = "ROOT/plugins/metalearners/LEARNER" }
}
tokenizer "main" { kind = "characters" }
experiment "method" {
  seed = 7
  backbone "transformer" {
    layers = 1
    width  = 8
    heads  = 2
    input "tokens" {
      tokenizer  = tokenizer.main
      max_length = 12
      truncate   = true
    }
    ADAPTER
  }
  head "HEAD" "first" {}
  head "HEAD" "second" {}
  task "names" "first" {
    min_names = 100
    max_names = 100
    inputs { tokens = "text" }
    predict "language" {
      head   = head.first
      target = "language"
    }
    split {
      by         = "class"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    episodes {
      way   = 3
      shot  = 2
      query = 2
    }
  }
  task "names" "second" {
    min_names = 100
    max_names = 100
    inputs { tokens = "text" }
    predict "language" {
      head   = head.second
      target = "language"
    }
    split {
      by         = "class"
      train      = 0.6
      validation = 0.2
      test       = 0.2
    }
    episodes {
      way   = 2
      shot  = 2
      query = 2
    }
  }
  metalearner "LEARNER" {
    ATTRIBUTES
    OPTIMIZER
  }
  train {
    steps      = 2
    meta_batch = 2
  }
  evaluate { episodes = 1 }
}
`

var inBackticks = regexp.MustCompile("`([^`]+)`")

// TestMethods checks every row of the tables of docs/methods.md as it stands there, and of
// every learner and head runs the first for a few steps, on two tasks.
func TestMethods(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs every learner")
	}
	page, err := os.ReadFile("../../docs/methods.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	column, rows := -1, 0
	ran := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "|") {
			column = -1
			continue
		}
		for i, cell := range cells {
			if strings.TrimSpace(cell) == "in HCL" {
				column = i
			}
		}
		if column < 0 || column >= len(cells) {
			continue
		}
		parts := inBackticks.FindAllStringSubmatch(cells[column], -1)
		if len(parts) == 0 {
			continue // the head of the table
		}
		rows++
		t.Run(strings.TrimSpace(cells[0]), func(t *testing.T) {
			runMethod(t, root, parts, ran)
		})
	}
	if rows < 30 {
		t.Errorf("%d methods in the tables, want them all", rows)
	}
}

// runMethod trains and evaluates what a row says: the learner, then attributes, and
// perhaps a head and an adapter. What has run before is only checked.
func runMethod(t *testing.T, root string, parts [][]string, ran map[string]bool) {
	t.Helper()
	learner, head, adapter, optimizer := parts[0][1], "classification", "",
		`optimizer "adam" { learning_rate = 0.01 }`
	var attributes []string
	for _, part := range parts[1:] {
		kind, label, _ := strings.Cut(part[1], " ")
		switch kind {
		case "head":
			head = strings.Trim(label, `"`)
		case "adapter":
			adapter = fmt.Sprintf("adapter %s { on = \"layers/*/norm*\" }", label)
		default:
			attributes = append(attributes, part[1])
		}
	}
	if learner == "reptile" {
		optimizer = "" // it has none
	}
	path := filepath.Join(t.TempDir(), "method.hcl")
	text := strings.NewReplacer("ROOT", filepath.ToSlash(root), "HEAD", head, "LEARNER", learner,
		"ADAPTER", adapter, "OPTIMIZER", optimizer, "ATTRIBUTES",
		strings.Join(attributes, "\n    ")).Replace(methodExperiment)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if ran[learner+" "+head] {
		if out, errs, status := execute(t, "runner validate "+path); status != 0 {
			t.Errorf("status %d: %s%s", status, out, errs)
		}
		return
	}
	ran[learner+" "+head] = true
	out, errs, status := execute(t, "runner run "+path+" -json -runs "+t.TempDir())
	if status != 0 {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	if !strings.Contains(out, "first/test") {
		t.Errorf("no table of the first task: %s", out)
	}
}
