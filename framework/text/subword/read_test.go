package subword

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// encodings are what the library tokenizers makes of texts, by files of testdata/files.
type encodings struct {
	Files map[string]struct {
		Encoded []struct {
			Text    string
			IDs     []int32
			Offsets []int
			Decoded string
		}
		One, Pair []int32
	}
}

func readFile(t testing.TB, name string) *Tokenizer {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/files", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	tokenizer, err := Read(data)
	if err != nil {
		t.Fatal(name, err)
	}
	return tokenizer
}

// beginLost are texts whose first character a table of sentencepiece leaves out. The library then
// counts characters from the second on; here they are those of the text.
var beginLost = []string{"\u0378 \ue000 \U0001f9ff \U000e0001", "\u0301start \u0301"}

// TestEncodingsOfRust: of awkward texts ids, offsets and what is decoded are those of the
// library. See tools/fixtures/subwords.py.
func TestEncodingsOfRust(t *testing.T) {
	var fixture encodings
	readJSON(t, "testdata/encoded.json", &fixture)
	paths, err := filepath.Glob("testdata/files/*.json")
	if err != nil || len(paths) != len(fixture.Files) {
		t.Fatalf("%d files, encodings of %d, %v", len(paths), len(fixture.Files), err)
	}
	for name, want := range fixture.Files {
		t.Run(name, func(t *testing.T) {
			tokenizer := readFile(t, name)
			for _, row := range want.Encoded {
				if name == "t5" && slices.Contains(beginLost, row.Text) {
					for i := range row.Offsets {
						row.Offsets[i]++
					}
				}
				var ids []int32
				var offsets []int
				for _, token := range tokenizer.Encode(row.Text) {
					ids, offsets = append(ids, token.ID), append(offsets, token.Start, token.End)
				}
				if diff := cmp.Diff(pieces(tokenizer, row.IDs, row.Offsets),
					pieces(tokenizer, ids, offsets)); diff != "" {
					t.Errorf("%q: -want +got\n%s", row.Text, diff)
				}
				var tokens []string
				for _, id := range ids {
					if !tokenizer.Special(id) {
						tokens = append(tokens, tokenizer.Token(id))
					}
				}
				if got := tokenizer.Join(tokens); got != row.Decoded {
					t.Errorf("%q is decoded as %q, want %q", row.Text, got, row.Decoded)
				}
			}
		})
	}
}

type placedToken struct {
	ID         int32
	Token      string
	Start, End int
}

func pieces(t *Tokenizer, ids []int32, offsets []int) []placedToken {
	var all []placedToken
	for i, id := range ids {
		all = append(all, placedToken{id, t.Token(id), offsets[2*i], offsets[2*i+1]})
	}
	return all
}

// TestTemplatesOfRust: what encloses one text, and what two.
func TestTemplatesOfRust(t *testing.T) {
	var fixture encodings
	readJSON(t, "testdata/encoded.json", &fixture)
	for name, want := range fixture.Files {
		tokenizer := readFile(t, name)
		ids := func(text int) []int32 { return want.Encoded[text].IDs }
		template := tokenizer.Template()
		one := slices.Concat(template.Before, ids(5), template.After)
		pair := slices.Concat(template.Before, ids(5), template.Between, ids(6), template.After)
		if !slices.Equal(one, want.One) || !slices.Equal(pair, want.Pair) {
			t.Errorf("%s: one text gives %v and two %v, want %v and %v", name, one, pair, want.One,
				want.Pair)
		}
	}
}
