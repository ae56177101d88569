//go:build unix

package regular_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"quickstudy/framework/regular"
)

func TestRead(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	for _, err := range []error{
		os.WriteFile(at("file"), []byte("four"), 0o600),
		os.Symlink("file", at("link")),
		unix.Mkfifo(at("pipe"), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		path  string
		limit int64
		want  string // of the error
	}{
		{at("file"), 4, ""},
		{at("link"), 4, ""},
		{at("file"), 3, "more than 3 bytes"},
		{at("pipe"), 4, "is no regular file"},
		{"/dev/zero", 4, "is no regular file"},
		{folder, 4, "is no regular file"},
		{at("none"), 4, "no such file"},
	} {
		got, err := regular.Read(test.path, test.limit)
		switch {
		case test.want == "" && (err != nil || string(got) != "four"):
			t.Errorf("%s: %q, %v", test.path, got, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v, want %q", test.path, err, test.want)
		}
	}
}
