// Package runnertest builds the runner for tests that start it as users do.
//
//	var runner string
//
//	func TestMain(m *testing.M) { runnertest.Main(m, &runner) }
package runnertest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Main builds the runner once, sets *path to it, runs the tests and exits.
func Main(m *testing.M, path *string) {
	dir, err := os.MkdirTemp("", "runner-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	*path = filepath.Join(dir, "runner")
	if runtime.GOOS == "windows" {
		*path += ".exe"
	}
	status := 1
	build := exec.Command("go", "build", "-o", *path, "quickstudy/cmd/runner")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
	} else {
		status = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(status)
}
