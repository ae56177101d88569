//go:build linux

package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/train/record"
)

var (
	deaths = flag.Int("deaths", 2, "how often the runner is ended by each signal")
	kills  = flag.Int("kills", 3, "how often one run is killed and resumed")
)

// begin starts the runner with a temporary folder of its own.
func begin(t *testing.T, temp string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	var errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), runner, args...)
	cmd.Dir, cmd.Stderr = "testdata", &errs
	cmd.Env = append(cmd.Environ(), "TMPDIR="+temp)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, &errs
}

// children returns the numbers of a process's own processes.
func children(t *testing.T, parent int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, path := range stats {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// proc(5): the parent is the second field after the name in parentheses.
		fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) && fields[0] != "Z" {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, pid)
		}
	}
	return found
}

// TestNothingOutlivesTheRunner: however the runner ends, at whatever moment, its plugins
// end with it; what a killed one leaves of their sockets the next start removes.
func TestNothingOutlivesTheRunner(t *testing.T) {
	t.Parallel()
	temp, err := os.MkdirTemp("", "alone-") // short, as sockets need it
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(temp)
	root := t.TempDir()
	draws := rand.New(rand.NewPCG(3, 4))
	started := 0
	for i := range 3 * *deaths {
		signal := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT}[i%3]
		cmd, errs := begin(t, temp, "run", "waves.hcl", "-runs", root, "-var", "steps=100000")
		var plugins []int
		for range 500 {
			if plugins = children(t, cmd.Process.Pid); len(plugins) == 3 {
				break
			}
			time.Sleep(2 * time.Millisecond)
		}
		time.Sleep(time.Duration(draws.IntN(500)) * time.Millisecond)
		plugins = append(plugins, children(t, cmd.Process.Pid)...)
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // its status is looked at
		want := 128 + int(signal)
		if signal == syscall.SIGKILL {
			want = -1
		}
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("%v: status %d, want %d: %s", signal, got, want, errs.String())
		}
		started += len(plugins)
		for _, pid := range plugins {
			ended := false
			for range 500 {
				if ended = !alive(pid); ended {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			if !ended {
				t.Errorf("%v: plugin %d outlives the runner", signal, pid)
			}
		}
	}
	if started < 3**deaths {
		t.Errorf("%d plugins seen in %d runs", started, 3**deaths)
	}
	finish, _ := begin(t, temp, "run", "waves.hcl", "-runs", root)
	if err := finish.Wait(); err != nil {
		t.Fatal(err)
	}
	nothingLeft(t, temp)
}

// alive reports whether a process runs; a zombie does not.
func alive(pid int) bool {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	return len(fields) > 0 && fields[0] != "Z" && fields[0] != "X"
}

// TestSecondSignal: the first signal lets the step end, which may take long; the second
// does not wait for it, and what was saved before is there.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	folder, root := faulty(t), t.TempDir()
	nameFault(t, folder, "task-hangs") // its draw 3 is never there, so that step 3 never ends
	path := withFault(t, folder, "task-hangs", "")
	cmd := exec.CommandContext(t.Context(), runner, "run", path, "-runs", root, "-workers", "1")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	runs := filepath.Join(root, "lines", "*", "metrics.jsonl")
	for range 2000 {
		if files, _ := filepath.Glob(runs); len(files) == 1 {
			if content, err := os.ReadFile(files[0]); err == nil && bytes.Count(content,
				[]byte("\n")) == 3 {
				break
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	start := time.Now()
	for range 2 {
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond) // two signals at once are one
	}
	_ = cmd.Wait() // its status is looked at
	if got := cmd.ProcessState.ExitCode(); got != 130 || !strings.Contains(errs.String(),
		"once more ends at once") || strings.Contains(errs.String(), "did not answer") {
		t.Errorf("status %d, want 130, after %v: %s", got, time.Since(start), errs.String())
	}
}

// TestKilledAgainAndAgain kills one run of the built runner at random instants and resumes
// it, until it is done: it leaves what a run leaves that never stopped.
func TestKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	const steps = 400
	path := waves(t, "layers    = 1", "layers = 1\n    dropout = 0.1",
		`optimizer "sgd" { learning_rate = 0.1 }`,
		`optimizer "adam" { learning_rate = cosine(0.01) }`,
		"checkpoint_every = 50", "checkpoint_every = 3",
		"evaluate { episodes = 4 }",
		"evaluate {\n    episodes = 4\n    every = 40\n    validation_episodes = 20\n  }")
	option := fmt.Sprintf("steps=%d", steps)
	undisturbed := t.TempDir()
	out, errs, status := execute(t, "runner run "+path+" -var "+option+" -runs "+undisturbed)
	if status != 0 {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	whole := onlyRun(t, undisturbed)
	root, temp := t.TempDir(), t.TempDir()
	draws := rand.New(rand.NewPCG(5, uint64(*kills)))
	killed, before := 0, 0
	args := []string{"run", path, "-var", option, "-runs", root, "-workers", "1"}
	for dir := ""; ; {
		cmd, errs := begin(t, temp, args...)
		if killed < *kills {
			await := before + 1 + draws.IntN(max(1, (steps-before)/(*kills-killed)-1))
			awaitLines(t, root, min(await, steps))
			time.Sleep(time.Duration(draws.IntN(4000)) * time.Microsecond)
			_ = cmd.Process.Kill() // it may have ended
		}
		err := cmd.Wait()
		dir = onlyRun(t, root)
		if before = bytes.Count(read(t, dir, "metrics.jsonl"), []byte("\n")); err == nil {
			break
		}
		if cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("after %d kills: %v: %s", killed, err, errs.String())
		}
		killed++
		args = []string{"resume", dir, "-workers", strconv.Itoa(1 + killed%2)}
	}
	if killed < *kills {
		t.Errorf("killed %d times, want %d", killed, *kills)
	}
	run, err := record.Open(onlyRun(t, root))
	if err != nil || run.State() != record.Done {
		t.Fatal(err)
	}
	if diff := cmp.Diff(leavings(t, whole), leavings(t, run.Dir())); diff != "" {
		t.Errorf("-whole +killed %d times\n%s", killed, diff)
	}
}
