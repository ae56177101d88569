package subword

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// file is a small tokenizer.json in which some members are replaced.
func file(members ...string) string {
	all := map[string]string{"version": `"1.0"`, "truncation": "null", "padding": "null",
		"added_tokens": "[]", "normalizer": "null", "pre_tokenizer": "null", "post_processor": "null",
		"decoder": "null",
		"model":   `{"type":"WordPiece","unk_token":"u","vocab":{"u":0,"a":1,"##b":2}}`}
	for i := 0; i < len(members); i += 2 {
		all[members[i]] = members[i+1]
	}
	var rows []string
	for name, value := range all {
		rows = append(rows, fmt.Sprintf("%q: %s", name, value))
	}
	slices.Sort(rows)
	return "{\n" + strings.Join(rows, ",\n") + "\n}"
}

// nested are sequences within each other.
func nested(member string, depth int) string {
	if depth == 0 {
		return `{"type":"Lowercase"}`
	}
	return fmt.Sprintf(`{"type":"Sequence",%q:[%s]}`, member, nested(member, depth-1))
}

// bpeModel is a model of a vocabulary and merges.
func bpeModel(more, merges string) string {
	return fmt.Sprintf(`{"type":"BPE"%s,"vocab":{"a":0,"b":1,"ab":2},"merges":[%s]}`, more, merges)
}

// pre is a pre-tokenizer that splits at a regular expression.
func pre(expression string) string {
	return file("pre_tokenizer", fmt.Sprintf(
		`{"type":"Split","pattern":{"Regex":%q},"behavior":"Isolated","invert":false}`, expression))
}

