//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"quickstudy/framework/train/record"
)

// waves writes an experiment like waves.hcl, with replacements, and returns its path.
func waves(t *testing.T, replacements ...string) string {
	t.Helper()
	content, err := os.ReadFile("testdata/waves.hcl")
	if err != nil {
		t.Fatal(err)
	}
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(append(replacements, "../../..", filepath.ToSlash(module))...).
		Replace(string(content))
	path := filepath.Join(t.TempDir(), "waves.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestStoppedInTheEvaluation: no step is under way then, so none is promised.
func TestStoppedInTheEvaluation(t *testing.T) {
	root := t.TempDir()
	cmd := exec.CommandContext(t.Context(), runner, "run", "-runs", root,
		waves(t, "episodes = 4", "episodes = 3000"))
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(stderr)
	for line := ""; !strings.HasPrefix(line, "trained "); {
		if line, err = in.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(in)
	_ = cmd.Wait() // its status is looked at
	if got := cmd.ProcessState.ExitCode(); got != 130 ||
		!strings.Contains(string(rest), "the training is saved") ||
		strings.Contains(string(rest), "the step is finished") {
		t.Errorf("status %d, want 130: %s", got, rest)
	}
	run, err := record.Open(onlyRun(t, root))
	if err != nil {
		t.Fatal(err)
	}
	if got := run.State(); got != record.Interrupted {
		t.Errorf("state %s, want %s", got, record.Interrupted)
	}
}
