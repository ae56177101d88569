package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadme follows the six commands of the README: its head is built in a module of its own and
// put into a copy of the quickstart.
func TestReadme(t *testing.T) {
	t.Parallel()
	root, folder := moduleRoot(t), t.TempDir()
	readme := string(read(t, root, "README.md"))
	part := func(what, from, to string) string {
		t.Helper()
		_, after, found := strings.Cut(readme, from)
		text, _, ended := strings.Cut(after, to)
		if !found || !ended {
			t.Fatalf("the README has no %s between %q and %q", what, from, to)
		}
		return text
	}
	write(t, filepath.Join(folder, "main.go"), part("head", "cat > main.go <<'END'\n", "END\n"))
	writeModule(t, root, folder)

	// What sed would do: s|a|b| for every line, in order.
	names := strings.NewReplacer(`\"`, `"`, "$PWD", filepath.ToSlash(folder), "$QUICKSTUDY",
		filepath.ToSlash(root))
	script := part("script of sed", `sed "`, "\" \\\n")
	text := string(read(t, filepath.Join(root, "experiments"), "quickstart.hcl"))
	substitutions := regexp.MustCompile(`s\|([^|]*)\|([^|]*)\|`).FindAllStringSubmatch(script, -1)
	for _, s := range substitutions {
		from, to := names.Replace(s[1]), names.Replace(s[2])
		if !strings.Contains(text, from) {
			t.Fatalf("quickstart.hcl does not hold %s", from)
		}
		text = strings.ReplaceAll(text, from, to)
	}
	if !strings.Contains(text, filepath.ToSlash(folder)) {
		t.Fatalf("%s does not name the new head", script)
	}
	for _, name := range []string{"steps", "episodes", "validation_episodes"} {
		pattern := regexp.MustCompile(`(variable "` + name + `" {\n *default *= )\d+`)
		text = pattern.ReplaceAllString(text, "${1}2")
	}
	path := filepath.Join(folder, "cosine.hcl")
	write(t, path, text)

	_, tables, _ := trained(t, path, t.TempDir())
	for title, table := range tables {
		if strings.HasPrefix(title, "languages/test, 2 episodes") && table.Rows[0].Name == "trained" {
			return
		}
	}
	t.Errorf("no table of the test among %v", tables)
}
