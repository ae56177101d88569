package text

import (
	"slices"
	"testing"
)

func TestDifference(t *testing.T) {
	train := func(options Options, texts ...string) *Tokenizer {
		made, err := Train(options, slices.Values(texts))
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	words := Options{Kind: Words, MinCount: 1, Lowercase: true}
	limited := words
	limited.Size = 100
	base := train(words, "a b", "a b")
	for _, test := range []struct {
		name  string
		other *Tokenizer
		want  string
	}{
		{"the same", train(words, "b a", "a b"), ""},
		{"another order", train(words, "b a b"),
			`the first that differs is entry 2, "a" against "b"`},
		{"more", train(words, "a b c", "a b"),
			`4 entries against 5; the first that differs is entry 4, none against "c"`},
		{"fewer", train(words, "a"),
			`4 entries against 3; the first that differs is entry 3, "b" against none`},
		{"a setting", train(limited, "a b"), "size 0 against 100"},
		{"another kind", train(Options{Kind: Characters, MinCount: 1}, "ab"),
			"kind words against characters; lowercase true against false"},
	} {
		if got := base.Difference(test.other); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
