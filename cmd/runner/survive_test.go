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
	endure = flag.Int("endure", 1500, "steps of a run whose memory is looked at")
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
	const steps, every = 400, 40
	path := waves(t, "layers    = 1", "layers = 1\n    dropout = 0.1",
		`optimizer "sgd" { learning_rate = 0.1 }`,
		`optimizer "adam" { learning_rate = cosine(0.01) }`,
		"checkpoint_every = 50", "checkpoint_every = 3",
		"evaluate { episodes = 4 }",
		fmt.Sprintf("evaluate {\n episodes = 4\n every = %d\n validation_episodes = 50\n}", every))
	option := fmt.Sprintf("steps=%d", steps)
	undisturbed := t.TempDir()
	out, errs, status := execute(t, "runner run "+path+" -var "+option+" -runs "+undisturbed)
	if status != 0 {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	whole := onlyRun(t, undisturbed)
	root, temp := t.TempDir(), t.TempDir()
	draws := rand.New(rand.NewPCG(5, uint64(*kills)))
	killed, before, writing, validating := 0, 0, 0, 0
	args := []string{"run", path, "-var", option, "-runs", root, "-workers", "1"}
	for dir := ""; ; {
		cmd, errs := begin(t, temp, args...)
		if killed < *kills {
			await := before + 1 + draws.IntN(max(1, (steps-before)/(*kills-killed)-1))
			if killed%3 == 1 { // in a validation, which every follows so many lines
				await = (await/(every+1))*(every+1) + every
			}
			awaitLines(t, root, min(await, steps))
			if killed%3 == 2 {
				awaitWriting(root)
			} else {
				time.Sleep(time.Duration(draws.IntN(4000)) * time.Microsecond)
			}
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
		if before%(every+1) == every {
			validating++
		}
		if half, _ := filepath.Glob(filepath.Join(dir, "checkpoints", ".unfinished-*")); half != nil {
			writing++
		}
		args = []string{"resume", dir, "-workers", strconv.Itoa(1 + killed%2)}
	}
	if killed < *kills {
		t.Errorf("killed %d times, want %d", killed, *kills)
	}
	t.Logf("killed %d times, %d of them in the writing of a checkpoint and %d in a validation",
		killed, writing, validating)
	run, err := record.Open(onlyRun(t, root))
	if err != nil || run.State() != record.Done {
		t.Fatal(err)
	}
	if diff := cmp.Diff(leavings(t, whole), leavings(t, run.Dir())); diff != "" {
		t.Errorf("-whole +killed %d times\n%s", killed, diff)
	}
}

// TestKilledInAPrefetch kills the runner while a task's process makes an episode of a later
// step: once it is resumed, the run is as if it had never been killed.
func TestKilledInAPrefetch(t *testing.T) {
	t.Parallel()
	folder, root, temp := faulty(t), t.TempDir(), t.TempDir()
	want := linesRun(t, folder, "task-none", "")
	marker := filepath.Join(folder, "marker-of-slow")
	write(t, marker, "")
	nameFault(t, folder, "task-slow")
	cmd, errs := begin(t, temp, "run", withFault(t, folder, "task-slow", marker), "-runs", root)
	for range 6000 {
		if _, err := os.Stat(marker); err != nil {
			break // episode 3 is being made, and takes a second
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its status is looked at
	if cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("it was not killed: %s", errs.String())
	}
	dirs, err := filepath.Glob(filepath.Join(root, "lines", "*"))
	if err != nil || len(dirs) != 1 {
		t.Fatal(dirs, err)
	}
	if out, errs, status := execute(t, "runner resume "+dirs[0]); status != 0 {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	left := leavings(t, dirs[0])
	delete(left, "plugins.json") // the plugins have other names
	delete(left, "resolved.hcl")
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("-whole +killed\n%s", diff)
	}
}

// awaitWriting waits, not for long, until a checkpoint is being written.
func awaitWriting(root string) {
	for range 2000 {
		pattern := filepath.Join(root, "waves", "*", "checkpoints", ".unfinished-*")
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return
		}
		time.Sleep(50 * time.Microsecond)
	}
}

// TestDiskFull: a run whose files cannot grow ends with an error that says so, and goes on
// from what it saved when there is room again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	const option = "steps=300"
	whole := finished(t, t.TempDir(), "run", "waves.hcl", "-var", option)
	root := t.TempDir()
	// No file may have more than 16 kB, which metrics have after some hundred steps.
	cmd := exec.CommandContext(t.Context(), "bash", "-c", `ulimit -f 16 && exec "$@"`, "-", runner,
		"run", "waves.hcl", "-runs", root, "-var", option)
	cmd.Dir = "testdata"
	out, err := cmd.CombinedOutput()
	if status := cmd.ProcessState.ExitCode(); status != statusFailed ||
		!strings.Contains(string(out), "metrics.jsonl: file too large") {
		t.Fatalf("%v, status %d: %s", err, status, out)
	}
	dir := onlyRun(t, root)
	run, err := record.Open(dir)
	if err != nil || run.State() != record.Failed {
		t.Errorf("state %v, %v", run.State(), err)
	}
	resumed := finished(t, root, "resume", filepath.Base(dir))
	if diff := cmp.Diff(leavings(t, whole), leavings(t, resumed)); diff != "" {
		t.Errorf("-whole +resumed\n%s", diff)
	}
}

