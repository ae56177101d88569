package session

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/text"
	"quickstudy/framework/train/record"
)

// runWith leaves the folder of a run with a tokenizer "main".
func runWith(t *testing.T, options text.Options) string {
	t.Helper()
	made, err := text.Train(options, slices.Values([]string{"zyx zyx", "a"}))
	if err != nil {
		t.Fatal(err)
	}
	run, err := record.Create(t.TempDir(), record.Info{Experiment: "before"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.WriteData(record.Data{}, map[string]*text.Tokenizer{"main": made}); err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	return run.Dir()
}

// taking is the experiment of these tests with its tokenizer from a run.
func taking(t *testing.T, from string) string {
	t.Helper()
	content, err := os.ReadFile("testdata/names.hcl")
	if err != nil {
		t.Fatal(err)
	}
	plugins, err := filepath.Abs("../../plugins")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "taking.hcl")
	taken := "{\n  kind = \"characters\"\n  from = \"" + filepath.ToSlash(from) + "\"\n}"
	changed := strings.NewReplacer("../../../plugins", filepath.ToSlash(plugins),
		`{ kind = "characters" }`, taken).Replace(string(content))
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTokenizerOfRun: it is that of the run, whatever the data are, if it has the special tokens
// that are needed.
func TestTokenizerOfRun(t *testing.T) {
	right := text.Options{Kind: text.Characters, Lowercase: true, Size: 100}
	ended := right
	ended.Ends = true
	words := right
	words.Kind = text.Words
	_, data := mustOpen(t, taking(t, runWith(t, right)))
	if got := data.Tokenizers["main"]; got.Size() != 7 || got.ID("z") == text.UnknownID {
		t.Errorf("a tokenizer of %d tokens, want that of the run with 7", got.Size())
	}
	for want, from := range map[string]string{
		"has tokens of kind \"characters\", begin and end, and this experiment needs tokens of kind " +
			"\"characters\"": runWith(t, ended),
		"has tokens of kind \"words\"": runWith(t, words),
		"Unusable tokenizer":           filepath.Join(t.TempDir(), "nowhere"),
	} {
		s, diags, err := open(t, taking(t, from), Options{})
		if err != nil || len(diags) > 0 {
			t.Fatal(rendered(t, diags, s), err)
		}
		_, diags, err = s.Data(t.Context())
		// The lines of a message are wrapped.
		got := strings.Join(strings.Fields(rendered(t, diags, s)), " ")
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%s, %v, want %q", got, err, want)
		}
	}
}

// TestTokenizerOfFile: it is that of the file, and the file may not be there or be none.
func TestTokenizerOfFile(t *testing.T) {
	definition, err := os.ReadFile("../text/subword/testdata/files/gpt2.json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tokenizer.json")
	if err := os.WriteFile(path, definition, 0o600); err != nil {
		t.Fatal(err)
	}
	reading := func(from string) string {
		file := taking(t, from)
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.NewReplacer("  kind = \"characters\"\n", "", "from =", "file =").
			Replace(string(content))
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	_, data := mustOpen(t, reading(path))
	made := data.Tokenizers["main"]
	if made.Options().Kind != text.File || made.Size() != 400 {
		t.Errorf("a tokenizer of %+v with %d ids", made.Options(), made.Size())
	}
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, definition[:1000], 0o600); err != nil {
		t.Fatal(err)
	}
	for want, file := range map[string]string{
		"broken.json: line 1: the file ends within its JSON": broken,
		"nowhere.json": filepath.Join(t.TempDir(), "nowhere.json"),
	} {
		s, diags, err := open(t, reading(file), Options{})
		if err != nil || len(diags) > 0 {
			t.Fatal(rendered(t, diags, s), err)
		}
		_, diags, err = s.Data(t.Context())
		got := strings.Join(strings.Fields(rendered(t, diags, s)), " ")
		if err != nil || !strings.Contains(got, "Unusable tokenizer") || !strings.Contains(got, want) {
			t.Errorf("%s, %v, want %q", got, err, want)
		}
	}
}
