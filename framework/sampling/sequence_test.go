package sampling

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/task"
	"quickstudy/framework/text"
)

// sentence is a record of words with tags, topics, and a question's answer in a text.
type sentence struct {
	words  []string
	tags   []int64
	topics []int64
	text   string
	answer []int64
}

// sentences is a source of them.
func sentences(all ...sentence) task.Dataset {
	d := task.Description{
		Fields: []task.Field{
			{Name: "words", Kind: task.Words},
			{Name: "tags", Kind: task.IDs, Of: "words", Vocabulary: []string{"O", "B-X", "I-X"}},
			{Name: "topics", Kind: task.ClassSet,
				Classes: []task.Class{{Name: "a"}, {Name: "b"}, {Name: "c"}}},
			{Name: "text", Kind: task.Text},
			{Name: "answer", Kind: task.Span, Of: "text"},
		},
		Splits: []task.Split{{Name: "train", Records: len(all)}},
	}
	for _, s := range all {
		for _, topic := range s.topics {
			d.Fields[2].Classes[topic].Count++
		}
	}
	return task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return d, nil },
		Get: func(ids []int64) ([]task.Record, error) {
			var records []task.Record
			for _, id := range ids {
				s := all[id]
				records = append(records, task.Record{ID: id, Cells: []task.Cell{{Words: s.words},
					{Ints: s.tags}, {Ints: s.topics}, {Text: s.text}, {Ints: s.answer}}})
			}
			return records, nil
		},
	}}
}

