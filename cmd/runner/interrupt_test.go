//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/train/record"
)

// TestStoppedAndResumed: a run that is stopped, by whatever signal, and resumed leaves
// what one leaves that never stopped, but for times.
func TestStoppedAndResumed(t *testing.T) {
	if testing.Short() {
		t.Skip("seven whole runs")
	}
	const steps = 1500
	whole := finished(t, t.TempDir(), "run", "waves.hcl", "-var", fmt.Sprintf("steps=%d", steps))
	for _, test := range []struct {
		name   string
		signal syscall.Signal
		status int
		state  record.Status
	}{
		{"interrupted", syscall.SIGINT, 130, record.Interrupted},
		{"terminated", syscall.SIGTERM, 143, record.Interrupted},
		{"killed", syscall.SIGKILL, -1, record.Killed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			var errs bytes.Buffer
			cmd := exec.CommandContext(t.Context(), runner, "run", "waves.hcl", "-runs", root,
				"-workers", "1", "-var", fmt.Sprintf("steps=%d", steps))
			cmd.Dir, cmd.Stderr = "testdata", &errs
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			awaitLines(t, root, 60)
			if err := cmd.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // its status is looked at
			if got := cmd.ProcessState.ExitCode(); got != test.status {
				t.Fatalf("status %d, want %d: %s", got, test.status, errs.String())
			}
			dir := onlyRun(t, root)
			run, err := record.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if got := run.State(); got != test.state {
				t.Errorf("state %s, want %s", got, test.state)
			}
			if test.state == record.Interrupted && !strings.Contains(errs.String(),
				"runner resume "+dir) {
				t.Errorf("it does not say how to go on: %s", errs.String())
			}
			lines := bytes.Count(read(t, dir, "metrics.jsonl"), []byte("\n"))
			if lines >= steps {
				t.Fatalf("it was not stopped before its end")
			}
			resumed := finished(t, root, "resume", filepath.Base(dir))
			if diff := cmp.Diff(leavings(t, whole), leavings(t, resumed)); diff != "" {
				t.Errorf("-whole +resumed\n%s", diff)
			}
			if out, errs, status := execute(t, "runner resume "+dir); status != statusFailed ||
				!strings.Contains(errs, "is done") {
				t.Errorf("a run that is done: status %d: %s%s", status, out, errs)
			}
		})
	}
}

// finished runs a command that ends a run, and returns the run's folder.
func finished(t *testing.T, root string, args ...string) string {
	t.Helper()
	out, errs, status := execute(t, "runner "+strings.Join(args, " ")+" -runs "+root)
	if status != 0 || !strings.Contains(out, "waves/test, 4 episodes") {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	return onlyRun(t, root)
}

func onlyRun(t *testing.T, root string) string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(root, "waves", "*"))
	if err != nil || len(dirs) != 1 {
		t.Fatal(dirs, err)
	}
	return dirs[0]
}

// awaitLines waits until the only run has so many lines of metrics.
func awaitLines(t *testing.T, root string, want int) {
	t.Helper()
	for range 6000 {
		files, _ := filepath.Glob(filepath.Join(root, "waves", "*", "metrics.jsonl"))
		if len(files) == 1 {
			content, err := os.ReadFile(files[0])
			if err == nil && bytes.Count(content, []byte("\n")) >= want {
				return
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("no run with %d lines of metrics", want)
}

var seconds = regexp.MustCompile(`,"seconds":[^}]*`)

// leavings returns the files of a run by name, without times.
func leavings(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, name := range []string{"metrics.jsonl", "results.json", "episodes.json", "resolved.hcl",
		"plugins.json"} {
		files[name] = seconds.ReplaceAllString(string(read(t, dir, name)), "")
	}
	saved, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*"))
	if err != nil || len(saved) == 0 {
		t.Fatal(saved, err)
	}
	last := saved[len(saved)-1]
	files["checkpoint"] = filepath.Base(last) + "\n" +
		string(read(t, filepath.Dir(last), filepath.Base(last)))
	return files
}

// TestResumeRefusesOtherPlugins: what a changed plugin computes may differ.
func TestResumeRefusesOtherPlugins(t *testing.T) {
	root := t.TempDir()
	dir := finished(t, root, "run", "waves.hcl")
	info := strings.Replace(string(read(t, dir, "run.json")), `"done"`, `"interrupted"`, 1)
	plugins := string(read(t, dir, "plugins.json"))
	for _, test := range []struct{ name, plugins, want string }{
		{"changed", regexp.MustCompile(`(?s)("regression".*?"digest": "go:)[0-9a-f]{8}`).ReplaceAllString(
			plugins, "${1}00000000"), "changed since the run began"},
		{"another", strings.Replace(plugins, `"regression"`, `"ranking"`, 1),
			"took no part when the run began"},
	} {
		for name, text := range map[string]string{"run.json": info, "plugins.json": test.plugins} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, errs, status := execute(t, "runner resume "+dir)
		if status != statusPlugin || !strings.Contains(errs, `head "regression"`) ||
			!strings.Contains(errs, test.want) {
			t.Errorf("%s: status %d: %s", test.name, status, errs)
		}
	}
}

// TestDamagedCheckpointIsTold: going on from an older one loses steps, and from none,
// all of them.
func TestDamagedCheckpointIsTold(t *testing.T) {
	dir := finished(t, t.TempDir(), "run", "waves.hcl", "-var", "steps=40")
	info := strings.Replace(string(read(t, dir, "run.json")), `"done"`, `"interrupted"`, 1)
	saved, err := filepath.Glob(filepath.Join(dir, "checkpoints", "*"))
	if err != nil || len(saved) != 1 {
		t.Fatal(saved, err)
	}
	newer := filepath.Join(dir, "checkpoints", strings.Replace(filepath.Base(saved[0]), "40", "41", 1))
	for _, test := range []struct {
		name, damaged string
		want          []string
	}{
		{"the newest", newer, []string{newer, "passed over", "after step 40"}},
		{"the only one", saved[0], []string{saved[0], "passed over", "starts anew"}},
	} {
		for _, path := range []string{test.damaged, filepath.Join(dir, "run.json")} {
			text := info
			if path == test.damaged {
				text = "half a file"
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, errs, status := execute(t, "runner resume "+dir)
		if status != 0 {
			t.Errorf("%s: status %d: %s", test.name, status, errs)
		}
		for _, part := range test.want {
			if !strings.Contains(errs, part) {
				t.Errorf("%s: it does not tell %q: %s", test.name, part, errs)
			}
		}
	}
}

// TestResumeAsksUnderTheLock: while another process has a run, its status is that
// process's business.
func TestResumeAsksUnderTheLock(t *testing.T) {
	run, err := record.Create(t.TempDir(), record.Info{Experiment: "waves", Runner: "test",
		Go: "go1.26.8", Arithmetic: "none"}, []byte("seed = 7\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	if err := run.SetStatus(record.Done, nil); err != nil {
		t.Fatal(err)
	}
	_, errs, status := execute(t, "runner resume "+run.Dir())
	if status != statusFailed || !strings.Contains(errs, "another process is writing to it") {
		t.Errorf("status %d: %s", status, errs)
	}
}
