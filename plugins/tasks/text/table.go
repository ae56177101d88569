package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readTables reads one file for every split.
func readTables(c config) (*corpus, error) {
	if len(c.Labels) == 0 {
		return nil, fmt.Errorf("labels: no column is named, so there is nothing to predict")
	}
	files := []struct{ split, attribute, path string }{
		{"train", "path", c.Path},
		{"validation", "validation", c.Validation},
		{"test", "test", c.Test},
	}
	if c.Validation == "" && c.Test == "" {
		files = files[:1]
		files[0].split = "all"
	}
	var parts []part
	var contents [][]byte
	for _, f := range files {
		if f.path == "" {
			continue
		}
		data, err := readFile(
			f.attribute, f.path,
			fmt.Sprintf("texts (%s) as %s with columns %s and %s", f.split, c.Format, c.Text,
				strings.Join(c.Labels, ", ")),
			c.Origin,
			c.Licence,
		)
		if err != nil {
			return nil, err
		}
		rows, err := readTable(data, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, otherFormat(f.path, data, c.Format, err))
		}
		parts = append(parts, part{f.split, rows})
		contents = append(contents, data)
	}
	corpus := newCorpus(parts, c.Labels, nil)
	corpus.description.Licence, corpus.description.Origin = c.Licence, c.Origin
	corpus.description.Digest = digestOf(contents...)
	return corpus, nil
}

// readTable decodes one file. Errors name the line.
func readTable(data []byte, c config) ([]row, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("the file is not valid UTF-8: convert it first")
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // the byte order mark some spreadsheets write
	var rows []row
	var err error
	switch c.Format {
	case "jsonl":
		rows, err = readJSONLines(data, c)
	case "csv":
		rows, err = readCSV(data, c)
	default:
		rows, err = readTSV(data, c)
	}
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("the file holds no records")
	}
	return rows, nil
}

func readJSONLines(data []byte, c config) ([]row, error) {
	var rows []row
	for number := 1; len(data) > 0; number++ {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber() // a label of many digits stays itself
		var object map[string]any
		if err := decoder.Decode(&object); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		r, err := c.row(func(column string) (string, error) {
			switch v := object[column].(type) {
			case string:
				return v, nil
			case json.Number:
				return v.String(), nil
			case bool:
				return strconv.FormatBool(v), nil
			case nil:
				if _, ok := object[column]; ok {
					return "", nil // null: not labelled
				}
				return "", fmt.Errorf("no member %q among %s", column,
					strings.Join(slices.Sorted(maps.Keys(object)), ", "))
			default:
				return "", fmt.Errorf("member %q is not a string, number or boolean", column)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func readCSV(data []byte, c config) ([]row, error) {
	reader := csv.NewReader(bytes.NewReader(data))
	var rows []row
	var columns map[string]int
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err // names the line itself
		}
		line, _ := reader.FieldPos(0)
		if rows, columns, err = c.appendRecord(rows, columns, record); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// readTSV splits lines on tabs. Quotes are ordinary characters, which
// encoding/csv cannot be told.
func readTSV(data []byte, c config) ([]row, error) {
	var rows []row
	var columns map[string]int
	for number := 1; len(data) > 0; number++ {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			continue
		}
		var err error
		record := strings.Split(string(line), "\t")
		if rows, columns, err = c.appendRecord(rows, columns, record); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return rows, nil
}

// appendRecord takes one record of a CSV or TSV file: the first gives the
// names of the columns, or their number.
func (c config) appendRecord(rows []row, columns map[string]int,
	record []string) ([]row, map[string]int, error) {
	if columns == nil {
		columns = make(map[string]int, len(record))
		for i, name := range record {
			if !c.Header {
				name = strconv.Itoa(i + 1)
			}
			if _, twice := columns[name]; twice {
				return nil, nil, fmt.Errorf("column %q occurs twice", name)
			}
			columns[name] = i
		}
		if c.Header {
			return rows, columns, nil
		}
	}
	if len(record) != len(columns) {
		return nil, nil, fmt.Errorf("%d columns, want %d as in the first line", len(record),
			len(columns))
	}
	r, err := c.row(func(column string) (string, error) {
		i, ok := columns[column]
		if !ok {
			return "", fmt.Errorf("no column %q among %s", column,
				strings.Join(slices.Sorted(maps.Keys(columns)), ", "))
		}
		return record[i], nil
	})
	return append(rows, r), columns, err
}

// row picks the text and the labels of one record.
func (c config) row(column func(name string) (string, error)) (row, error) {
	text, err := column(c.Text)
	if err != nil {
		return row{}, fmt.Errorf("text: %w", err)
	}
	if strings.TrimSpace(text) == "" {
		return row{}, fmt.Errorf("text: %q is empty", c.Text)
	}
	r := row{text: text}
	for _, name := range c.Labels {
		label, err := column(name)
		if err != nil {
			return row{}, fmt.Errorf("labels: %w", err)
		}
		r.labels = append(r.labels, label)
	}
	return r, nil
}