func TestReadRefuses(t *testing.T) {
	added := func(tokens string) string { return file("added_tokens", "["+tokens+"]") }
	post := func(processor string) string { return file("post_processor", processor) }
	template := func(single, pair string) string {
		return post(fmt.Sprintf(`{"type":"TemplateProcessing","single":[%s],"pair":[%s],`+
			`"special_tokens":{"a":{"id":"a","ids":[1],"tokens":["a"]}}}`, single, pair))
	}
	const (
		A = `{"Sequence":{"id":"A","type_id":0}}`
		B = `{"Sequence":{"id":"B","type_id":1}}`
		S = `{"SpecialToken":{"id":"a","type_id":0}}`
	)
	tests := []struct{ name, json, want string }{
		{"empty", "", "line 1: the file ends within its JSON"},
		{"no json", "\nversion", "line 2: invalid character 'v'"},
		{"cut off", file()[:50], "line 4: the file ends within its JSON"},
		{"more behind", file() + "\n\nx", "line 13: invalid character 'x'"},
		{"two", file() + file(), "line 11: the file goes on after its JSON object"},
		{"a list", "[]", "it is array, want an object"},
		{"utf-8", "{\"\xff\": 1}", "not valid UTF-8"},
		{"deep", strings.Repeat("[", 200), "deeper than 100"},
		{"member twice", "{\n\"version\": \"1.0\",\n\"version\": \"1.0\"}",
			`line 3: an object has the member "version" twice`},
		{"token twice", file("model", `{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]}`),
			`line 4: an object has the member "a" twice`},
		{"version", file("version", `"2.0"`), `version: it is "2.0", want "1.0"`},
		{"unknown member", file("more", "1"), `unknown field "more"`},
		{"truncation", file("truncation", `{"max_length":5}`), "truncation: the file cuts texts"},
		{"padding", file("padding", `{"strategy":{"Fixed":8}}`), `by strategy {"Fixed":8}`},

		{"no model", file("model", "null"), "model: it is missing"},
		{"model", file("model", `{"type":"WordLevel"}`), `model: it is of type "WordLevel"`},
		{"model of no type", file("model", `{"vocab":{"a":0}}`), `model: it is of type ""`},
		{"no vocabulary", file("model", `{"type":"BPE","vocab":{},"merges":[]}`),
			"model.vocab: it is empty"},
		{"hole", file("model", `{"type":"BPE","vocab":{"a":0,"b":2},"merges":[]}`),
			`model.vocab: token "b" has the id 2; 2 tokens have the ids 0 to 1, without holes`},
		{"negative id", file("model", `{"type":"BPE","vocab":{"a":-1},"merges":[]}`),
			`token "a" has the id -1`},
		{"huge id", file("model", `{"type":"BPE","vocab":{"a":99999999999},"merges":[]}`),
			`token "a" has the id 99999999999`},
		{"id twice", file("model", `{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}`),
			`tokens "a" and "b" both have the id 0`},
		{"id of text", file("model", `{"type":"BPE","vocab":{"a":"0"},"merges":[]}`),
			"model: vocab is string, want a whole number"},
		{"dropout", file("model", bpeModel(`,"dropout":0.1`, "")), "model: dropout 0.1 would cut"},
		{"unknown token", file("model", bpeModel(`,"unk_token":"x"`, "")),
			`model: unk_token "x" is not in the vocabulary`},
		{"unknown of WordPiece", file("model", `{"type":"WordPiece","vocab":{"a":0}}`),
			`model: unk_token "[UNK]" is not in the vocabulary`},
		{"length of words", file("model", `{"type":"WordPiece","unk_token":"a","vocab":{"a":0},`+
			`"max_input_chars_per_word":-1}`), "max_input_chars_per_word is -1"},
		{"member of a model", file("model", bpeModel(`,"more":1`, "")), `model: unknown field "more"`},
		{"merge of unknown", file("model", bpeModel("", `"a b","a c"`)),
			`model.merges: merge 1, "a" with "c": the vocabulary has no token "c"`},
		{"merge to unknown", file("model", bpeModel("", `["b","a"]`)),
			`model.merges: merge 0, "b" with "a": the vocabulary has no token "ba"`},
		{"merge of one", file("model", bpeModel("", `"a b","ab"`)), `model.merges[1]: "ab" is no pair`},
		{"merge of three", file("model", bpeModel("", `["a","b","ab"]`)), `model.merges[0]`},
		{"merge of numbers", file("model", bpeModel("", `1`)), `model.merges[0]: 1 is no pair`},
		{"no unknown", file("model", `{"type":"Unigram","unk_id":null,"vocab":[["a",-1]]}`),
			"model: unk_id must be that of a token"},
		{"unknown beyond", file("model", `{"type":"Unigram","unk_id":1,"vocab":[["a",-1]]}`),
			"model: unk_id must be that of a token"},
		{"unigram twice", file("model", `{"type":"Unigram","unk_id":0,"vocab":[["a",-1],["a",-2]]}`),
			`model.vocab[1]: token "a" is that of 0 too`},
		{"unigram", file("model", `{"type":"Unigram","unk_id":0,"vocab":[["a",-1],["b"]]}`),
			"model.vocab[1]: want a token and its score"},

		{"normalizer", file("normalizer", `{"type":"Fancy"}`),
			`normalizer: a normalizer of type "Fancy" is not read`},
		{"no type", file("normalizer", `["NFC"]`), "normalizer: it is no object with a type"},
		{"member of a normalizer", file("normalizer", `{"type":"NFC","more":1}`),
			`normalizer: unknown field "more"`},
		{"in a sequence", file("normalizer", `{"type":"Sequence","normalizers":[{"type":"NFC"},`+
			`{"type":"Fancy"}]}`), `normalizer.normalizers[1]: a normalizer of type "Fancy"`},
		{"sequence of none", file("normalizer", `{"type":"Sequence"}`), "normalizer.normalizers"},
		{"deep sequences", file("normalizer", nested("normalizers", 20)), "are deeper than 8"},
		{"long sequence", file("normalizer", `{"type":"Sequence","normalizers":[`+
			strings.Repeat(`{"type":"NFC"},`, 70)+`{"type":"NFC"}]}`),
			"a sequence of 71 steps, want at most 64"},
		{"charsmap", file("normalizer", `{"type":"Precompiled","precompiled_charsmap":"AAE="}`),
			"normalizer: precompiled_charsmap: 2 bytes"},
		{"charsmap cut off", file("normalizer",
			`{"type":"Precompiled","precompiled_charsmap":"CAAAAAAAAAA="}`), "a table of 8 bytes in 4"},
		{"no base64", file("normalizer", `{"type":"Precompiled","precompiled_charsmap":"?"}`),
			"illegal base64"},
		{"replace nothing", file("normalizer",
			`{"type":"Replace","pattern":{"String":""},"content":"x"}`), "normalizer.pattern: it is empty"},
		{"no pattern", file("normalizer", `{"type":"Replace","pattern":{},"content":"x"}`),
			"normalizer.pattern: want a String or a Regex"},

		{"pre-tokenizer", file("pre_tokenizer", `{"type":"UnicodeScripts"}`),
			`pre_tokenizer: a pre-tokenizer of type "UnicodeScripts" is not read`},
		{"behavior", file("pre_tokenizer", `{"type":"Punctuation","behavior":"Cut"}`),
			`pre_tokenizer: behavior "Cut", want "Removed"`},
		{"delimiter", file("pre_tokenizer", `{"type":"CharDelimiterSplit","delimiter":"ab"}`),
			`pre_tokenizer: delimiter: "ab" is not one character`},
		{"scheme", file("pre_tokenizer", `{"type":"Metaspace","prepend_scheme":"often"}`),
			`prepend_scheme is "often"`},
		{"two schemes", file("pre_tokenizer", `{"type":"Metaspace","prepend_scheme":"never",`+
			`"add_prefix_space":true}`), `add_prefix_space is true, and prepend_scheme "never"`},
		{"parenthesis", pre("a(b"),
			`pre_tokenizer.pattern: regular expression "a(b": a parenthesis is not`},
		{"class", pre("[ab"), "a class is not closed"},
		{"nothing repeated", pre("+"), "'+' repeats nothing"},
		{"possessive", pre("a++"), `"++" repeats what is repeated or keeps it from being given back`},
		{"look behind", pre("(?<=a)b"), `"(?<=a)b" is not read`},
		{"look ahead", pre("(?=a)b"), "is not read; of groups there are"},
		{"within", pre(`(a(?!\S))`), "is not read within a group"},
		{"in the middle", pre(`a(?!\S)b`), "is read at the end of an alternative alone"},
		{"back reference", pre(`(a)\1`), "1\" is not read"},
		{"no class", pre(`\p{Nonsense}`), "invalid character class range"},
		{"much repeated", pre(`a{100000}`), "invalid repeat count"},
		{"intersection", pre("[a&&b]"), `"&&b]" within a class is not read`},
		{"a long one", pre(strings.Repeat("a", 5000)), "of 5000 bytes, want at most 4096"},

		{"empty added", added(`{"id":3,"content":""}`), "added_tokens: the token of id 3 is empty"},
		{"added far", added(`{"id":9,"content":"x"}`), `token "x": its id is 9, want 3`},
		{"added id", added(`{"id":2,"content":"a"}`), `token "a": its id is 2, and 1 in the model's`},
		{"added twice", added(`{"id":3,"content":"x"},{"id":3,"content":"y"}`),
			`token "y": its id 3 is that of another`},
		{"added again", added(`{"id":3,"content":"x"},{"id":4,"content":"x"}`),
			`token "x": its id is 4, and 3 in the model's`},

		{"post-processor", post(`{"type":"Fancy"}`), `a post-processor of type "Fancy" is not read`},
		{"no token", post(`{"type":"BertProcessing","sep":["a",1],"cls":["x",7]}`),
			`post_processor: the vocabulary has no token "x" of id 7`},
		{"no pair", post(`{"type":"BertProcessing","sep":["a"],"cls":["a",1]}`),
			`["a"] is no token with its id`},
		{"other id", post(`{"type":"TemplateProcessing","single":[],"pair":[],"special_tokens":` +
			`{"a":{"id":"a","ids":[0],"tokens":["a"]}}}`), `no token "a" of id 0`},
		{"no text", template(S, A+","+B), `post_processor.single: want the texts ["A"] once each`},
		{"texts the other way", template(A, B+","+A), `post_processor.pair[0]: text "B", want`},
		{"text twice", template(A+","+A, A+","+B), `post_processor.single[1]: text "A"`},
		{"no special", template(`{"SpecialToken":{"id":"x","type_id":0}},`+A, A+","+B),
			`post_processor.single[0]: special_tokens has no "x"`},
		{"another pair", template(A, S+","+A+","+B), "begin and end otherwise than one"},
		{"twice", post(`{"type":"Sequence","processors":[` +
			strings.Repeat(`{"type":"BertProcessing","sep":["a",1],"cls":["a",1]},`, 1) +
			`{"type":"BertProcessing","sep":["a",1],"cls":["a",1]}]}`), "texts are enclosed twice"},

		{"decoder", file("decoder", `{"type":"CTC"}`), `decoder: a decoder of type "CTC" is not read`},
		{"strip", file("decoder", `{"type":"Strip","content":"xy"}`),
			`decoder: content: "xy" is not one`},
		{"strip less", file("decoder", `{"type":"Strip","content":"x","start":-1}`),
			"start -1 and stop 0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Read([]byte(test.json)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
	if _, err := Read([]byte(file())); err != nil {
		t.Errorf("the file that is changed: %v", err)
	}
}

// TestExpressions: what is translated means what it meant.
func TestExpressions(t *testing.T) {
	for _, row := range []struct{ expression, text, want string }{
		{`\s+(?!\S)|\s+`, "a   b  ", "a|  | |b|  "},
		{`[^\s\p{L}]+`, "ab 12,3", "ab |12,3"},
		{`(?i:'s|'re)`, "it'S they'rE", "it|'S| they|'rE"},
		{`[\]\-x-z^[a-c]]+`, "a]-^qy", "a]-^|q|y"},
		{`\d{2,3}`, "12345", "123|45"},
		{`\w+`, "a_1é½ €", "a_1é½| €"},
		{`\S\D`, "ab12", "ab|12"},
		{`^a|b$`, "ab\nab", "a|b|\n|a|b"},
		{`[一-龥]+|[-_]`, "a中文-b", "a|中文|-|b"},
		{`\u00e9|\x41|\x{1F642}|\.`, "aé.A🙂", "a|é|.|A|🙂"},
		{`x*`, "axxb", "a|xx|b"},
		{`x*(?!\S)|y`, "axx yb", "a|xx| |y|b"},
	} {
		p, err := expression(row.expression)
		if err != nil {
			t.Error(err)
			continue
		}
		var got []string
		for _, part := range p.split(isolated, false)(nil, original(row.text)) {
			if len(part.runes) > 0 {
				got = append(got, string(part.runes))
			}
		}
		if got := strings.Join(got, "|"); got != row.want {
			t.Errorf("%s on %q: %q, want %q", row.expression, row.text, got, row.want)
		}
	}
}

// FuzzRead: whatever is read encodes: ids are of the vocabulary, and spans lie in the text.
func FuzzRead(f *testing.F) {
	// Seeds are small: the fuzzer shortens what it finds, one byte after the other.
	for _, model := range []string{
		bpeModel(`,"unk_token":"a","fuse_unk":true,"end_of_word_suffix":"b"`, `"a b"`),
		bpeModel(`,"continuing_subword_prefix":"b","byte_fallback":true,"ignore_merges":true`, ``),
		`{"type":"Unigram","unk_id":0,"vocab":[["a",-1.5],["b",-2],["ab",-1]],"byte_fallback":true}`,
	} {
		for _, parts := range [][]string{
			{`{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Prepend","prepend":"a"}]}`,
				`{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}`},
			{`{"type":"BertNormalizer","clean_text":true,"lowercase":true}`, `{"type":"Metaspace"}`},
			{`{"type":"Replace","pattern":{"Regex":"\\s+"},"content":"b"}`,
				`{"type":"Split","pattern":{"String":"b"},"behavior":"MergedWithNext","invert":true}`},
			{`{"type":"Precompiled","precompiled_charsmap":"BAAAAAAAAABhAA=="}`,
				`{"type":"Digits","individual_digits":false}`},
		} {
			f.Add([]byte(file("model", model, "normalizer", parts[0], "pre_tokenizer", parts[1],
				"added_tokens", `[{"id":3,"content":"ab ","lstrip":true,"normalized":true}]`)),
				"aab ab b1\u0301 \u00bd")
		}
	}
	f.Add([]byte(file()), "ab a")
	f.Add([]byte(pre(`\s+(?!\S)|[a-c]*`)), "ab   a")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		tokenizer, err := Read(data)
		if err != nil {
			return
		}
		characters := utf8.RuneCountInString(text)
		var tokens []string
		for _, token := range tokenizer.Encode(text) {
			if token.Start < 0 || token.Start > token.End || token.End > characters {
				t.Fatalf("token %+v of %d characters", token, characters)
			}
			tokens = append(tokens, tokenizer.Token(token.ID))
		}
		tokenizer.Join(tokens)
	})
}

// FuzzExpression: an expression is translated into one that compiles, or refused.
func FuzzExpression(f *testing.F) {
	for _, expression := range []string{`(?i:'s)|[^\r\n\p{L}\p{N}]?\p{L}+|\s+(?!\S)|\s+`,
		"[^(\\s|[.,!?…])]+", `a{2,}?|\x{1F642}`, "((a|b)*c)+$"} {
		f.Add(expression, "a b'S  c")
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		p, err := expression(source)
		if err != nil {
			return
		}
		at := 0
		for _, s := range p.stretches([]rune(text)) {
			if s.lo != at || s.hi < s.lo {
				t.Fatalf("stretch %+v after %d", s, at)
			}
			at = s.hi
		}
	})
}
