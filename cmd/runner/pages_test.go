package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A page is a file of Markdown that people read.
type page struct {
	name string // relative to the root
	text string
}

func pages(t *testing.T) []page {
	t.Helper()
	root := moduleRoot(t)
	var found []page
	for _, pattern := range []string{"*.md", "docs/*.md", "experiments/*.md", "framework/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			name, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, page{filepath.ToSlash(name), string(read(t, root, name))})
		}
	}
	if len(found) < 5 {
		t.Fatalf("pages: %v", found)
	}
	return found
}

// notRun are the commands in pages that TestPages leaves out, by what they begin with.
var notRun = []struct{ prefix, reason string }{
	{"go test ./...", "it would run itself"},
	{"go test ./framework", "the tests of a package, which go test ./... runs"},
	{"go test ./cmd/runner", "the same"},
	{"go test . -run", "the same"},
	{".ci/run", "it runs all tests, these among them"},
	{"runner bench experiments/bench", "a minute each; docs/figures.md has a smaller one"},
	{"runner bench -check", "minutes; TestBench checks a smaller one"},
	{"runner run experiments/maml_clinc150.hcl", "its data are not here; package experiments runs it"},
	{"tools/bench/", "in Python, with what it is compared with"},
	{"tools/fuzz/", "a quarter of an hour"},
}

// scripts are the commands of a page, in order: what its fences of the language sh hold.
func (p page) scripts() string {
	var script strings.Builder
	inside := false
	for line := range strings.Lines(p.text) {
		switch {
		case !inside && strings.TrimRight(line, "\n") == "```sh":
			inside = true
		case inside && strings.HasPrefix(line, "```"):
			inside = false
		case inside:
			left := slices.ContainsFunc(notRun, func(n struct{ prefix, reason string }) bool {
				return strings.HasPrefix(line, n.prefix)
			})
			if left {
				line = ":\n"
			}
			script.WriteString(line)
		}
	}
	return script.String()
}

// prelude puts the runner of this test in the place of one that go would build, and does
// without what asks the network: go mod tidy also wants what tests of modules need.
const prelude = `set -euo pipefail
go() {
  case "$*" in
    "run ./cmd/runner "*) shift 2; runner "$@" ;;
    "install ./cmd/runner") ;;
    "mod tidy")
      mv go.mod old.mod
      { grep ^module old.mod; tail -n +2 "$QUICKSTUDY/go.mod"
        grep -E '^(require|replace) q' old.mod; } > go.mod
      cp "$QUICKSTUDY/go.sum" . ;;
    *) command go "$@" ;;
  esac
}
`

// TestPages runs every command of every page, those of one page in one shell that begins in a
// copy of the tree, with small numbers of steps and episodes.
func TestPages(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("the pages' commands are for a POSIX shell")
	}
	t.Parallel()
	root := moduleRoot(t)
	for _, p := range pages(t) {
		script := p.scripts()
		if strings.Trim(script, ":\n") == "" {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			clone := filepath.Join(t.TempDir(), "quickstudy")
			copyTree(t, root, clone)
			// Modules are built with the tree itself: what was compiled of it is there already.
			script = strings.ReplaceAll(script, "export QUICKSTUDY=$PWD\n", ":\n")
			cmd := exec.CommandContext(t.Context(), bash, "-c", prelude+script)
			cmd.Dir = clone
			cmd.Env = append(os.Environ(), "QUICKSTUDY="+root, "RUNNER_VAR_episodes=4",
				fmt.Sprintf("RUNNER_VAR_steps=%d", max(2, needed[p.name])), "RUNNER_VAR_validation_episodes=2",
				"PATH="+filepath.Dir(runner)+string(os.PathListSeparator)+os.Getenv("PATH"))
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			for _, want := range printed[p.name] {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in\n%s", want, out.String())
				}
			}
		})
	}
}

