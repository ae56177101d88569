//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// lines is an experiment with plugins of testdata/faulty.
const lines = `plugins {
  task "lines" { source = "./TASK" }
  head "line" { source = "./HEAD" }
  metalearner "descent" { source = "./LEARNER" }
}

experiment "lines" {
  backbone "transformer" {
    layers    = 1
    width     = 8
    heads     = 2
    positions = "none"
    input "numeric" {}
  }
  head "line" "height" {}
  task "lines" "lines" {
    marker = "MARKER"
    inputs { numeric = "x" }
    predict "height" {
      head   = head.height
      target = "y"
    }
  }
  metalearner "descent" {
    optimizer "sgd" { learning_rate = 0.01 }
  }
  train { steps = 8 }
  evaluate { episodes = 4 }
}
`

// faulty builds testdata/faulty and returns a folder for its names.
func faulty(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "faulty-") // short, as sockets need it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := buildFaulty(); err != nil {
		t.Fatal(err)
	}
	for _, good := range []string{"task-none", "head-none", "learner-none"} {
		nameFault(t, folder, good)
	}
	return folder
}

// buildFaulty builds the plugin beside the runner.
var buildFaulty = sync.OnceValue(func() error {
	build := exec.Command("go", "build", "-o", filepath.Join(filepath.Dir(runner), "faulty"), ".")
	build.Dir = filepath.Join("testdata", "faulty")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
})

// nameFault gives the faulty plugin another name.
func nameFault(t *testing.T, folder, name string) {
	t.Helper()
	built := filepath.Join(filepath.Dir(runner), "faulty")
	if err := os.Link(built, filepath.Join(folder, name)); err != nil {
		t.Fatal(err)
	}
}

// withFault writes the experiment with one plugin that does wrong.
func withFault(t *testing.T, folder, name, marker string) string {
	t.Helper()
	text := strings.Replace(lines, "MARKER", marker, 1)
	kind, _, _ := strings.Cut(name, "-")
	text = strings.Replace(text, "./"+strings.ToUpper(kind), "./"+name, 1)
	text = strings.NewReplacer("./TASK", "./task-none", "./HEAD", "./head-none",
		"./LEARNER", "./learner-none").Replace(text)
	if name == "task-stopped" || name == "learner-hangs" {
		text = strings.Replace(text, fmt.Sprintf(`{ source = "./%s" }`, name),
			fmt.Sprintf("{\n source = \"./%s\"\n timeout = 2\n}", name), 1)
	}
	path := filepath.Join(folder, name+filepath.Base(marker)+".hcl")
	write(t, path, text)
	return path
}

// runIn runs the runner with a temporary folder of its own, in which nothing may be left,
// and kills it if it does not end.
func runIn(t *testing.T, folder string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	temp, err := os.MkdirTemp(folder, "t")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), *patience)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, runner, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, &out, &errs
	cmd.Env = append(cmd.Environ(), "TMPDIR="+temp)
	start := time.Now()
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	t.Logf("ended after %v", time.Since(start).Round(100*time.Millisecond))
	nothingLeft(t, temp)
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// patience is how long a fault may take before the runner is killed.
var patience = flag.Duration("patience", 90*time.Second,
	"how long the runner may take to end; an idle machine needs 15s")

// nothingLeft reports what is in a temporary folder that plugins' sockets were in.
func nothingLeft(t *testing.T, temp string) {
	t.Helper()
	entries, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s is left", filepath.Join(temp, e.Name()))
	}
}

