package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
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
	h := sha256.New()
	var utterances [][]said
	for _, f := range files {
		if f.path == "" {
			continue
		}
		data, err := c.readFile(f.attribute, f.path, f.split)
		if err != nil {
			return nil, "", err
		}
		sum := sha256.Sum256(data)
		h.Write(sum[:])
		one := part{split: f.split}
		if data, err = plain(data); err == nil && c.Format == "squad" {
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
	return parts, hex.EncodeToString(h.Sum(nil)), nil
}

// readFile reads a file that an attribute names. Where it is missing, the message says what
// it is and where it comes from, since the data is not part of the program.
func (c config) readFile(attribute, path, split string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	told := func(what, attribute string) string {
		if what == "" {
			return fmt.Sprintf("the experiment does not say; its attribute %q can", attribute)
		}
		return what
	}
	return nil, errors.New(strings.Join([]string{
		fmt.Sprintf("%s: there is no file %s", attribute, path),
		fmt.Sprintf("it should hold questions (%s) as %s", split, c.Format),
		"from:    " + told(c.Origin, "origin"),
		"licence: " + told(c.Licence, "licence"),
		fmt.Sprintf("fetch it, and name its place by the attribute %q", attribute),
	}, "\n    "))
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
