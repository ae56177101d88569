package record

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/text"
)

func TestData(t *testing.T) {
	run := create(t, t.TempDir())
	if _, err := run.Data(); !errors.Is(err, ErrNotYet) {
		t.Errorf("before it is written: %v, want ErrNotYet", err)
	}
	if got, err := run.Tokenizers(); err != nil || len(got) > 0 {
		t.Errorf("before they are written: %v, %v", got, err)
	}
	words, err := text.Train(text.Options{Kind: text.Words, Lowercase: true},
		slices.Values([]string{"Bonne nuit <Anna>", "\u2028 İ ñ"}))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := text.Train(text.Options{Kind: text.Bytes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Data{Tokens: "words", Tasks: []TaskData{
		{Task: "greetings", Digest: strings.Repeat("0f", 32), Origin: "us", Licence: "CC0",
			LeftOut: LeftOut{Unlabelled: 3, SmallClasses: 1}},
		{Task: "waves"}}}
	kept := map[string]*text.Tokenizer{"words": words, "raw": raw}
	if err := run.WriteData(want, kept); err != nil {
		t.Fatal(err)
	}
	want.Format = FormatVersion
	again := open(t, run.Dir())
	if got, err := again.Data(); err != nil || !cmp.Equal(got, &want) {
		t.Errorf("%v: -want +got:\n%s", err, cmp.Diff(&want, got))
	}
	unfinished := filepath.Join(run.Dir(), tokenizersDir, ".unfinished-raw.json")
	if err := os.WriteFile(unfinished, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := again.Tokenizers()
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	for name, one := range kept {
		if d := one.Difference(got[name]); d != "" {
			t.Errorf("%s is read as another: %s", name, d)
		}
	}
	wantError(t, "without the lock", again.WriteData(want, kept), "lock")
	wantError(t, "a path", run.WriteData(want, map[string]*text.Tokenizer{"../x": raw}), "cannot name")
}

func TestDataRefuses(t *testing.T) {
	run := create(t, t.TempDir())
	for _, test := range []struct{ name, content, want string }{
		{"torn", `{"format": 1, "tasks": [`, "byte"},
		{"no version", `{"tasks": []}`, `"format"`},
		{"a later version", `{"format": 2, "tasks": []}`, "version 2"},
		{"no name", `{"format": 1, "tasks": [{"digest": ""}]}`, "task 0 has no name"},
		{"twice", `{"format": 1, "tasks": [{"task": "a"}, {"task": "a"}]}`, "occurs twice"},
		{"digest", `{"format": 1, "tasks": [{"task": "a", "digest": "0F"}]}`, "SHA-256"},
		{"tokens", `{"format": 1, "tokens": "../x"}`, "cannot name"},
		{"long", strings.Repeat(" ", maxData+1), "more than"},
	} {
		path := filepath.Join(run.Dir(), dataFile)
		if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := run.Data()
		wantError(t, test.name, err, test.want)
		wantError(t, test.name, err, path)
	}
	if err := os.Mkdir(filepath.Join(run.Dir(), tokenizersDir), 0o755); err != nil {
		t.Fatal(err)
	}
	path := run.tokenizer("main")
	if err := os.WriteFile(path, []byte(`{"kind": "letters"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := run.Tokenizers()
	wantError(t, "a tokenizer of no kind", err, path)
}

// Whatever the run's other files hold, each is an error or can be written and read again.
func FuzzData(f *testing.F) {
	f.Add([]byte(`{"format":1,"tokens":"main","tasks":[{"task":"a","digest":"","origin":"o"}]}`))
	f.Add([]byte(`{"format":1,"data":[{"task":"a","split":"train","inputs":3,"positions":9}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, pair := range [][2]interface{ check() error }{
			{&Data{}, &Data{}}, {&encodings{}, &encodings{}}, {&Episodes{}, &Episodes{}},
		} {
			if decode(content, pair[0]) != nil {
				continue
			}
			path := filepath.Join(t.TempDir(), dataFile)
			if err := writeJSON(path, maxData, pair[0]); err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			if err := readJSON(path, maxData, pair[1]); err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
		}
	})
}
