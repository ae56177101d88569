package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"quickstudy/framework/task/datafile"
)

// readFiles reads one file for every split.
func (c config) readFiles() (parts []part, digest string, err error) {
	files := []struct{ split, attribute, path string }{
		{"train", "path", c.Path},
		{"validation", "validation", c.Validation},
		{"test", "test", c.Test},
	}
	if c.Path == "" {
		return nil, "", fmt.Errorf("path: no file is named, and the format %q needs one", c.Format)
	}
	if c.Validation == "" && c.Test == "" {
		files = files[:1]
		files[0].split = "all"
	}
	var read []datafile.File
	from := datafile.Provenance{Licence: c.Licence, Origin: c.Origin}
	var utterances [][]said
	for _, f := range files {
		if f.path == "" {
			continue
		}
		holds := fmt.Sprintf("questions (%s) as %s", f.split, c.Format)
		file, err := from.Read(f.attribute, f.path, holds)
		if err != nil {
			return nil, "", err
		}
		read = append(read, file)
		one := part{split: f.split}
		data, err := plain(file.Data)
		if err == nil && c.Format == "squad" {
			one.examples, err = decodeSQuAD(data)
		} else if err == nil {
			var all []said
			all, err = decodeRestaurants(data)
			utterances = append(utterances, all)
		}
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", f.path, err)
		}
		parts = append(parts, one)
	}
	for i, examples := range asked(utterances) {
		parts[i].examples = examples
	}
	for _, p := range parts {
		if len(p.examples) == 0 {
			return nil, "", fmt.Errorf("the file of the split %q holds no question", p.split)
		}
	}
	return parts, datafile.Digest(read...), nil
}

// plain is a file's text, without the byte order mark that some editors write.
func plain(data []byte) ([]byte, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not valid UTF-8")
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

// decodeJSON decodes a file with one JSON value. Errors name the line.
func decodeJSON(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	err := d.Decode(into)
	if err == nil {
		if _, after := d.Token(); !errors.Is(after, io.EOF) {
			return fmt.Errorf("line %d: something follows the JSON value", lineAt(data, d.InputOffset()))
		}
		return nil
	}
	at := d.InputOffset()
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		return fmt.Errorf("line %d: member %q is a JSON %s, want %s", lineAt(data, kind.Offset),
			kind.Field, kind.Value, kindOf(kind))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("line %d: the JSON ends early", lineAt(data, int64(len(data))))
	}
	return fmt.Errorf("line %d: %w", lineAt(data, at), err)
}

// kindOf names what was wanted without the names of the program.
func kindOf(e *json.UnmarshalTypeError) string {
	switch name := e.Type.Kind().String(); name {
	case "struct":
		return "an object"
	case "slice":
		return "a list"
	case "bool":
		return "true or false"
	case "int", "int64":
		return "a whole number"
	default:
		return "a " + name
	}
}

func lineAt(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), int64(len(data)))], []byte("\n"))
}

// empty reports whether a text has nothing to read.
func empty(text string) bool { return strings.TrimSpace(text) == "" }
