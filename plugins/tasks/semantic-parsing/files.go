package main

import (
	"fmt"
	"strings"

	"quickstudy/framework/task/datafile"
)

// readFiles reads one file for every split, or that of GeoQuery, which has all.
func (c config) readFiles() (parts []part, digest string, err error) {
	if c.Path == "" {
		return nil, "", fmt.Errorf("path: no file is named, and the format %q needs one", c.Format)
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
	var read []datafile.File
	columns := 0 // of a table, the same in all files
	for _, f := range files {
		if f.path == "" {
			continue
		}
		file, err := c.read(f.attribute, f.path, f.split)
		if err != nil {
			return nil, "", err
		}
		read = append(read, file)
		if c.Format == "geoquery" {
			parts, err = readGeoQuery(file, c.Division)
		} else {
			decode := decodeSCAN
			if c.Format == "tsv" {
				decode = func(line string) (pair, error) { return decodeRow(line, &columns) }
			}
			var pairs []pair
			pairs, err = eachLine(file, decode)
			parts = append(parts, part{f.split, pairs})
		}
		if err != nil {
			return nil, "", err
		}
	}
	return parts, datafile.Digest(read...), nil
}

// eachLine decodes every line of a file.
func eachLine(file datafile.File, decode func(line string) (pair, error)) ([]pair, error) {
	lines, err := file.Lines()
	if err != nil {
		return nil, err
	}
	pairs := make([]pair, len(lines))
	for i, line := range lines {
		if pairs[i], err = decode(line); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", file.Path, i+1, err)
		}
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("%s: the file is empty", file.Path)
	}
	return pairs, nil
}

// decodeSCAN reads a line as SCAN is published.
func decodeSCAN(line string) (pair, error) {
	rest, begins := strings.CutPrefix(line, "IN: ")
	input, output, parts := strings.Cut(rest, " OUT: ")
	if !begins || !parts {
		return pair{}, fmt.Errorf("%q, want IN: and a command, OUT: and its actions", clip(line))
	}
	return filled(pair{input: input, output: output})
}

// decodeRow reads a line of columns that tabs separate, two or three in every line.
func decodeRow(line string, columns *int) (pair, error) {
	cells := strings.Split(line, "\t")
	n := len(cells)
	switch {
	case n < 2 || n > 3:
		return pair{}, fmt.Errorf("%d columns, want an input, an output and possibly a type, with tabs "+
			"between: %q", n, clip(line))
	case *columns != 0 && *columns != n:
		return pair{}, fmt.Errorf("%d columns, want %d as before", n, *columns)
	}
	*columns = n
	one := pair{input: cells[0], output: cells[1]}
	if n == 3 {
		if one.class = cells[2]; strings.TrimSpace(one.class) == "" {
			return pair{}, fmt.Errorf("the type is empty")
		}
	}
	return filled(one)
}

// filled refuses a pair with nothing to read or to write.
func filled(one pair) (pair, error) {
	switch "" {
	case strings.TrimSpace(one.input):
		return pair{}, fmt.Errorf("the input is empty")
	case strings.TrimSpace(one.output):
		return pair{}, fmt.Errorf("the output is empty")
	}
	return one, nil
}

// clip shortens what a message quotes.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
