package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// Limits of a Parquet file, which can say of itself that it holds any number of rows, and can
// repeat one value in all of them.
const (
	maxRows  = 1 << 26
	maxBytes = 1 << 31 // of what is read of all rows
)

// readParquet reads the rows of a Parquet file. Errors name the row.
//
// The library is for well-formed files. Over others it panics, makes room for whatever their
// footer says (hence checkFooter), or decompresses LZ4 into ever larger buffers (checkChunks).
func readParquet(data []byte, c config) (rows []row, err error) {
	at := 0
	defer func() {
		if r := recover(); r != nil {
			rows, err = nil, fmt.Errorf("row %d: the file is damaged: %v", at+1, r)
		}
	}()
	if err := checkFooter(data); err != nil {
		return nil, fmt.Errorf("it is no Parquet file: %w", err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)),
		parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("it is no Parquet file: %w", err)
	}
	if err := checkChunks(file.Metadata(), int64(len(data))); err != nil {
		return nil, err
	}
	if n := file.NumRows(); n < 0 || n > maxRows {
		return nil, fmt.Errorf("the file says it has %d rows, want at most %d", n, maxRows)
	}
	size := 0
	reader := parquet.NewGenericReader[any](file)
	defer reader.Close()
	const some = 256
	for {
		batch := make([]any, some)
		n, err := reader.Read(batch)
		for _, one := range batch[:n] {
			r, err := c.parquetRow(one)
			if err != nil {
				return nil, fmt.Errorf("row %d: %w", at+1, err)
			}
			if size += r.size(); size > maxBytes {
				return nil, fmt.Errorf("row %d: the rows so far have more than %d bytes", at+1, maxBytes)
			}
			rows = append(rows, r)
			at++
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", at+1, err)
		}
		if n == 0 {
			return nil, fmt.Errorf("row %d: the file ends early", at+1)
		}
	}
	if int64(len(rows)) != file.NumRows() {
		return nil, fmt.Errorf("the file says it has %d rows and has %d", file.NumRows(), len(rows))
	}
	return rows, nil
}

// parquetRow picks what the configuration names of one row.
func (c config) parquetRow(of any) (row, error) {
	columns, ok := of.(map[string]any)
	if !ok {
		return row{}, fmt.Errorf("it is no row of columns")
	}
	return c.row(func(column string) (any, error) {
		v, ok := columns[column]
		if !ok {
			return nil, fmt.Errorf("no column %q among %s", column,
				strings.Join(slices.Sorted(maps.Keys(columns)), ", "))
		}
		return plainValue(column, v)
	})
}

// plainValue is a value as JSON would have it.
func plainValue(column string, v any) (any, error) {
	switch v := v.(type) {
	case nil, bool:
		return v, nil
	case string:
		if !utf8.ValidString(v) {
			return nil, fmt.Errorf("column %q is not valid UTF-8", column)
		}
		return v, nil
	case []byte:
		return plainValue(column, string(v))
	case int32:
		return json.Number(strconv.FormatInt(int64(v), 10)), nil
	case int64:
		return json.Number(strconv.FormatInt(v, 10)), nil
	case uint32:
		return json.Number(strconv.FormatUint(uint64(v), 10)), nil
	case uint64:
		return json.Number(strconv.FormatUint(v, 10)), nil
	case float32:
		return plainValue(column, float64(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("column %q is %v, want a finite number", column, v)
		}
		return json.Number(strconv.FormatFloat(v, 'g', -1, 64)), nil
	case []any:
		list := make([]any, len(v))
		for i, one := range v {
			var err error
			if list[i], err = plainValue(column, one); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		// A list as other programs write it: {"list": [{"element": x}, ...]}.
		if items, ok := v["list"].([]any); ok && len(v) == 1 {
			list := make([]any, len(items))
			for i, one := range items {
				if inner, ok := one.(map[string]any); ok && len(inner) == 1 {
					for _, element := range inner {
						one = element
					}
				}
				var err error
				if list[i], err = plainValue(column, one); err != nil {
					return nil, err
				}
			}
			return list, nil
		}
	}
	return nil, fmt.Errorf("column %q holds neither texts, numbers, truth values nor lists of them",
		column)
}

// checkFooter refuses a footer that is longer than the file, for which the library would make
// room.
func checkFooter(data []byte) error {
	const magic = "PAR1"
	n := len(data)
	if n < 12 || string(data[:4]) != magic || string(data[n-4:]) != magic {
		return fmt.Errorf("it does not begin and end with %s", magic)
	}
	if size := binary.LittleEndian.Uint32(data[n-8:]); int64(size) > int64(n-12) {
		return fmt.Errorf("a footer of %d bytes in a file of %d", size, n)
	}
	return nil
}

// checkChunks refuses columns that are not within the file, and what the library decompresses
// without end when it is damaged.
func checkChunks(m *format.FileMetaData, size int64) error {
	for _, group := range m.RowGroups {
		for _, chunk := range group.Columns {
			c := chunk.MetaData
			switch c.Codec {
			case format.Uncompressed, format.Snappy, format.Gzip, format.Zstd:
			default:
				return fmt.Errorf("column %q is compressed by %v, want snappy, gzip, zstd or nothing",
					strings.Join(c.PathInSchema, "."), c.Codec)
			}
			start := c.DataPageOffset
			if c.DictionaryPageOffset > 0 {
				start = min(start, c.DictionaryPageOffset)
			}
			if start < 4 || c.TotalCompressedSize < 0 || c.TotalCompressedSize > size-start ||
				c.NumValues < 0 || c.NumValues > maxRows {
				return fmt.Errorf("column %q: %d values in %d bytes from %d of a file of %d",
					strings.Join(c.PathInSchema, "."), c.NumValues, c.TotalCompressedSize, start, size)
			}
		}
	}
	return nil
}

// size is the bytes of a row's texts.
func (r row) size() int {
	n := len(r.text)
	for _, texts := range append([][]string{r.labels, r.texts, r.values, r.words, r.tags}, r.sets...) {
		for _, text := range texts {
			n += len(text)
		}
	}
	return n
}