// TestFaults: whatever a plugin does wrong ends in one error that says which it was, what
// it was asked, what became of it, what it wrote last, and what to do.
func TestFaults(t *testing.T) {
	t.Parallel()
	folder := faulty(t)
	for _, name := range []string{"task-not-executable", "task-other-machine"} {
		// The header of a program for IBM's S/390, and no more.
		header := append([]byte("\x7fELF\x02\x02\x01"), make([]byte, 57)...)
		header[17], header[19] = 2, 22
		mode := os.FileMode(0o755)
		if name == "task-not-executable" {
			mode = 0o644
		}
		if err := os.WriteFile(filepath.Join(folder, name), header, mode); err != nil {
			t.Fatal(err)
		}
	}
	task := func(call string, more ...string) []string {
		version := " (devel)" // as Go writes it into what is built without a version
		if call == "find" {
			version = "" // it is no program
		}
		return append([]string{`task "lines"` + version + ": " + call + ": "}, more...)
	}
	head := func(call string, more ...string) []string {
		return append([]string{`head "line" (v6.6.6): ` + call + ": "}, more...)
	}
	wrong := func(more ...string) []string {
		return head("Trace", append(more, "it sent what cannot be used", "build the plugin")...)
	}
	for _, test := range []struct {
		name string
		want []string
	}{
		{"task-not-executable", task("find", "not an executable file", "a source is a folder")},
		{"task-other-machine", []string{`task "lines" (version unknown): start: `, "exec format error",
			"for this system"}},
		{"task-exits-first", task("start", "exited with status 3 before it served", "last words",
			"by hand")},
		{"task-panics-first", task("start", "exited with status 2", "panic: no such device")},
		{"task-sleeps-first", task("start", "did not serve within 10s", "plugin.Serve")},
		{"task-exits", task("Sample", "exited with status 3", "last words", "2 times", "a bug")},
		{"task-panics", task("Sample", "it panicked: runtime error", "main.do", "main.go:", "a bug")},
		{"task-crashes", task("Sample", "exited with status 2", "panic: in a goroutine", "2 times")},
		{"task-killed", task("Sample", "ended by signal 9", "2 times", "memory runs out")},
		{"task-stopped", task("Sample", "did not answer within 2s", "is stopped", "timeout = 60")},
		{"task-hangs", task("Sample", "did not answer within 10s", "last words", "timeout = 60")},
		{"task-leaves-child", task("Sample", "exited with status 3", "last words")},
		{"task-endless", []string{`task "lines" (v6.6.6): Sample: `, "more than 65536 records"}},
		{"head-exits", []string{`head "line" (devel): Trace: `, "exited with status 5", "last words"}},
		{"head-million", wrong("nodes, want at most 65536")},
		{"head-cyclic", wrong("refers to node")},
		{"head-ill-typed", wrong("states the type bool")},
		{"head-wrong-shape", wrong("w")},
		{"head-nan", wrong("the scale of its initial values is NaN")},
		{"head-infinite", wrong("the scale of its initial values is 1.79")},
		{"head-unknown-operation", wrong(`unknown operation "launch"`)},
		{"head-no-loss", wrong("has no results")},
		{"head-garbage", wrong()},
		{"head-endless", wrong("a message of more than 256 MiB")},
		{"head-large", head("Trace", "larger than max", "64 MiB")},
		{"head-describes-nothing", []string{`head "line" (devel): Describe: `}},
		{"head-describes-much", []string{`head "line" (devel): Describe: `, "capabilities"}},
		{"head-refuses", head("Configure", "without a reason")},
		{"learner-nan", []string{`metalearner "descent" (devel): Trace: `, "a constant holds NaN",
			"main.go:"}},
		{"learner-hangs", []string{`metalearner "descent" (devel): Trace: `, "not answer within 2s"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(test.name, "task-not") && !strings.Contains(test.name, "task-other") {
				nameFault(t, folder, test.name)
			}
			path := withFault(t, folder, test.name, "")
			out, errs, status := runIn(t, folder, "run", path, "-runs", t.TempDir(), "-workers", "2")
			if status != statusPlugin || strings.Count(errs, "runner: ") != 1 {
				t.Errorf("status %d, want %d and one error: %s%s", status, statusPlugin, out, errs)
			}
			_, told, _ := strings.Cut(errs, "runner: ")
			for _, part := range test.want {
				if !strings.Contains(told, part) {
					t.Errorf("no %q in %s", part, errs)
				}
			}
		})
	}
}

// TestHarmlessFaults: what a plugin may do and a run survives, to the same bits.
func TestHarmlessFaults(t *testing.T) {
	t.Parallel()
	folder := faulty(t)
	want := linesRun(t, folder, "task-none", "")
	for _, name := range []string{"task-prints-first", "task-floods", "task-bomb",
		"head-endless-session"} {
		nameFault(t, folder, name)
		if diff := cmp.Diff(want, linesRun(t, folder, name, "")); diff != "" {
			t.Errorf("%s: -none +it\n%s", name, diff)
		}
	}
	// Those that end the process do so once.
	for _, name := range []string{"task-exits", "task-crashes", "task-killed"} {
		marker := filepath.Join(folder, "marker-of-"+name)
		write(t, marker, "")
		nameFault(t, folder, name)
		if diff := cmp.Diff(want, linesRun(t, folder, name, marker)); diff != "" {
			t.Errorf("%s: -none +started again\n%s", name, diff)
		}
		if _, err := os.Stat(marker); err == nil {
			t.Errorf("%s: it did not die", name)
		}
	}
}

// linesRun runs the experiment to its end and returns what it leaves.
func linesRun(t *testing.T, folder, name, marker string) map[string]string {
	t.Helper()
	root := t.TempDir()
	path := withFault(t, folder, name, marker)
	out, errs, status := runIn(t, folder, "run", path, "-runs", root)
	if status != 0 {
		t.Fatalf("%s: status %d: %s%s", name, status, out, errs)
	}
	if again := strings.Contains(errs, "it is started again"); again != (marker != "") {
		t.Errorf("%s: told of being started again: %t: %s", name, again, errs)
	}
	dirs, err := filepath.Glob(filepath.Join(root, "lines", "*"))
	if err != nil || len(dirs) != 1 {
		t.Fatal(dirs, err)
	}
	left := leavings(t, dirs[0])
	delete(left, "plugins.json") // the plugins have other names
	delete(left, "resolved.hcl")
	return left
}