// TestPagesShowPlugins: the plugin that a page writes is the one that TestSwap runs.
func TestPagesShowPlugins(t *testing.T) {
	for name, file := range map[string]string{
		"docs/writing-tasks.md":        "swap_task_test.go",
		"docs/writing-heads.md":        "swap_head_test.go",
		"docs/writing-metalearners.md": "swap_learner_test.go",
	} {
		text := string(read(t, moduleRoot(t), name))
		before, rest, found := strings.Cut(text, "cat > plugin.go <<'END'\n")
		shown, after, ended := strings.Cut(rest, "\nEND\n")
		if !found || !ended {
			t.Errorf("%s does not write plugin.go", name)
			continue
		}
		want := strings.TrimSuffix(string(read(t, ".", file)), "\n")
		if *update {
			text = before + "cat > plugin.go <<'END'\n" + want + "\nEND\n" + after
			if err := os.WriteFile(filepath.Join(moduleRoot(t), name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if diff := cmp.Diff(want, shown); diff != "" {
			t.Errorf("%s is not %s; run this test with -args -update\n%s", name, file, diff)
		}
	}
}

// printed is what the commands of a page print among other things.
var printed = map[string][]string{
	"README.md":                    {"languages/test, 4 episodes", "quickstart-reptile"},
	"docs/figures.md":              {"first step "},
	"docs/own-data.md":             {"tickets/test, 4 episodes", "tickets-reptile        difference"},
	"docs/writing-tasks.md":        {`"name": "parity"`, "--- PASS: TestConformance", "words/test"},
	"docs/writing-heads.md":        {`"name": "cosine"`, "--- PASS: TestConformance", "languages/"},
	"docs/writing-metalearners.md": {`"name": "signs"`, "--- PASS: TestConformance", "by signs"},
}

// needed is how many steps an experiment must have for the commands of a page.
var needed = map[string]int{"docs/figures.md": 23}

// documented checks that docs/run-folder.md has every file of a run, and every member of its
// JSON files.
func documented(t *testing.T, dir string) {
	t.Helper()
	page := string(read(t, moduleRoot(t), "docs/run-folder.md"))
	has := func(what, name string) {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/run-folder.md does not have %s %q", what, name)
		}
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		content, err := os.ReadFile(path)
		switch folder, _, _ := strings.Cut(name, "/"); {
		case err != nil:
			return err
		case folder == "single_task":
			has("the folder", "single_task/<task>/<objective>/")
		case folder == "tokenizers":
			has("the files", "tokenizers/<name>.json")
		case folder == "checkpoints":
			has("the files", "checkpoints/step-<12 digits>.safetensors")
		default:
			has("the file", name)
			lines := [][]byte{content}
			if filepath.Ext(name) == ".jsonl" {
				lines = bytes.Split(bytes.TrimSpace(content), []byte("\n"))
			}
			for _, line := range lines {
				if ext := filepath.Ext(name); ext == ".hcl" || ext == ".safetensors" || len(line) == 0 {
					continue
				}
				var value any
				if err := json.Unmarshal(line, &value); err != nil {
					return err
				}
				for _, member := range members(value) {
					has("of "+name+" the member", member)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// members are the names in a JSON value, but for the format and for names of things.
func members(value any) []string {
	var names []string
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			names = append(names, members(v)...)
		}
	case map[string]any:
		for name, v := range value {
			if name == "format" {
				continue
			}
			names = append(names, name)
			if name != "values" && name != "shapes" {
				names = append(names, members(v)...)
			}
		}
	}
	return names
}

// copyTree copies what a plugin or an experiment could need.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range []string{"backbone", "docs", "experiments", "framework", "plugins", "go.mod",
		"go.sum"} {
		err := filepath.WalkDir(filepath.Join(from, name), func(path string, entry fs.DirEntry,
			err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() {
				if name := entry.Name(); name == "testdata" || name == "runs" {
					return filepath.SkipDir
				}
				return nil
			}
			if strings.HasSuffix(path, "_test.go") {
				return nil
			}
			relative, err := filepath.Rel(from, path)
			if err != nil {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			target := filepath.Join(to, relative)
			if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
				return err
			}
			return os.WriteFile(target, content, 0o644)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

var (
	fence  = regexp.MustCompile("(?ms)^```.*?^```$")
	inText = regexp.MustCompile("`runner ([^`]+)`")
	// asCommand is a line set as code that looks like a command, outside of fences.
	asCommand = regexp.MustCompile(`(?m)^    (\$|go|runner|git|cd|tools/|\.ci/).*$`)
)

// TestPagesCommands: commands are in fences of the language sh, where TestPages runs them, and
// what is named in text are verbs and flags that exist.
func TestPagesCommands(t *testing.T) {
	all := ""
	for _, p := range pages(t) {
		all += p.scriptsAsWritten()
		text := fence.ReplaceAllString(p.text, "")
		for _, line := range asCommand.FindAllString(text, -1) {
			t.Errorf("%s: %q is run by no test; put it into a fence of the language sh", p.name, line)
		}
		for _, m := range inText.FindAllStringSubmatch(text, -1) {
			words := strings.Fields(m[1])
			group := slices.ContainsFunc(commands(), func(c *command) bool {
				return strings.HasPrefix(c.name, words[0]+" ")
			})
			verb, rest := find(words)
			switch {
			case words[0] == "help" || group && len(words) == 1:
			case verb == nil:
				t.Errorf("%s: there is no verb of %q", p.name, m[0])
			default:
				if _, err := parse(newFlagSet("", (&console{}).globalFlags, verb.flags), rest); err != nil {
					t.Errorf("%s: %s: %v", p.name, m[0], err)
				}
			}
		}
	}
	for _, n := range notRun {
		if !strings.Contains(all, "\n"+n.prefix) {
			t.Errorf("no page has the command %q, which is not run", n.prefix)
		}
	}
}

// scriptsAsWritten are the fences of the language sh, each after an empty line.
func (p page) scriptsAsWritten() string {
	var all strings.Builder
	for _, f := range fence.FindAllString(p.text, -1) {
		if script, ok := strings.CutPrefix(f, "```sh\n"); ok {
			all.WriteString("\n" + script)
		}
	}
	return all.String()
}
