package tasktest

import (
	"os"
	"path/filepath"
	"testing"
)

// Data returns the path of a published data file that the project does not
// contain. It looks in the folder that QUICKSTUDY_DATA names, or in
// ../shared/data beside the project. Where the file is absent the test is
// skipped, or fails if QUICKSTUDY_REQUIRE_DATA is 1.
func Data(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("QUICKSTUDY_DATA")
	if folder == "" {
		root, err := moduleRoot()
		if err != nil {
			t.Fatal(err)
		}
		folder = filepath.Join(root, "..", "shared", "data")
	}
	path := filepath.Join(folder, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("QUICKSTUDY_REQUIRE_DATA") == "1" {
			t.Fatalf("needs %s: %v", name, err)
		}
		t.Skipf("needs %s, which is not in %s; set QUICKSTUDY_DATA to the folder that holds it",
			name, folder)
	}
	return path
}

// moduleRoot is the folder above the test's that holds go.mod.
func moduleRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", os.ErrNotExist
		}
		folder = parent
	}
}
