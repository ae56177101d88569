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

	"quickstudy/framework/task/datafile"
)

// readTables reads one file for every split.
func readTables(c config) (*corpus, error) {
	if len(c.Labels)+len(c.Texts)+len(c.Values)+len(c.LabelSets)+len(c.Spans) == 0 &&
		c.Tags == "" {
		return nil, fmt.Errorf("labels: no column is named, so there is nothing to predict")
	}
	if c.Tags != "" && c.Words == "" || c.Text == "" && c.Words == "" {
		return nil, fmt.Errorf("words: no column is named, and tags = %q and text = %q need one", c.Tags,
			c.Text)
	}
	var parts []part
	var files []datafile.File
	from := datafile.Provenance{Licence: c.Licence, Origin: c.Origin}
	for _, f := range c.named() {
		file, err := from.Read(f.attribute, f.path, fmt.Sprintf("texts (%s) as %s with columns %s and %s",
			f.split, c.Format, c.Text, strings.Join(c.Labels, ", ")))
		if err != nil {
			return nil, err
		}
		rows, err := readTable(file.Data, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, otherFormat(f.path, file.Data, c.Format, err))
		}
		parts = append(parts, part{f.split, rows})
		files = append(files, file)
	}
	corpus := newCorpus(parts, c.Labels, nil)
	corpus.extend(c, parts)
	corpus.description.Licence, corpus.description.Origin = c.Licence, c.Origin
	corpus.description.Digest = datafile.Digest(files...)
	return corpus, nil
}

// namedFile is the file of a split, and the attribute that names it.
type namedFile struct{ split, attribute, path string }

// named lists the files of the splits; one alone is of all records.
func (c config) named() []namedFile {
	if c.Validation == "" && c.Test == "" {
		return []namedFile{{"all", "path", c.Path}}
	}
	files := []namedFile{{"train", "path", c.Path}, {"validation", "validation", c.Validation},
		{"test", "test", c.Test}}
	return slices.DeleteFunc(files, func(f namedFile) bool { return f.path == "" })
}

// readTable decodes one file. Errors name the line.
func readTable(data []byte, c config) ([]row, error) {
	if c.Format == "parquet" {
		return someRows(readParquet(data, c))
	}
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
	return someRows(rows, err)
}

// someRows refuses a file without records.
func someRows(rows []row, err error) ([]row, error) {
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("the file holds no records")
	}
	if err != nil {
		return nil, err
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
		r, err := c.row(func(column string) (any, error) {
			v, ok := object[column]
			if !ok {
				return nil, fmt.Errorf("no member %q among %s", column,
					strings.Join(slices.Sorted(maps.Keys(object)), ", "))
			}
			return v, nil
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
	r, err := c.row(func(column string) (any, error) {
		i, ok := columns[column]
		if !ok {
			return nil, fmt.Errorf("no column %q among %s", column,
				strings.Join(slices.Sorted(maps.Keys(columns)), ", "))
		}
		return record[i], nil
	})
	return append(rows, r), columns, err
}

// a column is the value of a record by the name of the column: what JSON has there, or a
// string.
type column func(name string) (any, error)

// text returns what a column holds as a string; "" for null, which is not labelled.
func (of column) text(name string) (string, error) {
	v, err := of(name)
	if err != nil {
		return "", err
	}
	text, ok := scalar(v)
	if !ok {
		return "", fmt.Errorf("member %q is not a string, number or boolean", name)
	}
	return text, nil
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", v == nil
}

// list returns what a column holds as a list: that of JSON, or the words of a string.
func (of column) list(name string) ([]string, error) {
	v, err := of(name)
	if err != nil {
		return nil, err
	}
	many, ok := v.([]any)
	if !ok {
		text, ok := scalar(v)
		if !ok {
			return nil, fmt.Errorf("member %q is not a list, string, number or boolean", name)
		}
		return strings.Fields(text), nil
	}
	var items []string
	for i, one := range many {
		item, ok := scalar(one)
		if !ok || one == nil {
			return nil, fmt.Errorf("member %q: item %d is not a string, number or boolean", name, i)
		}
		items = append(items, item)
	}
	return items, nil
}

// row picks what the configuration names of one record.
func (c config) row(of column) (r row, err error) {
	if c.Text != "" {
		if r.text, err = of.text(c.Text); err != nil {
			return row{}, fmt.Errorf("text: %w", err)
		}
		if strings.TrimSpace(r.text) == "" {
			return row{}, fmt.Errorf("text: %q is empty", c.Text)
		}
	}
	for _, group := range []struct {
		attribute string
		names     []string
		into      *[]string
	}{{"labels", c.Labels, &r.labels}, {"texts", c.Texts, &r.texts}, {"values", c.Values, &r.values}} {
		for _, name := range group.names {
			text, err := of.text(name)
			if err != nil {
				return row{}, fmt.Errorf("%s: %w", group.attribute, err)
			}
			*group.into = append(*group.into, text)
		}
	}
	return r, c.lists(of, &r)
}
