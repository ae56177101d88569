// Package experimentstest runs experiments in a reduced form, for the tests of the folder
// experiments and of those below it. Paths start at the working folder, which is experiments.
package experimentstest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"quickstudy/framework/task/tasktest"
)

// Runner is the program under test, which runnertest.Main builds.
var Runner string

// Files are the experiments of the working folder.
func Files(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("*.hcl")
	if err != nil || len(found) == 0 {
		t.Fatalf("no experiments: %v", err)
	}
	return found
}

// Sources reads the folders that the runner and the plugins are built from. Builds are
// processes of their own, so that go test would not see that it has to test anew.
var Sources = sync.OnceValue(func() error {
	for _, root := range []string{"../backbone", "../cmd", "../framework", "../plugins"} {
		visit := func(_ string, _ fs.DirEntry, err error) error { return err }
		if err := filepath.WalkDir(root, visit); err != nil {
			return err
		}
	}
	return nil
})

// Execute runs the runner here and returns what it prints; it must succeed.
func Execute(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	if err := Sources(); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), Runner, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("runner %s: %v\n%s%s", strings.Join(args, " "), err, errs.String(), out.String())
	}
	return out.String(), errs.String()
}

// Data sets the variables that say where an experiment's data is, if it needs any; where
// the data is absent the test is skipped.
func Data(t *testing.T, file string) []string {
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
		if Declares(t, file, of.variable) {
			variables = append(variables, of.variable+"="+Absolute(t, tasktest.Data(t, of.path)))
		}
	}
	if Declares(t, file, "multi30k") {
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

// Declares reports whether an experiment has a variable.
func Declares(t *testing.T, file, name string) bool {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(content, []byte("\nvariable \""+name+"\" {\n"))
}

// Absolute makes a path mean the same to an experiment, whose paths start at its file.
func Absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func Read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Workloads are the experiments that are there to be timed.
func Workloads(t testing.TB) []string {
	t.Helper()
	found, err := filepath.Glob("bench/*.hcl")
	if err != nil || len(found) == 0 {
		t.Fatalf("no workloads: %v", err)
	}
	return found
}

// SkipShort leaves a test out that trains models.
func SkipShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("trains models; left out by -short")
	}
}

// A Result is what a reduced run has printed, and its folder.
type Result struct{ Stdout, Stderr, Dir string }

// Run runs an experiment in a reduced form, in a folder of its own.
func Run(t *testing.T, file string, workers int, variables ...string) Result {
	t.Helper()
	root := t.TempDir()
	for _, of := range []struct{ name, value string }{
		{"steps", "2"}, {"episodes", "4"}, {"validation_episodes", "2"}, {"shots", "4"},
		{"queries", "4"}, {"kind", "bpe"}, {"size", "1000"},
	} {
		if Declares(t, file, of.name) {
			variables = append(variables, of.name+"="+of.value)
		}
	}
	args := []string{"run", "-runs=" + root, fmt.Sprint("-workers=", workers)}
	for _, v := range append(variables, Data(t, file)...) {
		args = append(args, "-var="+v)
	}
	args = append(args, file)
	var r Result
	r.Stdout, r.Stderr = Execute(t, args...)
	dirs, err := filepath.Glob(filepath.Join(root, "*", "*"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("%s left the folders %v, want one: %v", file, dirs, err)
	}
	r.Dir = dirs[0]
	return r
}
