package quickstudy_test

import (
	"bytes"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// columns bounds a line; a tab counts as one.
const columns = 100

var (
	// generated marks a file that a program wrote (https://go.dev/s/generatedcode).
	generated = regexp.MustCompile(`(?m)^(//|<!--) Code generated .* DO NOT EDIT\.( -->)?$`)
	// fieldTag is a line that cannot be wrapped: the tag of a field is one literal.
	fieldTag = regexp.MustCompile("`[a-z]+:\".*\"`( //.*)?$")
	// leftover is work that was put off. The pattern is written so as not to match itself.
	leftover = regexp.MustCompile(`\b(TO[D]O|FIX[M]E)\b`)
)

// A sourceFile is a file that a person wrote and that has lines.
type sourceFile struct {
	path    string
	content []byte
}

// sources returns the files of the tree, but for those that a program wrote.
func sources(t *testing.T, extensions ...string) []sourceFile {
	t.Helper()
	var found []sourceFile
	err := filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if name := entry.Name(); path != "." && (name[0] == '.' && name != ".ci" || name == "runs") {
				return filepath.SkipDir
			}
			return nil
		case !slices.Contains(extensions, filepath.Ext(path)):
			return nil
		}
		content, err := os.ReadFile(path)
		if err == nil && !generated.Match(content) {
			found = append(found, sourceFile{path, content})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no file with one of the extensions %q", extensions)
	}
	return found
}

// TestLinesAreShort: what is read side by side has lines of at most 100 columns. A table of
// Markdown and the tag of a field cannot be wrapped.
func TestLinesAreShort(t *testing.T) {
	for _, file := range sources(t, ".go", ".md", ".hcl", ".proto", ".py") {
		if strings.Contains(file.path, "testdata") || strings.HasPrefix(file.path, "docs/results/") {
			continue // wrong on purpose, or written by the runner
		}
		table := filepath.Ext(file.path) == ".md"
		for i, line := range strings.Split(string(file.content), "\n") {
			n := utf8.RuneCountInString(line)
			if n <= columns || fieldTag.MatchString(line) || table && strings.HasPrefix(line, "|") {
				continue
			}
			t.Errorf("%s:%d: %d columns, want at most %d", file.path, i+1, n, columns)
		}
	}
}

// TestFormatted: every Go file is as gofmt lays it out.
func TestFormatted(t *testing.T) {
	for _, file := range sources(t, ".go") {
		want, err := format.Source(file.content)
		if err != nil {
			t.Errorf("%s: %v", file.path, err)
		} else if !bytes.Equal(want, file.content) {
			t.Errorf("%s is not formatted; run gofmt -w %s", file.path, file.path)
		}
	}
}

// TestNothingIsPutOff: what remains to be done is not kept in the source.
func TestNothingIsPutOff(t *testing.T) {
	for _, file := range sources(t, ".go", ".md", ".hcl", ".proto", ".py", ".s") {
		for i, line := range strings.Split(string(file.content), "\n") {
			if mark := leftover.FindString(line); mark != "" {
				t.Errorf("%s:%d: %s; do it, or leave it out", file.path, i+1, mark)
			}
		}
	}
}

// TestAssemblyIsUpToDate: the kernels are what their generators write. These are a module of their
// own, so that nobody needs their dependencies to build.
func TestAssemblyIsUpToDate(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the generators; left out by -short")
	}
	generators := func(args ...string) ([]byte, error) {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = "tools/asm"
		return cmd.CombinedOutput()
	}
	if out, err := generators("list", "-deps", "./..."); err != nil {
		t.Skipf("the modules that tools/asm needs are not here: %v\n%s", err, out)
	}
	if out, err := generators("test", "./..."); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

var (
	// link is a relative link of Markdown; mention is a page named in text.
	link    = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	mention = regexp.MustCompile(`\bdocs/[\w/.-]+\.md\b`)
)

// TestPagesExist: what a page links to, and what any file calls docs/..., is there.
func TestPagesExist(t *testing.T) {
	exists := func(file sourceFile, path string) {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s names %s, which is not there", file.path, path)
		}
	}
	for _, file := range sources(t, ".go", ".md", ".hcl", ".proto", ".py") {
		if filepath.Ext(file.path) == ".md" {
			for _, m := range link.FindAllSubmatch(file.content, -1) {
				exists(file, filepath.Join(filepath.Dir(file.path), string(m[1])))
			}
		}
		for _, page := range mention.FindAllString(string(file.content), -1) {
			exists(file, page)
		}
	}
}
