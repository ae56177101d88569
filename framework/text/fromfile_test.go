package text

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// definition is a tokenizer.json of package subword's tests.
func definition(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("subword/testdata/files", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestFileEncloses: what a file's post-processor puts around texts is taken, and what it lacks
// added behind its ids.
func TestFileEncloses(t *testing.T) {
	all := Options{Kind: File, Class: true, Ends: true, Separator: true}
	for _, row := range []struct {
		file    string
		options Options
		want    string // tokens of two texts, or of one without a separator
		size    int
	}{
		{"bert_uncased", Options{Kind: File}, "[CLS] a [SEP]", 300},
		{"bert_uncased", all, "[CLS] a [SEP] e [SEP]", 300},
		{"gpt2", Options{Kind: File}, "a", 400},
		{"gpt2", all, "[class] [begin] a [separator] e [end]", 404},
		{"roberta", Options{Kind: File, Class: true, Ends: true}, "<s> \u0120 a </s>", 402},
		{"t5", Options{Kind: File, Ends: true}, "[begin] \u2581 a </s>", 219},
		{"t5", Options{Kind: File, Class: true, Separator: true},
			"[class] \u2581 a </s> \u2581 e </s>", 219},
		{"llama3", Options{Kind: File, Ends: true}, "<|begin_of_text|> a [end]", 401},
	} {
		tokenizer, err := FromFile(definition(t, row.file), row.options)
		if err != nil {
			t.Error(row.file, err)
			continue
		}
		parts := []Part{{Text: "a"}, {Text: "e"}}
		if !row.options.Separator {
			parts = parts[:1]
		}
		e, of := tokenizer.EncodeParts(parts...)
		var got []string
		for i, id := range e.IDs {
			got = append(got, tokenizer.Token(id))
			if (of[i] < 0) != (e.Spans[i] == Span{-1, -1}) {
				t.Errorf("%s: token %d is of part %d, and its span %v", row.file, i, of[i], e.Spans[i])
			}
		}
		if got := strings.Join(got, " "); got != row.want || tokenizer.Size() != row.size {
			t.Errorf("%s of %+v: %s of %d ids, want %s of %d", row.file, row.options, got,
				tokenizer.Size(), row.want, row.size)
		}
		if !row.options.Ends {
			continue
		}
		one := tokenizer.Encode("a")
		lo, hi := tokenizer.Written(len(one.IDs))
		begin, end, ok := tokenizer.EndIDs()
		if !ok || one.IDs[lo] != begin || one.IDs[hi] != end {
			t.Errorf("%s: of %v are written [%d, %d), between %d and %d, %v", row.file, one.IDs, lo, hi,
				begin, end, ok)
		}
	}
}

// TestFileDecodes: a text comes back from its ids, special tokens left out, unknown ones marked.
func TestFileDecodes(t *testing.T) {
	for _, row := range []struct{ file, text, want string }{
		{"gpt2", "  na\u00efve \u65e5\u672c\n", "  na\u00efve \u65e5\u672c\n"},
		{"llama3", "a <|endoftext|>b", "a b"},
		{"llama2", "ein \u03a9 Mann", "ein \u03a9 Mann"},
		{"bert_uncased", "Der Mann! \u03a9", "der mann! \ufffd"},
		{"t5", "ein  Mann \u03a9", "ein Mann \ufffd"},
	} {
		tokenizer, err := FromFile(definition(t, row.file), Options{Kind: File})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tokenizer.Decode(tokenizer.Encode(row.text).IDs); err != nil || got != row.want {
			t.Errorf("%s: %q came back as %q, %v, want %q", row.file, row.text, got, err, row.want)
		}
	}
	gpt2, err := FromFile(definition(t, "gpt2"), Options{Kind: File})
	if err != nil {
		t.Fatal(err)
	}
	words := gpt2.EncodeWords([]string{"ein", "Mann"})
	if got, err := gpt2.Decode(words.IDs); err != nil || got != "ein Mann" {
		t.Errorf("words came back as %q, %v", got, err)
	}
	if first := slices.Index(words.Spans, Span{1, 2}); first < 1 {
		t.Errorf("spans of words %v", words.Spans)
	}
}

// TestFileSaved: a run keeps the file, and two files differ by what they say.
func TestFileSaved(t *testing.T) {
	options := Options{Kind: File, Class: true}
	made, err := FromFile(definition(t, "gpt2"), options)
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	if err := made.Save(&first); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(bytes.NewReader(first.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := loaded.Save(&second); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("saved again it differs, %v", err)
	}
	const text = "Ein Mann's Stra\u00dfe"
	if diff := cmp.Diff(made.Encode(text), loaded.Encode(text)); diff != "" ||
		made.Difference(loaded) != "" || loaded.Options() != options {
		t.Errorf("loaded it encodes otherwise: %s %s", diff, made.Difference(loaded))
	}
	changed := bytes.Replace(definition(t, "gpt2"), []byte(`"single_word":false`),
		[]byte(`"single_word":true`), 1)
	other, err := FromFile(changed, options)
	if err != nil {
		t.Fatal(err)
	}
	if d := made.Difference(other); !strings.Contains(d, "a tokenizer.json of digest") {
		t.Errorf("the difference is %q", d)
	}
}

func TestFileRefused(t *testing.T) {
	for _, row := range []struct {
		file    string
		options Options
		want    string
	}{
		{"gpt2", Options{Kind: BPE}, `has kind "file"`},
		{"gpt2", Options{Kind: File, Size: 400}, "neither size, min_count nor lowercase"},
		{"roberta", Options{Kind: File, Separator: true}, `it puts the tokens ["</s>" "</s>"]`},
		{"llama3", Options{Kind: File, Separator: true}, `it puts the tokens ["<|begin_of_text|>"]`},
	} {
		if _, err := FromFile(definition(t, row.file), row.options); err == nil ||
			!strings.Contains(err.Error(), row.want) {
			t.Errorf("%s of %+v: got %v, want an error with %q", row.file, row.options, err, row.want)
		}
	}
	for _, row := range []struct{ json, want string }{
		{`{"kind":"file"}`, "tokenizer: definition: line 1: the file ends within its JSON"},
		{`{"kind":"file","definition":null}`, "definition: version"},
		{`{"kind":"words","definition":{}}`, "a definition in a tokenizer of words"},
		{`{"kind":"file","tokens":["a"],"definition":{}}`, "1 tokens and 0 merges beside a definition"},
		{fmt.Sprintf(`{"kind":"file","size":9,"definition":%s}`, definition(t, "gpt2")), "neither size"},
	} {
		if _, err := Load(strings.NewReader(row.json)); err == nil ||
			!strings.Contains(err.Error(), row.want) {
			t.Errorf("%.60s: got %v, want an error with %q", row.json, err, row.want)
		}
	}
}
