//go:build unix

package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestIrregularFiles: what is no file of the run's own is neither written to nor waited
// for, whoever put it there.
func TestIrregularFiles(t *testing.T) {
	own := filepath.Join(t.TempDir(), "own")
	link := func(path string) error { return os.Symlink(own, path) }
	pipe := func(path string) error { return unix.Mkfifo(path, 0o600) }
	for _, test := range []struct {
		name, file string
		put        func(path string) error
	}{
		{"a lock that is a link", lockFile, link},
		{"a lock that is a pipe", lockFile, pipe},
		{"metrics that are a link", metricsFile, link},
		{"metrics that are a pipe", metricsFile, pipe},
	} {
		run := create(t, t.TempDir())
		closeRun(t, run)
		path := run.path(test.file)
		_ = os.Remove(path) // there may be none
		if err := os.WriteFile(own, []byte("{}\nmine\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := test.put(path); err != nil {
			t.Fatal(err)
		}
		err := run.Lock()
		if err == nil {
			err = run.Append(Line{Step: 1})
		}
		if err == nil || !strings.Contains(err.Error(), path+" is no regular file") {
			t.Errorf("%s: %v", test.name, err)
		}
		for _, err := range run.Metrics() {
			if err == nil {
				t.Errorf("%s: lines are read", test.name)
			}
		}
		if content, err := os.ReadFile(own); err != nil || string(content) != "{}\nmine\n" {
			t.Errorf("%s: %q is left of the file, %v", test.name, content, err)
		}
	}
}
