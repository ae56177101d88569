package task

import (
	"math"
	"strings"
	"testing"
)

// every describes one field of every kind.
func every() Description {
	return Description{
		Fields: []Field{
			{Name: "text", Kind: Text},
			{Name: "words", Kind: Words},
			{Name: "answer", Kind: Span, Of: "text"},
			{
				Name:    "intent",
				Kind:    ClassOf,
				Classes: []Class{{Name: "yes", Count: 1}, {Name: "no", Super: "negative"}},
			},
			{
				Name:    "topics",
				Kind:    ClassSet,
				Classes: []Class{{Name: "a"}, {Name: "b"}, {Name: "c"}},
			},
			{Name: "score", Kind: Value},
			{Name: "y", Kind: Vector, Size: []int{-1}},
			{Name: "picture", Kind: Image, Size: []int{2, 3}, Black: 1, White: -1},
			{Name: "x", Kind: Sequence, Size: []int{-1, 2}},
			{Name: "tags", Kind: IDs, Of: "words", Vocabulary: []string{"O", "B"}},
		},
		Splits:  []Split{{Name: "train", Records: 3}, {Name: "test", Records: 2}},
		Licence: "CC0",
		Digest:  strings.Repeat("0f", 32),
	}
}

func everyRecord() Record {
	return Record{ID: 4, Cells: []Cell{
		{Text: "äbc"},
		{Words: []string{"one", "two"}},
		{Ints: []int64{1, 3}},
		{Ints: []int64{1}},
		{Ints: []int64{0, 2}},
		{Floats: []float64{1.5}},
		{Floats: []float64{1, 2, 3}},
		{Floats: []float64{1, 2, 3, 4, 5, 6}},
		{Floats: []float64{1, 2, 3, 4}},
		{Ints: []int64{0, 1}},
	}}
}

func TestVerifyAccepts(t *testing.T) {
	d := every()
	if err := d.Verify(); err != nil {
		t.Fatal(err)
	}
	if got, want := d.Records(), int64(5); got != want {
		t.Errorf("Records() = %d, want %d", got, want)
	}
	if err := everyRecord().Verify(d); err != nil {
		t.Error(err)
	}
	unlabelled := everyRecord()
	for _, i := range []int{2, 3, 4, 5} {
		unlabelled.Cells[i] = Cell{}
	}
	if err := unlabelled.Verify(d); err != nil {
		t.Errorf("unlabelled record: %v", err)
	}
}

