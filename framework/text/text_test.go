package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/text/subword"
)

func train(t testing.TB, options Options, texts ...string) *Tokenizer {
	t.Helper()
	tokenizer, err := Train(options, slices.Values(texts))
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

func TestSplit(t *testing.T) {
	tests := []struct {
		kind      Kind
		lowercase bool
		text      string
		want      []string // token@start-end
	}{
		{Words, false, "", nil},
		{Words, false, " \t\n", nil},
		{Words, true, "Freeze my account!",
			[]string{"freeze@0-6", "my@7-9", "account@10-17", "!@17-18"}},
		{Words, false, "what's up?", []string{"what@0-4", "'@4-5", "s@5-6", "up@7-9", "?@9-10"}},
		{Words, false, "a_b 3,5 €", []string{"a_b@0-3", "3@4-5", ",@5-6", "5@6-7", "€@8-9"}},
		{Words, true, "Straße ÄÖ", []string{"straße@0-6", "äö@7-9"}},
		{Words, false, "nai\u0308ve", []string{"nai\u0308ve@0-6"}}, // a combining mark
		{Characters, true, "Aß ", []string{"a@0-1", "ß@1-2", " @2-3"}},
		{Bytes, false, "aé", []string{"a@0-1", "\xc3@1-2", "\xa9@1-2"}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s/%s", test.kind, test.text), func(t *testing.T) {
			var got []string
			for _, p := range split(test.kind, test.lowercase, test.text) {
				got = append(got, fmt.Sprintf("%s@%d-%d", p.text, p.span.Start, p.span.End))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestTrainVocabulary(t *testing.T) {
	texts := []string{"b a c", "B a d", "a, b"}
	tests := []struct {
		name    string
		options Options
		want    []string
	}{
		{"counts then bytes", Options{Kind: Words},
			[]string{"[pad]", "[unknown]", "a", "b", ",", "B", "c", "d"}},
		{"lowercase", Options{Kind: Words, Lowercase: true},
			[]string{"[pad]", "[unknown]", "a", "b", ",", "c", "d"}},
		{"min count", Options{Kind: Words, MinCount: 2}, []string{"[pad]", "[unknown]", "a", "b"}},
		{"size", Options{Kind: Words, Size: 4, Class: true},
			[]string{"[pad]", "[unknown]", "[class]", "a"}},
		{"ends", Options{Kind: Words, Size: 6, Class: true, Ends: true},
			[]string{"[pad]", "[unknown]", "[class]", "[begin]", "[end]", "a"}},
		{"characters", Options{Kind: Characters, Size: 4},
			[]string{"[pad]", "[unknown]", " ", "a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tokenizer := train(t, test.options, texts...)
			if diff := cmp.Diff(test.want, tokenizer.tokens); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			backwards := slices.Clone(texts)
			slices.Reverse(backwards)
			if diff := cmp.Diff(test.want, train(t, test.options, backwards...).tokens); diff != "" {
				t.Errorf("texts in another order: -want +got\n%s", diff)
			}
		})
	}
}

func TestOptionsRefused(t *testing.T) {
	tests := []struct {
		options Options
		want    string
	}{
		{Options{Kind: "unigram"}, `tokenizer kind "unigram"`},
		{Options{Kind: BPE, Size: 257}, "no room for 2 special tokens and an alphabet of 256"},
		{Options{Kind: WordPiece, Size: 2}, "leaves no room beside the 2 special tokens"},
		{Options{Kind: WordPiece, Size: 4}, "no room for 2 special tokens and an alphabet of 4"},
		{Options{Kind: Words, Size: -1}, "must not be negative"},
		{Options{Kind: Words, Size: 2}, "leaves no room beside the 2 special tokens"},
		{Options{Kind: Bytes, Size: 100}, "want 258"},
		{Options{Kind: Bytes, Lowercase: true}, "neither lowercase nor min_count"},
	}
	for _, test := range tests {
		if _, err := Train(test.options, slices.Values([]string{"ab c"})); err == nil ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("Train(%+v) = %v, want an error with %q", test.options, err, test.want)
		}
	}
	if _, err := Train(Options{Kind: Words}, nil); err == nil {
		t.Error("words without texts are accepted")
	}
}

func TestEncodeDecode(t *testing.T) {
	words := train(t, Options{Kind: Words, Lowercase: true, Class: true, Ends: true}, "pay my bill")
	e := words.Encode("Pay the bill")
	want := Encoding{
		IDs:   []int32{2, 3, 7, 1, 5, 4}, // bill 5, my 6, pay 7
		Spans: []Span{{-1, -1}, {-1, -1}, {0, 3}, {4, 7}, {8, 12}, {-1, -1}},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got, err := words.Decode(append(e.IDs, PadID)); err != nil || got != "pay \uFFFD bill" {
		t.Errorf("Decode = %q, %v", got, err)
	}
	if _, err := words.Decode([]int32{99}); err == nil ||
		!strings.Contains(err.Error(), "outside the vocabulary of 8") {
		t.Errorf("Decode of id 99 = %v", err)
	}
	bytewise, err := Train(Options{Kind: Bytes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	const text = "na\u00efve \u2192 \u65e5\u672c"
	if got, err := bytewise.Decode(bytewise.Encode(text).IDs); err != nil || got != text {
		t.Errorf("bytes: %q came back as %q, %v", text, got, err)
	}
	byWord := words.EncodeWords([]string{"pay", "my-bill"})
	if diff := cmp.Diff([]Span{{-1, -1}, {-1, -1}, {0, 1}, {1, 2}, {1, 2}, {1, 2}, {-1, -1}},
		byWord.Spans); diff != "" {
		t.Errorf("EncodeWords: -want +got\n%s", diff)
	}
}

// TestParts: spans leave out the space that a token begins with, words of BPE are read behind
// one, and what is decoded is what was encoded.
func TestParts(t *testing.T) {
	for _, row := range []struct {
		options Options
		text    string
		words   []string
		want    string // tokens, spans
		byWord  string
		back    string
	}{
		{Options{Kind: BPE, Ends: true}, "low  lower", []string{"low", "lower"},
			"[begin]@-1--1 low@0-3 Ġ@4-4 Ġlow@5-8 er@8-10 [end]@-1--1",
			"[begin]@-1--1 low@0-1 Ġlow@1-2 er@1-2 [end]@-1--1", "low  lower"},
		{Options{Kind: WordPiece, Lowercase: true}, "LOW lowest lowz!", []string{"lowest", "low"},
			"low@0-3 low@4-7 ##e@7-8 ##s@8-9 ##t@9-10 [unknown]@11-15 !@15-16",
			"low@0-1 ##e@0-1 ##s@0-1 ##t@0-1 low@1-2", "low lowest \ufffd !"},
	} {
		row.options.MinCount = 2
		tokenizer := train(t, row.options, "low low low low", "lower lower newest", "!")
		told := func(e Encoding) string {
			var tokens []string
			for i, id := range e.IDs {
				tokens = append(tokens, fmt.Sprintf("%s@%d-%d", tokenizer.Token(id), e.Spans[i].Start,
					e.Spans[i].End))
			}
			return strings.Join(tokens, " ")
		}
		e := tokenizer.Encode(row.text)
		if got := told(e); got != row.want {
			t.Errorf("%q: %s, want %s", row.text, got, row.want)
		}
		if got := told(tokenizer.EncodeWords(row.words)); got != row.byWord {
			t.Errorf("%q: %s, want %s", row.words, got, row.byWord)
		}
		if got, err := tokenizer.Decode(e.IDs); err != nil || got != row.back {
			t.Errorf("%q came back as %q, %v, want %q", row.text, got, err, row.back)
		}
	}
}

func TestAlignment(t *testing.T) {
	tokenizer := train(t, Options{Kind: Words, Class: true}, "a table for two at 7:30 pm")
	e := tokenizer.Encode("a table for two at 7:30 pm") // [class] a table for two at 7 : 30 pm
	tests := []struct {
		name   string
		span   Span
		lo, hi int
	}{
		{"one word", Span{2, 7}, 2, 3},
		{"part of a word", Span{3, 5}, 2, 3},
		{"across punctuation", Span{19, 23}, 6, 9},
		{"with the space before", Span{18, 20}, 6, 7},
		{"two words", Span{8, 15}, 3, 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lo, hi, err := e.TokensOf(test.span)
			if err != nil || lo != test.lo || hi != test.hi {
				t.Fatalf("TokensOf(%v) = %d, %d, %v, want %d, %d", test.span, lo, hi, err, test.lo,
					test.hi)
			}
			back, err := e.CharactersOf(lo, hi)
			if err != nil {
				t.Fatal(err)
			}
			if lo2, hi2, err := e.TokensOf(back); err != nil || lo2 != lo || hi2 != hi {
				t.Errorf("tokens [%d, %d) → characters %v → tokens [%d, %d), %v", lo, hi, back, lo2,
					hi2, err)
			}
		})
	}
	if _, _, err := e.TokensOf(Span{1, 2}); err == nil {
		t.Error("a space has a token")
	}
	for _, bad := range [][2]int{{0, 1}, {3, 3}, {-1, 2}, {0, 99}} {
		if _, err := e.CharactersOf(bad[0], bad[1]); err == nil {
			t.Errorf("tokens %v have characters", bad)
		}
	}
}

func TestSaveLoad(t *testing.T) {
	for _, options := range []Options{
		{Kind: Words, Size: 6, MinCount: 1, Lowercase: true, Class: true},
		{Kind: Characters, Ends: true},
		{Kind: Bytes},
		{Kind: BPE, Size: 270, MinCount: 1, Ends: true},
		{Kind: WordPiece, Lowercase: true, Separator: true},
	} {
		t.Run(string(options.Kind), func(t *testing.T) {
			tokenizer := train(t, options, "Über <tables> & \"chairs\"")
			var first, second bytes.Buffer
			if err := tokenizer.Save(&first); err != nil {
				t.Fatal(err)
			}
			loaded, err := Load(bytes.NewReader(first.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tokenizer.tokens, loaded.tokens); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if loaded.Options() != options {
				t.Errorf("options %+v came back as %+v", options, loaded.Options())
			}
			if err := loaded.Save(&second); err != nil ||
				!bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Errorf("saved again it differs (%v)", err)
			}
		})
	}
}

// bpe is a file of byte-level BPE with one token more than the bytes, and merges.
func bpe(token, merges string) string {
	tokens, err := json.Marshal(append(subword.ByteSymbols(), token))
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"kind":"bpe","tokens":%s,"merges":[%s]}`, tokens, merges)
}

func TestLoadRefuses(t *testing.T) {
	tests := []struct{ name, json, want string }{
		{"not json", `tokens`, "invalid character"},
		{"unknown member", `{"kind":"words","tokens":["a"],"more":[]}`, `unknown field "more"`},
		{"unknown kind", `{"kind":"unigram","tokens":["a"]}`, `kind "unigram"`},
		{"merges of words", `{"kind":"words","tokens":["a"],"merges":[["a","b"]]}`,
			"1 merges in a tokenizer of words"},
		{"bytes without a token", `{"kind":"bpe","tokens":["a"]}`, `no token "!" of byte 0x21`},
		{"no bytes", bpe("\u20ac", ""), "'\u20ac' stands for no byte"},
		{"bpe twice", bpe("a", ""), `token "a" has the ids `},
		{"merge of no token", bpe("ab", `["a","bc"]`), `merge 0, "a" with "bc": the vocabulary has ` +
			`no token "bc"`},
		{"merge to no token", bpe("ab", `["a","c"]`), `the vocabulary has no token "ac"`},
		{"merge of three", bpe("ab", `["a","b","c"]`), "merge 0 has 3 parts, want 2"},
		{"two pieces", `{"kind":"wordpiece","tokens":["a b"]}`, `"a b" is neither a word nor a part`},
		{"no piece", `{"kind":"wordpiece","tokens":["##"]}`, `"##" is neither a word nor a part`},
		{"piece twice", `{"kind":"wordpiece","tokens":["##a","##a"]}`, `"##a" has the ids 2 and 3`},
		{"twice", `{"kind":"words","tokens":["a","a"]}`, "1 of the 2 tokens occur twice"},
		{"two words", `{"kind":"words","tokens":["a b"]}`, `token 0, "a b", is not one token`},
		{"empty", `{"kind":"words","tokens":[""]}`, `token 0, "", is not one token`},
		{"upper case", `{"kind":"words","lowercase":true,"tokens":["A"]}`,
			`token 0, "A", is not one token`},
		{"too many", `{"kind":"words","size":3,"tokens":["a","b"]}`, "4 tokens, want at most"},
		{"bytes", `{"kind":"bytes","tokens":["a"]}`, "1 tokens in a tokenizer of bytes"},
		{"trailing", `{"kind":"bytes"} {}`, "goes on after"},
		{"invalid utf-8", "{\"kind\":\"words\",\"tokens\":[\"\xff\"]}", "not valid UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Load(strings.NewReader(test.json)); err == nil ||
				!strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// FuzzLoad: whatever loads can be saved, loaded again, and encodes its own tokens.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"kind":"words","size":9,"min_count":2,"lowercase":true,"class_token":true,` +
		`"tokens":["a","ⓐ"]}`))
	f.Add([]byte(`{"kind":"characters","end_tokens":true,"tokens":["a"," "]}`))
	f.Add([]byte(`{"kind":"bytes"}`))
	f.Add([]byte(bpe("ab", `["a","b"]`)))
	f.Add([]byte(`{"kind":"wordpiece","lowercase":true,"tokens":["a","##b"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		tokenizer, err := Load(bytes.NewReader(data))
		if err != nil {
			return
		}
		var saved bytes.Buffer
		if err := tokenizer.Save(&saved); err != nil {
			t.Fatal(err)
		}
		again, err := Load(&saved)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(again.tokens, tokenizer.tokens) {
			t.Fatalf("%q came back as %q", tokenizer.tokens, again.tokens)
		}
		for id := range tokenizer.Size() {
			if _, err := tokenizer.Decode([]int32{int32(id)}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzEncode: tokens trained on a text are known in it, their spans ascend and
// cut the same characters from the text, and it can be saved and loaded.
func FuzzEncode(f *testing.F) {
	f.Add("What's up, İstanbul?", true)
	f.Add("e\u0301 \u65e5\u672c Ⓐ", false)
	f.Fuzz(func(t *testing.T, s string, lowercase bool) {
		if !utf8.ValidString(s) {
			return
		}
		for _, kind := range []Kind{Words, Characters, Bytes, BPE, WordPiece} {
			tokenizer := train(t, Options{Kind: kind, Lowercase: lowercase && kind != Bytes}, s)
			parts := kind == BPE || kind == WordPiece
			e := tokenizer.Encode(s)
			characters, last := []rune(s), 0
			for i, span := range e.Spans {
				if e.IDs[i] == UnknownID && kind != WordPiece { // which does not know long words
					t.Fatalf("%s: token %d of %q is unknown", kind, i, s)
				}
				if span.Start < last && kind != Bytes && kind != BPE || span.End > len(characters) ||
					span.Start > span.End || span.Start == span.End && kind != BPE {
					t.Fatalf("%s: span %v of token %d", kind, span, i)
				}
				last = span.End
				if want := string(characters[span.Start:span.End]); kind != Bytes && !parts && !lowercase &&
					tokenizer.Token(e.IDs[i]) != want {
					t.Fatalf("%s: token %q at %q", kind, tokenizer.Token(e.IDs[i]), want)
				}
			}
			if back, err := tokenizer.Decode(e.IDs); err != nil ||
				kind == BPE && !lowercase && back != s {
				t.Fatalf("%s: %q came back as %q, %v", kind, s, back, err)
			}
			var saved bytes.Buffer
			if err := tokenizer.Save(&saved); err != nil {
				t.Fatal(err)
			}
			loaded, err := Load(&saved)
			if err != nil {
				t.Fatal(err)
			}
			if d := tokenizer.Difference(loaded); d != "" || !slices.Equal(loaded.Encode(s).IDs, e.IDs) {
				t.Fatalf("%s: loaded, it encodes %q otherwise; %s", kind, s, d)
			}
		}
	})
}

// TestEncodeParts: parts follow each other with a separator between, enclosed as one text
// is, and spans are of a part's own characters or words.
func TestEncodeParts(t *testing.T) {
	for _, row := range []struct {
		options Options
		parts   []Part
		want    string // tokens, whose they are, spans
	}{
		{Options{}, []Part{{Text: "a bb"}}, "a:0[0,1) bb:0[2,4)"},
		{Options{Separator: true}, []Part{{Text: "a bb"}, {Text: " c"}},
			"a:0[0,1) bb:0[2,4) [separator]:-1[-1,-1) c:1[1,2)"},
		{Options{Separator: true, Class: true, Ends: true},
			[]Part{{Text: "a"}, {Words: []string{"bb", "a c"}}, {}},
			"[class]:-1[-1,-1) [begin]:-1[-1,-1) a:0[0,1) [separator]:-1[-1,-1) bb:1[0,1) a:1[1,2) " +
				"c:1[1,2) [separator]:-1[-1,-1) [end]:-1[-1,-1)"},
	} {
		row.options.Kind = Words
		tokenizer, err := Train(row.options, slices.Values([]string{"a bb c"}))
		if err != nil {
			t.Fatal(err)
		}
		e, of := tokenizer.EncodeParts(row.parts...)
		var got []string
		for i, id := range e.IDs {
			got = append(got, fmt.Sprintf("%s:%d[%d,%d)", tokenizer.Token(id), of[i], e.Spans[i].Start,
				e.Spans[i].End))
		}
		if got := strings.Join(got, " "); got != row.want || len(of) != len(e.IDs) {
			t.Errorf("%+v: %s, want %s", row.options, got, row.want)
		}
		if len(row.parts) == 1 {
			if one := tokenizer.Encode(row.parts[0].Text); !slices.Equal(one.IDs, e.IDs) ||
				!slices.Equal(one.Spans, e.Spans) {
				t.Errorf("one part gives %v, the text %v", e, one)
			}
		}
		var saved bytes.Buffer
		if err := tokenizer.Save(&saved); err != nil {
			t.Fatal(err)
		}
		loaded, err := Load(&saved)
		if err != nil || tokenizer.Difference(loaded) != "" {
			t.Errorf("loaded: %v, %s", err, tokenizer.Difference(loaded))
		}
	}
	with, _ := Train(Options{Kind: Bytes, Separator: true}, nil)
	without, _ := Train(Options{Kind: Bytes}, nil)
	if _, ok := without.SeparatorID(); ok {
		t.Error("a separator that nobody asked for")
	}
	if d := with.Difference(without); !strings.Contains(d, "separator token true against false") {
		t.Errorf("the difference is %q", d)
	}
}