// TestNoPlaceForRuns: a folder that cannot be made is named before anything is trained.
func TestNoPlaceForRuns(t *testing.T) {
	const nowhere = "/proc/runs"
	_, errs, status := execute(t, "runner run waves.hcl -runs "+nowhere)
	if status != statusFailed || !strings.Contains(errs, "mkdir "+nowhere) ||
		strings.Contains(errs, "trained") {
		t.Errorf("status %d: %s", status, errs)
	}
}

// usage is what a process has.
type usage struct{ kilobytes, files int }

func usageOf(t *testing.T, pid int) (u usage, running bool) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return usage{}, false
	}
	_, memory, found := strings.Cut(string(status), "VmRSS:")
	if !found {
		return usage{}, false // it is ending
	}
	if _, err := fmt.Sscan(memory, &u.kilobytes); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	u.files = len(files)
	return u, err == nil
}

// TestEndurance: a long run needs no more memory and no more files at its end than it
// did when it was warm, and neither do its plugins.
func TestEndurance(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	path := waves(t, "learning_rate = 0.1", "learning_rate = 0.0001") // steady for long
	cmd, errs := begin(t, t.TempDir(), "run", path, "-runs", root, "-workers", "1",
		"-var", fmt.Sprintf("steps=%d", *endure))
	awaitLines(t, root, *endure/5)
	processes := append(children(t, cmd.Process.Pid), cmd.Process.Pid)
	look := func() []usage {
		var all []usage
		for _, pid := range processes {
			if u, running := usageOf(t, pid); running {
				all = append(all, u)
			}
		}
		return all
	}
	// The most of what is seen in the second fifth, and of all that is seen later.
	most := func(until int) []usage {
		peak := make([]usage, len(processes))
		for {
			now := look()
			if len(now) < len(processes) {
				return peak
			}
			for i, u := range now {
				peak[i].kilobytes = max(peak[i].kilobytes, u.kilobytes)
				peak[i].files = max(peak[i].files, u.files)
			}
			lines := bytes.Count(read(t, onlyRun(t, root), "metrics.jsonl"), []byte("\n"))
			if lines >= until {
				return peak
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	warm := most(*endure * 2 / 5)
	later := most(*endure)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err, errs.String())
	}
	for i := range warm {
		if later[i].files > warm[i].files+2 ||
			later[i].kilobytes > warm[i].kilobytes*5/4+8<<10 {
			t.Errorf("process %d: %+v when warm, %+v later", i, warm[i], later[i])
		}
	}
	dir := onlyRun(t, root)
	t.Logf("%d steps: when warm %+v, later %+v; %d bytes of metrics, %d of messages", *endure, warm,
		later, len(read(t, dir, "metrics.jsonl")), errs.Len())
}