func TestDescriptionVerifyRefuses(t *testing.T) {
	tests := []struct {
		name   string
		damage func(d *Description)
		want   string
	}{
		{"no fields", func(d *Description) { d.Fields = nil }, "0 fields, want 1 to 64"},
		{"field twice", func(d *Description) { d.Fields[1].Name = "text" },
			`field "text" is described twice`},
		{"slash", func(d *Description) { d.Fields[0].Name = "a/b" }, "slash"},
		{"unknown kind", func(d *Description) { d.Fields[0].Kind = "audio" },
			`unknown kind "audio"`},
		{"span of nothing", func(d *Description) { d.Fields[2].Of = "" },
			"must name its text field"},
		{"span of a class", func(d *Description) { d.Fields[2].Of = "intent" },
			"is not a text field"},
		{"value of a field", func(d *Description) { d.Fields[5].Of = "text" },
			"refers to no other field"},
		{"class without classes", func(d *Description) { d.Fields[3].Classes = nil },
			"0 classes in a class field"},
		{"text with classes", func(d *Description) { d.Fields[0].Classes = []Class{{Name: "a"}} },
			"1 classes in a text field"},
		{"class twice", func(d *Description) { d.Fields[3].Classes[1].Name = "yes" },
			`class "yes" is described twice`},
		{"negative count", func(d *Description) { d.Fields[3].Classes[0].Count = -1 },
			"count -1 is negative"},
		{"a black text", func(d *Description) { d.Fields[0].Black = 1 },
			"black 1 and white 0 in a text field"},
		{"no finite white", func(d *Description) { d.Fields[7].White = math.Inf(1) },
			"black 1 and white +Inf in a image field"},
		{"ids without vocabulary", func(d *Description) { d.Fields[9].Vocabulary = nil },
			"vocabulary of 0 entries"},
		{"two variable axes", func(d *Description) { d.Fields[8].Size = []int{-1, -1} },
			"2 variable axes"},
		{"axis of zero", func(d *Description) { d.Fields[7].Size = []int{0, 3} },
			"axes are positive"},
		{"size overflows", func(d *Description) { d.Fields[7].Size = []int{1 << 40, 1 << 40} },
			"axes are positive"},
		{"text with size", func(d *Description) { d.Fields[0].Size = []int{1} },
			"a text field has no size"},
		{"vector of two axes", func(d *Description) { d.Fields[6].Size = []int{1, 2} },
			"size of [1] axes, got 2"},
		{"no splits", func(d *Description) { d.Splits = nil }, "0 splits"},
		{"split twice", func(d *Description) { d.Splits[1].Name = "train" },
			`split "train" is described twice`},
		{"too many records", func(d *Description) { d.Splits[1].Records = MaxRecords },
			"records, want at least 0"},
		{"bad digest", func(d *Description) { d.Digest = "abc" }, `digest "abc"`},
		{"bad licence", func(d *Description) { d.Licence = "\xff" }, "licence:"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := every()
			test.damage(&d)
			err := d.Verify()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestRecordVerifyRefuses(t *testing.T) {
	tests := []struct {
		name  string
		field int
		cell  Cell
		want  string
	}{
		{"invalid text", 0, Cell{Text: "\xff"}, "not valid UTF-8"},
		{"text in a class", 3, Cell{Text: "yes"}, "a class cell holds text"},
		{"words in a text", 0, Cell{Words: []string{"a"}}, "a text cell holds words"},
		{"numbers in a text", 0, Cell{Floats: []float64{1}},
			"a text cell holds floating-point numbers"},
		{"integers in a value", 5, Cell{Ints: []int64{1}}, "a value cell holds integers"},
		{"span beyond the text", 2, Cell{Ints: []int64{1, 4}}, "outside the 3 characters"},
		{"another span beyond the text", 2, Cell{Ints: []int64{1, 3, 2, 4}}, "outside the 3 characters"},
		{"span without end", 2, Cell{Ints: []int64{1}}, "want start and end"},
		{"empty span", 2, Cell{Ints: []int64{1, 1}}, "is empty"},
		{"class out of range", 3, Cell{Ints: []int64{2}}, "class 2 is outside 0 to 1"},
		{"two classes", 3, Cell{Ints: []int64{0, 1}}, "2 classes, want one"},
		{"classes out of order", 4, Cell{Ints: []int64{1, 1}}, "not in ascending order"},
		{"not a number", 5, Cell{Floats: []float64{math.NaN()}}, "number 0 is NaN"},
		{"two values", 5, Cell{Floats: []float64{1, 2}}, "2 numbers, want one"},
		{"empty vector", 6, Cell{}, "positive multiple of 1"},
		{"image too small", 7, Cell{Floats: []float64{1}}, "1 numbers, want 6"},
		{"ragged sequence", 8, Cell{Floats: []float64{1, 2, 3}}, "multiple of 2"},
		{"tags for other words", 9, Cell{Ints: []int64{0}}, "1 ids for the 2 words"},
		{"tag out of range", 9, Cell{Ints: []int64{0, -1}},
			"vocabulary entry -1 is outside 0 to 1"},
	}
	d := every()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := everyRecord()
			r.Cells[test.field] = test.cell
			err := r.Verify(d)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want an error with %q", err, test.want)
			}
			if name := d.Fields[test.field].Name; !strings.Contains(err.Error(),
				`record 4, field "`+name+`"`) {
				t.Errorf("%q does not name record 4 and field %q", err, name)
			}
		})
	}
	if err := (Record{Cells: make([]Cell, 2)}).Verify(d); err == nil ||
		!strings.Contains(err.Error(), "2 cells, want 10") {
		t.Errorf("got %v, want an error about the number of cells", err)
	}
}

func TestEpisodeVerify(t *testing.T) {
	d, a, b := every(), everyRecord(), everyRecord()
	b.ID = 5
	tests := []struct {
		name    string
		episode Episode
		want    string
	}{
		{"good", Episode{Support: []Record{a}, Query: []Record{b}}, ""},
		{"no support", Episode{Query: []Record{b}}, ""},
		{"no query", Episode{Support: []Record{a}}, "no query records"},
		{"record twice", Episode{Support: []Record{a}, Query: []Record{a}},
			"record 4 occurs twice"},
		{"too many", Episode{Query: make([]Record, MaxEpisode+1)}, "want at most 65536"},
		{"bad record", Episode{Query: []Record{{}}}, "0 cells"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.episode.Verify(d)
			if (err == nil) != (test.want == "") ||
				err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestDigest(t *testing.T) {
	base := everyRecord()
	other := everyRecord()
	other.ID = 99
	if base.Digest() != other.Digest() {
		t.Error("the id is part of the digest")
	}
	other.Cells[3] = Cell{Ints: []int64{0}}
	if base.Digest() == other.Digest() {
		t.Error("the class is not part of the digest of all fields")
	}
	if base.Digest(0, 1) != other.Digest(0, 1) {
		t.Error("a field that was not asked for is part of the digest")
	}
	// Moving a character from one word to the next, or a cell's value to the
	// next cell, must change the digest: lengths are part of it.
	split := func(words ...string) Record { return Record{Cells: []Cell{{Words: words}}} }
	if split("ab", "c").Digest() == split("a", "bc").Digest() {
		t.Error("words are run together")
	}
	first, second := Record{Cells: []Cell{{Text: "a"}, {}}}, Record{Cells: []Cell{{}, {Text: "a"}}}
	if first.Digest() == second.Digest() {
		t.Error("cells are run together")
	}
	minusZero := Record{Cells: []Cell{{Floats: []float64{math.Copysign(0, -1)}}}}
	if minusZero.Digest() != (Record{Cells: []Cell{{Floats: []float64{0}}}}).Digest() {
		t.Error("the two zeros differ")
	}
}
