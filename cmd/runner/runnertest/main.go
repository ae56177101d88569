// Package runnertest builds the runner for tests that start it as users do.
//
//	var runner string
//
//	func TestMain(m *testing.M) { runnertest.Main(m, &runner) }
package runnertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"quickstudy/framework/plugin"
	"quickstudy/framework/plugin/source"
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
	if err := build(*path, dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		status = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(status)
}

// build makes the runner with a lock of the bundled plugins as they are now, so that a change
// of the tree fails one test, which asks to write the lock anew, and not all.
func build(path, dir string) error {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "quickstudy").Output()
	if err != nil {
		return err
	}
	module := strings.TrimSpace(string(root))
	lock, err := Bundled(context.Background(), module)
	if err != nil {
		return err
	}
	fresh := filepath.Join(dir, source.LockFile)
	if err := lock.Write(fresh); err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]map[string]string{
		"Replace": {filepath.Join(module, "cmd", "runner", source.LockFile): fresh}})
	if err != nil {
		return err
	}
	replaced := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(replaced, overlay, 0o600); err != nil {
		return err
	}
	out, err := exec.Command("go", "build", "-overlay", replaced, "-o", path,
		"quickstudy/cmd/runner").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// Bundled pins the plugins of the tree at root.
func Bundled(ctx context.Context, root string) (*source.Lock, error) {
	var requests []source.Request
	for _, kind := range []string{plugin.KindTask, plugin.KindHead, plugin.KindMetaLearner} {
		folders, err := filepath.Glob(filepath.Join(root, "plugins", kind+"s", "*"))
		if err != nil || len(folders) == 0 {
			return nil, fmt.Errorf("no plugins in %s: %w", root, err)
		}
		for _, folder := range folders {
			name := filepath.Base(folder)
			requests = append(requests, source.Request{Kind: kind, Name: name, Dir: root,
				Source: "./plugins/" + kind + "s/" + name})
		}
	}
	var resolver source.Resolver
	located, err := resolver.LocateAll(ctx, requests)
	if err != nil {
		return nil, err
	}
	lock := source.NewLock()
	for _, l := range located {
		lock.Set(l)
	}
	return lock, nil
}
