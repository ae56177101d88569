package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quickstudy/framework/experiment"
)

// TestVariants: every method's file is one that the loader takes, with the plugin and the
// head that are meant.
func TestVariants(t *testing.T) {
	t.Chdir("../../..")
	for _, s := range studies {
		content, err := os.ReadFile(s.file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range append(s.methods, s.base) {
			path := filepath.Join(t.TempDir(), "variant.hcl")
			if err := os.WriteFile(path, []byte(s.variant(string(content), m)), 0o600); err != nil {
				t.Fatal(err)
			}
			file, diags := experiment.Load(path, experiment.Options{})
			if diags.HasErrors() {
				t.Errorf("%s: %v", m.name, diags)
				continue
			}
			learner, head := false, m.head == ""
			for _, p := range file.Plugins() {
				learner = learner || p.ID.Name == m.plugin
				head = head || p.ID.Name == m.head
			}
			if !learner || !head {
				t.Errorf("%s: neither %q nor %q among %v", m.name, m.plugin, m.head, file.Plugins())
			}
		}
	}
}

func TestSection(t *testing.T) {
	const before, after = "# Methods\n\ntext\n", "\n## maml\n\nmore\n"
	first := string(section([]byte(before+after), []byte(title+"\n\none\n")))
	if want := before + "\n" + title + "\n\none\n" + after; first != want {
		t.Errorf("got %q, want %q", first, want)
	}
	second := string(section([]byte(first), []byte(title+"\n\ntwo\n")))
	if want := strings.Replace(first, "one", "two", 1); second != want {
		t.Errorf("got %q, want %q", second, want)
	}
}
