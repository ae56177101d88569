// Package experiments_test holds the experiments to what their headers and the README
// say, and runs each to its end in a reduced form.
package experiments_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"quickstudy/cmd/runner/runnertest"
	"quickstudy/framework/task/tasktest"
)

// runner is the program under test, built once.
var runner string

func TestMain(m *testing.M) { runnertest.Main(m, &runner) }

// files are the experiments of this folder.
func files(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("*.hcl")
	if err != nil || len(found) == 0 {
		t.Fatalf("no experiments: %v", err)
	}
	return found
}

// sources reads the folders that the runner and the plugins are built from. Builds are
// processes of their own, so that go test would not see that it has to test anew.
var sources = sync.OnceValue(func() error {
	for _, root := range []string{"../backbone", "../cmd", "../framework", "../plugins"} {
		visit := func(_ string, _ fs.DirEntry, err error) error { return err }
		if err := filepath.WalkDir(root, visit); err != nil {
			return err
		}
	}
	return nil
})

// execute runs the runner here and returns what it prints; it must succeed.
func execute(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	if err := sources(); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), runner, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("runner %s: %v\n%s%s", strings.Join(args, " "), err, errs.String(), out.String())
	}
	return out.String(), errs.String()
}

// data sets the variables that say where an experiment's data is, if it needs any; where
// the data is absent the test is skipped.
func data(t *testing.T, file string) []string {
	t.Helper()
	var variables []string
	for _, of := range []struct{ variable, path string }{
		{"clinc150", "clinc150/data_full.json"},
		{"clinc150_domains", "clinc150/domains.json"},
		// The smallest of its training sets is the test here, which takes a quarter of the time.
		{"restaurants8k", "restaurant8k/test.json"},
		{"restaurants8k_test", "restaurant8k/train_3.json"},
		{"fewrel", "fewrel/val_wiki.json"},
		{"omniglot1", "omniglot/images_background_small1.zip"},
		{"omniglot2", "omniglot/images_background_small2.zip"},
	} {
		if declares(t, file, of.variable) {
			variables = append(variables, of.variable+"="+absolute(t, tasktest.Data(t, of.path)))
		}
	}
	if declares(t, file, "multi30k") {
		variables = append(variables, captions(t)...)
	}
	return variables
}

// captions sets the variables of Multi30k to the first of its captions: to write all would take
// longer than everything else.
func captions(t *testing.T) []string {
	t.Helper()
	folder := t.TempDir()
	for _, language := range []string{"en", "de", "fr"} {
		for part, lines := range map[string]int{"train": 80, "val": 8, "test_2016_flickr": 8} {
			path := tasktest.Data(t, "multi30k/"+part+"."+language+".gz")
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			unpacked, err := gzip.NewReader(file)
			if err != nil {
				t.Fatal(err)
			}
			var first strings.Builder
			for line := bufio.NewScanner(unpacked); lines > 0 && line.Scan(); lines-- {
				first.WriteString(line.Text() + "\n")
			}
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(folder, part+"."+language)
			if err := os.WriteFile(out, []byte(first.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	of := func(part string) string { return filepath.Join(folder, part+".{}") }
	return []string{"multi30k=" + of("train"), "multi30k_validation=" + of("val"),
		"multi30k_test=" + of("test_2016_flickr")}
}

// declares reports whether an experiment has a variable.
func declares(t *testing.T, file, name string) bool {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(content, []byte("\nvariable \""+name+"\" {\n"))
}

// absolute makes a path mean the same to an experiment, whose paths start at its file.
func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
