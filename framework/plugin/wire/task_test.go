package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/plugin/proto/pluginv1"
	"quickstudy/framework/task"
)

var exampleData = task.Description{
	Fields: []task.Field{
		{Name: "text", Kind: task.Text, Doc: "a question"},
		{Name: "words", Kind: task.Words},
		{Name: "tags", Kind: task.IDs, Of: "words", Vocabulary: []string{"O", "B"}},
		{Name: "answer", Kind: task.Span, Of: "text"},
		{Name: "intent", Kind: task.ClassOf,
			Classes: []task.Class{{Name: "yes", Super: "s", Count: 3}, {Name: "no"}}},
		{Name: "signal", Kind: task.Sequence, Size: []int{-1, 2}},
		{Name: "drawing", Kind: task.Image, Size: []int{1, 1}, Black: 1, White: 0.5},
	},
	Splits:  []task.Split{{Name: "train", Records: 10}, {Name: "test", Records: 2}},
	Licence: "CC0", Origin: "made up", Digest: strings.Repeat("0a", 32),
}

var exampleRecord = task.Record{ID: 7, Cells: []task.Cell{
	{Text: "grüße an alle"}, {Words: []string{"a", "b"}}, {Ints: []int64{1, 0}},
	{Ints: []int64{0, 5}},
	{Ints: []int64{1}}, {Floats: []float64{1, 2, 3, 4.5}}, {Floats: []float64{0.75}},
}}

func TestDatasetRoundTrip(t *testing.T) {
	for _, generator := range []bool{false, true} {
		m, err := EncodeDataset(exampleData, generator)
		if err != nil {
			t.Fatal(err)
		}
		got, gotGenerator, err := DecodeDataset(m)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(exampleData, got); diff != "" || gotGenerator != generator {
			t.Errorf("generator %v, want %v; description (-want +got):\n%s", gotGenerator,
				generator, diff)
		}
	}
	if _, _, err := DecodeDataset(&pluginv1.Dataset{}); err == nil ||
		!strings.Contains(err.Error(), "form 0") {
		t.Errorf("empty data set: %v", err)
	}
}

func TestRecordRoundTrip(t *testing.T) {
	m, err := EncodeRecord(exampleRecord)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeRecord(m, exampleData)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exampleRecord, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	m.Cells = m.Cells[1:]
	if _, err := DecodeRecord(m, exampleData); err == nil {
		t.Error("a record without its first cell was accepted")
	}
	_, err = EncodeRecord(task.Record{ID: 3, Cells: []task.Cell{{Text: "caf\xe9"}}})
	if err == nil || !strings.Contains(err.Error(), "record 3, cell 0: byte 3 is not UTF-8") {
		t.Errorf("Latin-1: %v", err)
	}
	long := strings.Repeat("x", task.MaxTextBytes+1)
	_, err = EncodeRecord(task.Record{ID: 3, Cells: []task.Cell{{Text: long}}})
	if err == nil || !strings.Contains(err.Error(), "record 3, cell 0: a text of 16777217 bytes") {
		t.Errorf("long: %v", err)
	}
}

func FuzzDecodeDataset(f *testing.F) {
	m, err := EncodeDataset(exampleData, false)
	if err != nil {
		f.Fatal(err)
	}
	seed(f, m)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pluginv1.Dataset
		if Unmarshal(data, &m) != nil {
			return
		}
		d, generator, err := DecodeDataset(&m)
		if err != nil {
			return
		}
		again, err := EncodeDataset(d, generator)
		if err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		if d2, _, err := DecodeDataset(again); err != nil || !cmp.Equal(d, d2) {
			t.Fatalf("decoding is not stable: %v", err)
		}
	})
}

func FuzzDecodeRecord(f *testing.F) {
	m, err := EncodeRecord(exampleRecord)
	if err != nil {
		f.Fatal(err)
	}
	seed(f, m)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m pluginv1.Record
		if Unmarshal(data, &m) != nil {
			return
		}
		r, err := DecodeRecord(&m, exampleData)
		if err != nil {
			return
		}
		if _, err := EncodeRecord(r); err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
	})
}
