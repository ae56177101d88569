package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

// everyColumn names every column of the files that tools/fixtures/parquet.py writes.
func everyColumn() config {
	c := defaults
	c.Format, c.Values, c.Words, c.Tags, c.Spans = "parquet", []string{"number", "rating"}, "words",
		"tags", []string{"span"}
	return c
}

// TestParquetOfOthers: what pyarrow wrote is read, whatever its pages and compression.
func TestParquetOfOthers(t *testing.T) {
	want := []row{
		{text: "book a table for two", labels: []string{"food"},
			values: []string{"12345678901234567", "0.5"}, words: strings.Fields("book a table for two"),
			tags: strings.Fields("O O O O B"), spans: [][]int64{{17, 20}}},
		{text: "où est-il?", labels: []string{"place"}, values: []string{"2", "-1"},
			words: strings.Fields("où est-il ?"), tags: strings.Fields("O O O"), spans: [][]int64{nil}},
		{text: "12 tickets", labels: []string{"food"}, values: []string{"3", "2"},
			words: strings.Fields("12 tickets"), tags: strings.Fields("B O"), spans: [][]int64{{0, 2}}},
		{text: "no label", labels: []string{""}, values: []string{"", ""},
			words: strings.Fields("no label"), tags: strings.Fields("O O"), spans: [][]int64{nil}},
	}
	for _, name := range []string{"rows.parquet", "rows.zstd.parquet"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := readTable(data, everyColumn())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestParquetRefuses(t *testing.T) {
	data, err := os.ReadFile("testdata/rows.parquet")
	if err != nil {
		t.Fatal(err)
	}
	type number struct {
		Text  string  `parquet:"text"`
		Label float64 `parquet:"label"`
	}
	written := func(rows ...number) []byte {
		var out bytes.Buffer
		if err := parquet.Write(&out, rows); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	zero := 0.0
	lz4 := func() []byte {
		var out bytes.Buffer
		err := parquet.Write(&out, []number{{"a", 1}}, parquet.Compression(&parquet.Lz4Raw))
		if err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}()
	longFooter := slices.Clone(data)
	longFooter[len(data)-5] = 0x7f
	damaged := slices.Clone(data)
	for i := 20; i < 200; i++ {
		damaged[i] ^= 0xff
	}
	for _, row := range []struct {
		data   []byte
		change func(*config)
		want   string
	}{
		{nil, nil, "it is no Parquet file"},
		{[]byte("PAR1 and no more"), nil, "it is no Parquet file"},
		{data[:len(data)/2], nil, "it is no Parquet file"},
		{damaged, nil, "row 1: "},
		{longFooter, nil, "it is no Parquet file: a footer of 21307"},
		{lz4, nil, "column \"text\" is compressed by LZ4_RAW, want snappy"},
		{data, func(c *config) { c.Text = "sentence" },
			`row 1: text: no column "sentence" among label, number`},
		{data, func(c *config) { c.Text = "words" }, `row 1: text: member "words" is not a string`},
		{data, func(c *config) { c.Text = "raw" }, `row 2: text: column "raw" is not valid UTF-8`},
		{written(), nil, "the file holds no records"},
		{written(number{"a", 1}, number{"b", 1 / zero}), nil, `row 2: labels: column "label" is +Inf`},
	} {
		c := defaults
		c.Format = "parquet"
		if row.change != nil {
			row.change(&c)
		}
		if _, err := readTable(row.data, c); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%v, want %q", err, row.want)
		}
	}
	if got := looksLike("x.bin", data); got != "parquet" {
		t.Errorf("it looks like %q", got)
	}
}

// FuzzParquet: a file is refused, or its rows are whole.
func FuzzParquet(f *testing.F) {
	for _, name := range []string{"rows.parquet", "rows.zstd.parquet"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := readTable(data, everyColumn())
		if err != nil {
			return
		}
		for _, r := range rows {
			if strings.TrimSpace(r.text) == "" || len(r.labels) != 1 || len(r.values) != 2 ||
				len(r.words) != len(r.tags) || len(r.spans) != 1 {
				t.Errorf("%+v", r)
			}
		}
	})
}
