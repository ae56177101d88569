//go:build unix

package plugin

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSweepWaitsForNobody: the temporary folder is everybody's.
func TestSweepWaitsForNobody(t *testing.T) {
	base := t.TempDir()
	foreign := filepath.Join(base, socketPrefix+"x")
	if err := os.Mkdir(foreign, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(filepath.Join(foreign, ownerFile), 0o600); err != nil {
		t.Fatal(err)
	}
	sweepSocketDirs(base)
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("it is removed: %v", err)
	}
}

// TestDigestOfAFileWithoutEnd: hashing what no program can be would take hours.
func TestDigestOfAFileWithoutEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plugin")
	if err := os.WriteFile(path, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 1<<42); err != nil {
		t.Skip(err) // a file system without holes
	}
	if _, err := Digest(path); err == nil || !strings.Contains(err.Error(), "more than 4 GiB") {
		t.Errorf("%v", err)
	}
}
