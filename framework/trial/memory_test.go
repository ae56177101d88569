package trial

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFreeMemory(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, test := range map[string]struct {
		content string
		want    int64
	}{
		"as it is":    {"MemTotal: 9 kB\nMemAvailable:   23388748 kB\n", 23388748 << 10},
		"no such row": {"MemTotal: 9 kB\n", 0},
		"no number":   {"MemAvailable: many kB\n", 0},
		"other unit":  {"MemAvailable: 12 MB\n", 0},
		"too much":    {"MemAvailable: 9223372036854775807 kB\n", 0},
	} {
		if got := available(file("meminfo", test.content)); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
	for content, want := range map[string]int64{"1024\n": 1024, "max\n": 0, "": 0, "-1": 0} {
		if got := number(file("max", content)); got != want {
			t.Errorf("%q: %d, want %d", content, got, want)
		}
	}
	if available(filepath.Join(dir, "none")) != 0 || number(filepath.Join(dir, "none")) != 0 {
		t.Error("a file that is not there tells something")
	}
}

// TestRefusesWhatDoesNotFit: nothing of the step is run.
func TestRefusesWhatDoesNotFit(t *testing.T) {
	one := start(t, edited(t, "greetings.hcl"), nil)
	one.data.Limit.Bytes = 50_000
	if err := one.Create(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	_, err := one.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "does not fit: a run of it holds about") ||
		!strings.Contains(err.Error(), "smaller episodes or batches") {
		t.Errorf("error %v", err)
	}
}
