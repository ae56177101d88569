package subword

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// absent reports whether a member is missing or null.
func absent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// strictly decodes the member at a place. What v has no member for is an error.
func strictly(raw json.RawMessage, v any, at string) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		text := strings.TrimPrefix(err.Error(), "json: ")
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			text = fmt.Sprintf("%s, want %s", kind.Value, wanted(kind))
			if kind.Field != "" {
				text = kind.Field + " is " + text
			} else {
				text = "it is " + text
			}
		}
		return placed(at, "%s", text)
	}
	return nil
}

// wanted tells a type of Go as JSON has it.
func wanted(e *json.UnmarshalTypeError) string {
	switch kind := e.Type.Kind().String(); kind {
	case "string":
		return "a string"
	case "bool":
		return "true or false"
	case "slice":
		return "a list"
	case "struct", "map":
		return "an object"
	case "int", "int32", "int64":
		return "a whole number"
	default:
		return "a number"
	}
}

// placed is an error at a place of the file.
func placed(at, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if at == "" {
		return err
	}
	return fmt.Errorf("%s: %w", at, err)
}

// typeOf returns the type of a part of the pipeline.
func typeOf(raw json.RawMessage, at string) (string, error) {
	var typed struct{ Type string }
	if err := json.Unmarshal(raw, &typed); err != nil {
		return "", placed(at, "it is no object with a type: %.40s", raw)
	}
	return typed.Type, nil
}

// checkMembers goes through a file once: its syntax, and that no object has a member twice, of
// which one would be lost. It tells the line.
func checkMembers(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	line := func(offset int64) int { return 1 + bytes.Count(data[:offset], []byte("\n")) }
	type open struct {
		members map[string]bool // nil of a list
		key     bool            // the next token is a member's name
	}
	var stack []open
	ended := false
	for {
		token, err := decoder.Token()
		switch {
		case err == io.EOF && ended:
			return nil
		case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("line %d: the file ends within its JSON", line(int64(len(data))))
		case err != nil:
			at := decoder.InputOffset()
			at += int64(len(data[at:]) - len(bytes.TrimLeft(data[at:], " \t\r\n,:")))
			return fmt.Errorf("line %d: %w", line(at), err)
		case ended:
			return fmt.Errorf("line %d: the file goes on after its JSON object",
				line(decoder.InputOffset()))
		}
		top := len(stack) - 1
		if delimiter, ok := token.(json.Delim); ok && (delimiter == '}' || delimiter == ']') {
			stack = stack[:top]
			ended = top == 0
			continue
		}
		if top >= 0 && stack[top].members != nil {
			if name, ok := token.(string); ok && stack[top].key {
				if stack[top].members[name] {
					return fmt.Errorf("line %d: an object has the member %q twice",
						line(decoder.InputOffset()), name)
				}
				stack[top].members[name] = true
				stack[top].key = false
				continue
			}
			stack[top].key = true
		}
		delimiter, ok := token.(json.Delim)
		ended = !ok && top < 0
		if ok {
			if len(stack) > 100 {
				return fmt.Errorf("line %d: lists and objects within each other are deeper than 100",
					line(decoder.InputOffset()))
			}
			stack = append(stack, open{})
			if delimiter == '{' {
				stack[top+1] = open{map[string]bool{}, true}
			}
		}
	}
}
