package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/record"
)

// greetings writes an experiment of few steps, with replacements, and its data beside it, and
// returns their paths.
func greetings(t *testing.T, replacements ...string) (path, data string) {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"greetings.hcl", "greetings.jsonl"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer(append(replacements, "../../..", filepath.ToSlash(root),
			"steps = 30", "steps = 2", "every = 10", "every = 0", "    untrained {}\n", "",
			`["majority", "single_task", "chance"]`, `["chance"]`)...).Replace(string(content))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "greetings.hcl"), filepath.Join(dir, "greetings.jsonl")
}

// alter replaces what a pattern matches in a file.
func alter(t *testing.T, path, pattern, replacement string) {
	t.Helper()
	before := read(t, filepath.Dir(path), filepath.Base(path))
	after := regexp.MustCompile(pattern).ReplaceAll(before, []byte(replacement))
	if string(before) == string(after) {
		t.Fatalf("%s has no %s", path, pattern)
	}
	if err := os.WriteFile(path, after, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRunKeepsItsData: the folder tells what was learned from and in which vocabulary.
func TestRunKeepsItsData(t *testing.T) {
	path, _ := greetings(t)
	dir, _, _ := trained(t, path, t.TempDir())
	run, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	data, err := run.Data()
	if err != nil || data.Tokens != "words" || len(data.Tasks) != 1 ||
		data.Tasks[0].Task != "greetings" || len(data.Tasks[0].Digest) != 64 {
		t.Errorf("data %+v, %v", data, err)
	}
	tokenizers, err := run.Tokenizers()
	if err != nil || len(tokenizers) != 1 || tokenizers["words"].ID("bonne") < 2 {
		t.Errorf("tokenizers %v, %v", tokenizers, err)
	}
	dir, _, _ = trained(t, "waves.hcl", t.TempDir())
	if run, err = record.Open(dir); err != nil {
		t.Fatal(err)
	}
	data, err = run.Data()
	if err != nil || data.Tokens != "" || !slices.ContainsFunc(data.Tasks,
		func(d record.TaskData) bool { return d.Task == "waves" && d.Digest == "" }) {
		t.Errorf("of a generator: %+v, %v", data, err)
	}
}

// TestResumeRefusesOtherData: a run goes on with what it began with, or not at all.
func TestResumeRefusesOtherData(t *testing.T) {
	path, data := greetings(t)
	dir, _, _ := trained(t, path, t.TempDir())
	alter(t, filepath.Join(dir, "run.json"), `"done"`, `"interrupted"`)
	original := read(t, filepath.Dir(data), filepath.Base(data))
	refused := func(parts ...string) {
		t.Helper()
		_, errs, status := execute(t, "runner resume "+dir)
		if status != statusFailed {
			t.Errorf("status %d, want %d: %s", status, statusFailed, errs)
		}
		for _, part := range parts {
			if !strings.Contains(errs, part) {
				t.Errorf("standard error lacks %q: %s", part, errs)
			}
		}
	}
	run, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := run.Data()
	if err != nil {
		t.Fatal(err)
	}
	alter(t, data, "bonne nuit", "bonne soiree")
	refused(`task "greetings"`, "the digest was "+kept.Tasks[0].Digest[:12]+" and is ",
		"restore the data", "begin a new run")
	if err := os.WriteFile(data, original, 0o600); err != nil {
		t.Fatal(err)
	}
	tokenizer := filepath.Join(dir, "tokenizers", "words.json")
	words := read(t, filepath.Dir(tokenizer), "words.json")
	alter(t, tokenizer, `"bonne"`, `"bonnet"`)
	refused(`tokenizer "words"`, `"bonnet" against "bonne"`, "restore the data")
	alter(t, tokenizer, `(?s).*`, `{}`)
	refused(tokenizer)
	if err := os.Remove(tokenizer); err != nil {
		t.Fatal(err)
	}
	refused(`no tokenizer "words"`)
	if err := os.WriteFile(tokenizer, words, 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "data.json")
	if err := os.Rename(file, file+".old"); err != nil {
		t.Fatal(err)
	}
	if _, errs, status := execute(t, "runner resume "+dir); status != 0 ||
		!strings.Contains(errs, "keeps no record of its data") {
		t.Errorf("a run without a record: status %d: %s", status, errs)
	}
	alter(t, filepath.Join(dir, "run.json"), `"done"`, `"interrupted"`)
	if err := os.Rename(file+".old", file); err != nil {
		t.Fatal(err)
	}
	if _, errs, status := execute(t, "runner resume "+dir); status != 0 ||
		strings.Contains(errs, "record of its data") {
		t.Errorf("the same data: status %d: %s", status, errs)
	}
}

// TestInitOfAnotherVocabulary: rows of a token embedding are of the tokens that they
// were learned for.
func TestInitOfAnotherVocabulary(t *testing.T) {
	first, _ := greetings(t)
	dir, _, _ := trained(t, first, t.TempDir())
	from := func(from, only string) string {
		return "seed = 3\n  init {\n    from = \"" + filepath.ToSlash(from) + "\"\n    " + only + "\n  }"
	}
	for _, test := range []struct {
		name    string
		changes []string
	}{
		{"entries", []string{"bonne", "boniche"}}, // as many, and as frequent
		{"number of entries", []string{"bonne nuit", "bonne"}},
	} {
		path, _ := greetings(t, append(test.changes, "seed = 3", from(dir, ""))...)
		for _, verb := range []string{"validate ", "run -runs " + t.TempDir() + " "} {
			_, errs, status := execute(t, "runner "+verb+path)
			if status != statusInvalid {
				t.Errorf("%s: %s: status %d, want %d: %s", test.name, verb, status, statusInvalid, errs)
			}
			want := []string{"Another vocabulary", "init {", "the first that differs is entry",
				" against ", "same data, split, seed", "backbone/embed/**"}
			if test.name == "number of entries" {
				want = append(want, "entries against")
			}
			for _, part := range want {
				if !strings.Contains(strings.Join(strings.Fields(errs), " "), strings.TrimSpace(part)) {
					t.Errorf("%s: %s: standard error lacks %q: %s", test.name, verb, part, errs)
				}
			}
		}
	}
	path, _ := greetings(t, "bonne nuit", "bonne", "seed = 3",
		from(dir, `only = ["backbone/layers/**", "heads/**"]`))
	if out, errs, status := execute(t, "runner validate "+path); status != 0 ||
		strings.Contains(errs, "ocabulary") {
		t.Errorf("without the embedding: status %d: %s%s", status, out, errs)
	}
	path, _ = greetings(t, "seed = 3", from(dir, ""))
	if out, errs, status := execute(t, "runner validate "+path); status != 0 ||
		strings.Contains(errs, "ocabulary") {
		t.Errorf("the same vocabulary: status %d: %s%s", status, out, errs)
	}
	found, err := checkpoint.Latest(filepath.Join(dir, "checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	unchecked := func(source string) {
		t.Helper()
		path, _ := greetings(t, "seed = 3", from(source, ""))
		if out, errs, status := execute(t, "runner validate "+path); status != 0 ||
			strings.Count(errs, "Vocabulary not checked") != 1 {
			t.Errorf("status %d: %s%s", status, out, errs)
		}
	}
	unchecked(found.Path)
	if err := os.Remove(filepath.Join(dir, "data.json")); err != nil {
		t.Fatal(err)
	}
	unchecked(dir)
}
