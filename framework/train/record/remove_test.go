package record

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRemoveRefusesLinks: neither a link to a run nor the run is deleted.
func TestRemoveRefusesLinks(t *testing.T) {
	run := create(t, t.TempDir())
	closeRun(t, run)
	link := filepath.Join(t.TempDir(), "run")
	if err := os.Symlink(run.Dir(), link); err != nil {
		t.Skipf("no links here: %v", err)
	}
	wantError(t, "a link", Remove(link), "is a link to")
	if _, err := Open(link); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if err := Remove(run.Dir()); err != nil {
		t.Errorf("the run itself: %v", err)
	}
}
