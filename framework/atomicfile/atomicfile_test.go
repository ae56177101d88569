package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// killedEnv names the file that a child of the test writes until it is killed.
const killedEnv = "ATOMICFILE_TEST_KILLED"

func TestMain(m *testing.M) {
	if path := os.Getenv(killedEnv); path != "" {
		err := Write(path, 0o644, func(w io.Writer) error {
			if _, err := io.WriteString(w, strings.Repeat("new", 1<<16)); err != nil {
				return err
			}
			self, err := os.FindProcess(os.Getpid())
			if err != nil {
				return err
			}
			if err := self.Kill(); err != nil {
				return err
			}
			select {}
		})
		panic(err)
	}
	os.Exit(m.Run())
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWriteReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.json")
	for _, want := range []string{"old and longer", "new"} {
		if err := Write(path, 0o640, text(want)); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v (%v), want 0640", info.Mode(), err)
	}
	if got := names(t, filepath.Dir(path)); len(got) != 1 {
		t.Errorf("the folder holds %q, want one file", got)
	}
}

func TestWriteWithoutFolderInPath(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := Write("a", 0o644, text("x")); err != nil {
		t.Fatal(err)
	}
	if got := names(t, "."); len(got) != 1 || got[0] != "a" {
		t.Errorf("got files %q, want a", got)
	}
}

// An error half-way leaves the old file and nothing else.
func TestWriteKeepsOldFileOnError(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{syscall.ENOSPC, "free some space"},
		{errors.New("out of ideas"), "a.json: out of ideas"},
	} {
		path := filepath.Join(t.TempDir(), "a.json")
		if err := Write(path, 0o644, text("old")); err != nil {
			t.Fatal(err)
		}
		err := Write(path, 0o644, func(w io.Writer) error {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return err
			}
			return test.err
		})
		if !errors.Is(err, test.err) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %v and %q", err, test.err, test.want)
		}
		if got := content(t, path); got != "old" {
			t.Errorf("after %v the file holds %q, want the old content", test.err, got)
		}
		if got := names(t, filepath.Dir(path)); len(got) != 1 {
			t.Errorf("after %v the folder holds %q, want one file", test.err, got)
		}
	}
}

func TestWriteIntoMissingFolder(t *testing.T) {
	err := Write(filepath.Join(t.TempDir(), "runs", "a"), 0o644, text("x"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "must exist") {
		t.Errorf("got %v, want that the folder must exist", err)
	}
}

// A process killed before the rename leaves the old file, and an unfinished
// one that Clean removes.
func TestKilledWhileWriting(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.json")
	if err := Write(path, 0o644, text("old")); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killedEnv+"="+path)
	if out, err := child.CombinedOutput(); child.ProcessState.Exited() {
		t.Fatalf("the child ended by itself: %v\n%s", err, out)
	}
	if got := content(t, path); got != "old" {
		t.Errorf("got %.20q, want the old content", got)
	}
	if got := names(t, folder); len(got) != 2 || !strings.HasPrefix(got[0], temporary+"a.json") {
		t.Errorf("the folder holds %q, want a.json and an unfinished one", got)
	}
	if err := Clean(folder); err != nil {
		t.Fatal(err)
	}
	if got := names(t, folder); len(got) != 1 {
		t.Errorf("cleaned, the folder holds %q, want a.json", got)
	}
}
