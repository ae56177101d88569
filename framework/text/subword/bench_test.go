package subword

import (
	"slices"
	"strings"
	"testing"
)

// captions are as many words as 29,000 captions of pictures have, of the texts of the fixtures.
func captions(b *testing.B) []string {
	var fixture struct{ Texts []string }
	readJSON(b, "testdata/trained.json", &fixture)
	words := strings.Fields(strings.Join(fixture.Texts, " "))
	var texts []string
	for i := range 29_000 {
		at := i % (len(words) - 12)
		texts = append(texts, strings.Join(words[at:at+12], " "))
	}
	return texts
}

// BenchmarkEncode encodes 29,000 captions of 12 words.
func BenchmarkEncode(b *testing.B) {
	texts := captions(b)
	v, err := TrainBPE(Training{Size: 1000}, slices.Values(texts[:1000]))
	if err != nil {
		b.Fatal(err)
	}
	made, err := BPE(v, Training{})
	if err != nil {
		b.Fatal(err)
	}
	tokenizers := map[string]*Tokenizer{"trained_bpe": made}
	for _, name := range []string{"bert_uncased", "gpt2", "llama3", "t5"} {
		tokenizers[name] = readFile(b, name)
	}
	for name, tokenizer := range tokenizers {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				for _, text := range texts {
					tokenizer.Encode(text)
				}
			}
		})
	}
}

// BenchmarkTrain learns BPE of 29,000 captions.
func BenchmarkTrain(b *testing.B) {
	texts := captions(b)
	for range b.N {
		if _, err := TrainBPE(Training{Size: 4000}, slices.Values(texts)); err != nil {
			b.Fatal(err)
		}
	}
}