// bytesWith is a tokenizer of bytes with ends, or a class token.
func bytesWith(t *testing.T, o text.Options) *text.Tokenizer {
	t.Helper()
	o.Kind = text.Bytes
	tokenizer, err := text.Train(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

// sequences is a configuration that predicts every field of sentences.
func sequences(tokenizer *text.Tokenizer, length int) Config {
	return Config{
		Name: "sentences",
		Inputs: []Input{
			{Set: "words", Kind: Tokens, Fields: []string{"words"}, Tokenizer: tokenizer,
				MaxLength: length},
			{Set: "passage", Kind: Tokens, Fields: []string{"text"}, Tokenizer: tokenizer,
				MaxLength: length},
		},
		Predicts: []Predict{
			{Name: "tag", Target: "tags", Kind: task.IDs},
			{Name: "topic", Target: "topics", Kind: task.ClassSet},
			{Name: "answer", Target: "answer", Kind: task.Span},
		},
		Division: Division{By: ByRecord, Train: 1},
		Batches:  &Batches{Size: 3},
	}
}

var two = []sentence{
	{[]string{"ab", "c"}, []int64{1, 2}, []int64{0, 2}, "añ b", []int64{1, 4}},
	{[]string{"d"}, []int64{0}, nil, "xyz", nil},
}

// TestSequenceTargets: tags stand at the first token of their words, spans at tokens
// although they are given in characters; what has no answer in the data weighs nothing,
// and no class and no span are answers.
func TestSequenceTargets(t *testing.T) {
	sampled := newTask(t, sentences(two...), sequences(bytesWith(t, text.Options{Class: true}), 8))
	e := encode(t, sampled, Draw{Split: Train, Query: []int64{0, 1}})
	for name, want := range map[string]Array{
		// class a b c, class d
		"tag/tags": {Shape: []int{3, 4}, Ints: []int32{0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0},
			PerExample: true},
		"tag/weight": {Shape: []int{3, 4}, Floats: []float64{0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0},
			PerExample: true},
		"tag/inverse_weight": {Floats: []float64{1. / 3}},
		"topic/classes": {Shape: []int{3, 3}, Floats: []float64{1, 0, 1, 0, 0, 0, 0, 0, 0},
			PerExample: true},
		"topic/class_mask": {Shape: []int{3}, Floats: []float64{1, 1, 1}},
		"topic/weight":     {Shape: []int{3}, Floats: []float64{1, 1, 0}, PerExample: true},
		// class a ñ ñ space b: characters 1 to 3 are tokens 2 to 5.
		"answer/start":   {Shape: []int{3}, Ints: []int32{2, 0, 0}, PerExample: true},
		"answer/end":     {Shape: []int{3}, Ints: []int32{5, 0, 0}, PerExample: true},
		"answer/present": {Shape: []int{3}, Floats: []float64{1, 0, 0}, PerExample: true},
		"answer/weight":  {Shape: []int{3}, Floats: []float64{1, 1, 0}, PerExample: true},
	} {
		want.Name = name
		if diff := cmp.Diff(&want, e.Query.Array(name)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	_, records, err := sampled.Records(e.Draw)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		first, last int
		want        string
	}{{2, 5, "ñ b"}, {1, 1, "a"}, {0, 0, ""}, {3, 4, "ñ "}} {
		got, err := sampled.SpanText("answer", records[0], row.first, row.last)
		if got != row.want || err != nil {
			t.Errorf("positions %d to %d are %q, %v, want %q", row.first, row.last, got, err, row.want)
		}
	}
	if _, err := sampled.SpanText("answer", records[0], 2, 6); err == nil {
		t.Error("a span beyond the text is taken")
	}
}

// TestSequenceSpans: whatever the text and its span, the tokens that are written are those
// that cover it, and give it back.
func TestSequenceSpans(t *testing.T) {
	const passage = "Éa b–c déf 🙂g"
	characters := []rune(passage)
	var all []sentence
	for lo := range characters {
		for hi := lo + 1; hi <= len(characters); hi++ {
			all = append(all, sentence{[]string{fmt.Sprint(lo, hi)}, []int64{0}, nil, passage,
				[]int64{int64(lo), int64(hi)}})
		}
	}
	c := sequences(bytesWith(t, text.Options{Ends: true}), 64)
	sampled := newTask(t, sentences(all...), c)
	for i, s := range all {
		e := encode(t, sampled, Draw{Split: Train, Query: []int64{int64(i)}})
		first := int(e.Query.Array("answer/start").Ints[0])
		last := int(e.Query.Array("answer/end").Ints[0])
		_, records, err := sampled.Records(e.Draw)
		if err != nil {
			t.Fatal(err)
		}
		got, err := sampled.SpanText("answer", records[0], first, last)
		if want := string(characters[s.answer[0]:s.answer[1]]); got != want || err != nil {
			t.Errorf("span %v: got %q, %v, want %q", s.answer, got, err, want)
		}
	}
}

// TestTokensTarget: a text that is written is read from its begin token on, and every
// position stands for the token that follows, the last for the end.
func TestTokensTarget(t *testing.T) {
	for _, class := range []bool{false, true} {
		tokenizer := bytesWith(t, text.Options{Ends: true, Class: class})
		begin, end, _ := tokenizer.EndIDs()
		a, x := tokenizer.ID("a"), tokenizer.ID("x")
		c := sequences(tokenizer, 4)
		c.Inputs = c.Inputs[1:]
		c.Predicts = []Predict{{Name: "next", Target: "text", Kind: task.Text}}
		sampled := newTask(t, sentences(sentence{text: "ax"}, sentence{text: ""}), c)
		e := encode(t, sampled, Draw{Split: Train, Query: []int64{0, 1}})
		for name, want := range map[string][]int32{
			"passage/tokens": {begin, a, x, 0, begin, 0, 0, 0, 0, 0, 0, 0},
			"next/tokens":    {a, x, end, 0, end, 0, 0, 0, 0, 0, 0, 0},
		} {
			if diff := cmp.Diff(want, e.Query.Array(name).Ints); diff != "" {
				t.Errorf("class token %v: %s: -want +got\n%s", class, name, diff)
			}
		}
		want := []float64{1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0}
		for _, name := range []string{"passage/mask", "next/weight"} {
			if diff := cmp.Diff(want, e.Query.Array(name).Floats); diff != "" {
				t.Errorf("%s: -want +got\n%s", name, diff)
			}
		}
		over, all, longest, err := sampled.TooLong(0)
		if over != 0 || all != 2 || longest != 3 || err != nil {
			t.Errorf("%d of %d are too long, the longest of %d, %v; want 0 of 2, of 3", over, all,
				longest, err)
		}
	}
}

// TestTokensAfterOthers: of a text that is read after others, only its own tokens and its end
// weigh, and given without it the others are read, up to where it begins.
func TestTokensAfterOthers(t *testing.T) {
	tokenizer := bytesWith(t, text.Options{Ends: true, Separator: true})
	begin, end, _ := tokenizer.EndIDs()
	between, _ := tokenizer.SeparatorID()
	a, x := tokenizer.ID("a"), tokenizer.ID("x")
	c := sequences(tokenizer, 6)
	c.Inputs = c.Inputs[1:]
	c.Inputs[0].Fields = []string{"words", "text"}
	c.Predicts = []Predict{{Name: "next", Target: "text", Kind: task.Text}}
	data := sentences(sentence{text: "ax", words: []string{"x", "a"}, tags: []int64{0, 0}}, sentence{},
		sentence{text: "a", words: []string{"xax"}, tags: []int64{0}})
	sampled := newTask(t, data, c)
	e := encode(t, sampled, Draw{Split: Train, Query: []int64{0, 1, 2}})
	for name, want := range map[string][]int32{
		"passage/tokens": {begin, x, a, between, a, x, begin, between, 0, 0, 0, 0,
			begin, x, a, x, between, a},
		"next/tokens": {x, a, between, a, x, end, between, end, 0, 0, 0, 0, x, a, x, between, a, end},
	} {
		if diff := cmp.Diff(want, e.Query.Array(name).Ints); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
	want := []float64{0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1}
	if diff := cmp.Diff(want, e.Query.Array("next/weight").Floats); diff != "" {
		t.Errorf("weights: -want +got\n%s", diff)
	}
	for field, want := range map[int]bool{0: false, 3: true} { // words, text
		if reads, written := sampled.Reads(field); !reads || written != want {
			t.Errorf("field %d is read: %v, written: %v", field, reads, written)
		}
	}
	c.Inputs[0].MaxLength, c.Truncate = 3, true
	e = encode(t, newTask(t, data, c), Draw{Split: Train, Query: []int64{0, 1, 2}})
	want = []float64{0, 0, 0, 0, 1, 0, 0, 0, 0}
	if diff := cmp.Diff(want, e.Query.Array("next/weight").Floats); diff != "" {
		t.Errorf("weights of what is cut: -want +got\n%s", diff)
	}
}

// TestTruncatedSequences: an answer that was cut off weighs nothing.
func TestTruncatedSequences(t *testing.T) {
	c := sequences(bytesWith(t, text.Options{}), 2)
	c.Truncate = true
	sampled := newTask(t, sentences(two...), c)
	e := encode(t, sampled, Draw{Split: Train, Query: []int64{0, 1}})
	for name, want := range map[string][]float64{
		"answer/weight": {0, 1, 0}, "tag/weight": {1, 0, 1, 0, 0, 0},
	} {
		if diff := cmp.Diff(want, e.Query.Array(name).Floats); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
	if e.Query.Truncated != 3 {
		t.Errorf("%d inputs are told to be cut, want 3", e.Query.Truncated)
	}
	if sum := e.Query.Array("answer/inverse_weight").Floats[0]; math.Abs(sum-1) > 0 {
		t.Errorf("inverse weight %v, want 1", sum)
	}
	over, all, longest, err := sampled.TooLong(1)
	if over != 2 || all != 2 || longest != 5 || err != nil {
		t.Errorf("%d of %d texts are too long, the longest of %d, %v; want 2 of 2, of 5", over, all,
			longest, err)
	}
}

// TestNumbersTooLong: numbers are measured by their positions.
func TestNumbersTooLong(t *testing.T) {
	d := task.Description{Fields: []task.Field{{Name: "x", Kind: task.Sequence, Size: []int{-1, 2}},
		{Name: "y", Kind: task.Value}}, Splits: []task.Split{{Name: "train", Records: 3}}}
	data := task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return d, nil },
		Get: func(ids []int64) ([]task.Record, error) {
			var records []task.Record
			for _, id := range ids {
				records = append(records, task.Record{ID: id, Cells: []task.Cell{
					{Floats: make([]float64, 2*(id+2))}, {Floats: []float64{float64(id)}}}})
			}
			return records, nil
		},
	}}
	sampled := newTask(t, data, Config{Name: "paths", Batches: &Batches{Size: 1},
		Division: Division{By: ByRecord, Train: 1},
		Inputs:   []Input{{Kind: Numeric, Fields: []string{"x"}, MaxLength: 3, Features: 2}},
		Predicts: []Predict{{Name: "y", Target: "y", Kind: task.Value}}})
	over, all, longest, err := sampled.TooLong(0)
	if over != 1 || all != 3 || longest != 4 || err != nil {
		t.Errorf("%d of %d are too long, the longest of %d, %v; want 1 of 3, of 4", over, all,
			longest, err)
	}
}

// TestSequenceMistakes: what the data or the configuration does not allow is told.
func TestSequenceMistakes(t *testing.T) {
	plain := bytesWith(t, text.Options{})
	for _, row := range []struct {
		name     string
		sentence sentence
		change   func(c *Config)
		want     string
	}{
		{"no reader", two[0], func(c *Config) { c.Inputs = c.Inputs[1:] },
			`predict "tag": its positions are those of the field "words", which no input reads as tokens`},
		{"no ends", two[0], func(c *Config) {
			c.Predicts = []Predict{{Name: "next", Target: "text", Kind: task.Text}}
		}, "texts that are written need a tokenizer with begin and end tokens"},
		{"other kind", two[0], func(c *Config) { c.Predicts[0].Kind = task.ClassOf },
			`the head asks for a class, and target "tags" is of kind ids`},
		{"no token", sentence{[]string{"a", ""}, []int64{0, 0}, nil, "x", nil}, func(*Config) {},
			`record 0: "words" has 2 tags, and only 1 of its words give a token`},
		{"no token of a span", sentence{[]string{"a"}, []int64{0}, nil, "x y", []int64{1, 2}},
			func(c *Config) { c.Inputs[1].Tokenizer = words(t, "x y") },
			`record 0: "text": no token lies in characters [1, 2)`},
	} {
		c := sequences(plain, 8)
		row.change(&c)
		pool, err := NewPool(sentences(row.sentence), c)
		if err != nil {
			t.Fatal(err)
		}
		sampled, err := NewTask(pool, c)
		if err == nil {
			_, err = sampled.Encode(Draw{Split: Train, Query: []int64{0}})
		}
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got error %v, want one with %q", row.name, err, row.want)
		}
	}
}

// TestSeveralTexts: a question and its passage are one input; the span is of the passage, in
// its own characters, and may be at its positions alone.
func TestSeveralTexts(t *testing.T) {
	c := sequences(bytesWith(t, text.Options{Class: true, Separator: true}), 12)
	c.Inputs = []Input{{Kind: Tokens, Fields: []string{"words", "text"},
		Tokenizer: c.Inputs[0].Tokenizer,
		MaxLength: 12}}
	sampled := newTask(t, sentences(two...), c)
	e := encode(t, sampled, Draw{Split: Train, Query: []int64{0, 1}})
	separator, _ := c.Inputs[0].Tokenizer.SeparatorID()
	tokens := e.Query.Array("input/tokens").Ints
	// class a b c separator a ñ ñ space b: a word's first token has its tag, and characters 1
	// to 3 of the passage are tokens 6 to 9.
	if tokens[4] != separator || slices.Index(tokens[5:], separator) != 9 {
		t.Errorf("tokens %v, the separator is %d", tokens, separator)
	}
	for name, want := range map[string]Array{
		"tag/weight": {Shape: []int{3, 12}, PerExample: true, Floats: append([]float64{
			0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, make([]float64, 22)...)},
		"answer/start":   {Shape: []int{3}, Ints: []int32{6, 0, 0}, PerExample: true},
		"answer/end":     {Shape: []int{3}, Ints: []int32{9, 0, 0}, PerExample: true},
		"answer/present": {Shape: []int{3}, Floats: []float64{1, 0, 0}, PerExample: true},
		"answer/allowed": {Shape: []int{3, 12}, PerExample: true, Floats: append([]float64{
			0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1}, make([]float64, 18)...)},
	} {
		want.Name = name
		if diff := cmp.Diff(&want, e.Query.Array(name)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	_, records, err := sampled.Records(e.Draw)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		first, last int
		want        string
	}{{6, 9, "ñ b"}, {5, 5, "a"}, {0, 4, ""}, {1, 3, ""}} {
		got, err := sampled.SpanText("answer", records[0], row.first, row.last)
		if got != row.want || err != nil {
			t.Errorf("positions %d to %d are %q, %v, want %q", row.first, row.last, got, err, row.want)
		}
	}
	for want, change := range map[string]func(c *Config){
		"need a tokenizer with a separator token": func(c *Config) {
			c.Inputs[0].Tokenizer = bytesWith(t, text.Options{})
		},
		"2 fields, want one": func(c *Config) { c.Inputs[0].Kind = Numeric },
		"0 fields, want one": func(c *Config) { c.Inputs[0].Fields = nil },
		`no field "title"`:   func(c *Config) { c.Inputs[0].Fields[1] = "title" },
		"a text that is written is the last that its input reads": func(c *Config) {
			slices.Reverse(c.Inputs[0].Fields)
			c.Predicts = []Predict{{Name: "said", Target: c.Inputs[0].Fields[0], Kind: task.Text}}
		},
	} {
		broken := c
		broken.Inputs = slices.Clone(c.Inputs)
		broken.Inputs[0].Fields = slices.Clone(c.Inputs[0].Fields)
		change(&broken)
		pool, err := NewPool(sentences(two...), broken)
		if err == nil {
			_, err = NewTask(pool, broken)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
