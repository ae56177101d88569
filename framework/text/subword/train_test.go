package subword

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readJSON reads a file of testdata.
func readJSON(t testing.TB, path string, to any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, to); err != nil {
		t.Fatal(err)
	}
}

// TestTrainersOfRust: vocabularies and merges are those of the library's trainers, ties
// included. See tools/fixtures/subwords.py.
func TestTrainersOfRust(t *testing.T) {
	var fixture struct {
		Specials, Texts []string
		Trained         []struct {
			Kind      string
			Size      int
			MinCount  int `json:"min_count"`
			Lowercase bool
			Tokens    []string
			Merges    [][2]string
		}
	}
	readJSON(t, "testdata/trained.json", &fixture)
	for _, row := range fixture.Trained {
		training := Training{fixture.Specials, row.Size, row.MinCount, row.Lowercase}
		learn := TrainBPE
		if row.Kind == "wordpiece" {
			learn = TrainWordPiece
		}
		got, err := learn(training, slices.Values(fixture.Texts))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Vocabulary{row.Tokens, row.Merges}, got); diff != "" {
			t.Errorf("%s of %d: -want +got\n%s", row.Kind, row.Size, diff)
		}
		backwards := slices.Clone(fixture.Texts)
		slices.Reverse(backwards)
		again, err := learn(training, slices.Values(backwards))
		if err != nil || !slices.Equal(again.Tokens, got.Tokens) {
			t.Errorf("%s of %d: texts in another order give another vocabulary, %v", row.Kind, row.Size,
				err)
		}
	}
}

// TestMergesLikeAList: the queue of merges does what going through the list of merges from
// the first to the last does.
func TestMergesLikeAList(t *testing.T) {
	texts := []string{"aaaaa aaab abab babaab", "aa ba bab", "aaaaaaaa bbbbb"}
	v, err := TrainBPE(Training{}, slices.Values(texts))
	if err != nil {
		t.Fatal(err)
	}
	made, err := BPE(v, Training{})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(texts, "abbaaabaaaabbbbabaaa", "a b  c") {
		var want []string
		for _, word := range made.words(original(text)) {
			symbols := strings.Split(string(word.runes), "")
			for _, m := range v.Merges {
				for i := 0; i+1 < len(symbols); i++ {
					if symbols[i] == m[0] && symbols[i+1] == m[1] {
						symbols = slices.Replace(symbols, i, i+2, m[0]+m[1])
					}
				}
			}
			want = append(want, symbols...)
		}
		var got []string
		for _, token := range made.Encode(text) {
			got = append(got, made.Token(token.ID))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: -want +got\n%s", text, diff)
		}
	}
}
