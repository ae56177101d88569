package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// A Problem is one mistake in a value, addressed by the path of the attribute it is about, so that
// a host can point at the place in the user's file.
type Problem struct {
	// Path is written .name for an attribute, ["key"] for a map's element and [0] for a list's:
	// .split["valid"].fraction. An empty path is the whole block.
	Path string
	// Code is stable and machine-readable: one of the Code constants, or a plugin's own.
	Code            string
	Summary, Detail string
	Warning         bool
}

// Codes of the problems found by this package.
const (
	CodeUnknown  = "unknown-attribute"
	CodeMissing  = "missing-attribute"
	CodeType     = "wrong-type"
	CodeRange    = "out-of-range"
	CodeChoice   = "unknown-choice"
	CodePlugin   = "plugin-refused" // for a plugin's problem without a code
	maxPathSteps = 64
)

func (p Problem) String() string {
	if p.Path == "" {
		return p.Summary + ": " + p.Detail
	}
	return p.Path + ": " + p.Summary + ": " + p.Detail
}

// FormatPath writes a path in the form of Problem.Path. Attribute names that are not identifiers
// are written like map keys.
func FormatPath(path cty.Path) string {
	var b strings.Builder
	for _, step := range path {
		switch step := step.(type) {
		case cty.GetAttrStep:
			if identifier(step.Name) {
				b.WriteString("." + step.Name)
			} else {
				fmt.Fprintf(&b, "[%q]", step.Name)
			}
		case cty.IndexStep:
			if step.Key.Type() == cty.String {
				fmt.Fprintf(&b, "[%q]", step.Key.AsString())
			} else {
				i, _ := step.Key.AsBigFloat().Int64()
				fmt.Fprintf(&b, "[%d]", i)
			}
		}
	}
	return b.String()
}

// ParsePath reads the form of Problem.Path. It refuses paths of more than 64 steps.
func ParsePath(text string) (cty.Path, error) {
	var path cty.Path
	for rest := text; rest != ""; {
		if len(path) == maxPathSteps {
			return nil, fmt.Errorf("path %.40q...: more than %d steps", text, maxPathSteps)
		}
		at := len(text) - len(rest)
		switch {
		case rest[0] == '.':
			n := 1 + identifierLength(rest[1:])
			if n == 1 {
				return nil, fmt.Errorf("path %q: byte %d: expected a name after the dot", text, at)
			}
			path, rest = path.GetAttr(rest[1:n]), rest[n:]
		case strings.HasPrefix(rest, `["`):
			quoted, err := strconv.QuotedPrefix(rest[1:])
			if err != nil || !strings.HasPrefix(rest[1+len(quoted):], "]") {
				return nil, fmt.Errorf(`path %q: byte %d: expected ["key"]`, text, at)
			}
			key, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, fmt.Errorf("path %q: byte %d: %w", text, at, err)
			}
			path, rest = path.Index(cty.StringVal(key)), rest[2+len(quoted):]
		case rest[0] == '[':
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return nil, fmt.Errorf("path %q: byte %d: [ is not closed", text, at)
			}
			i, err := strconv.ParseUint(rest[1:end], 10, 31)
			if err != nil {
				return nil, fmt.Errorf("path %q: byte %d: %q is no index", text, at, rest[1:end])
			}
			path, rest = path.IndexInt(int(i)), rest[end+1:]
		default:
			return nil, fmt.Errorf("path %q: byte %d: expected . or [, got %q", text, at, rest[0])
		}
	}
	return path, nil
}

// identifier reports whether a name can be written as an attribute: a letter or underscore, then
// letters, digits, underscores and dashes, all ASCII.
func identifier(name string) bool { return name != "" && identifierLength(name) == len(name) }

func identifierLength(text string) int {
	for i := range len(text) {
		c := text[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return i
		}
	}
	return len(text)
}
