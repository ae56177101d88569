// Package terminal makes text of others, such as plugins and data sets, safe to
// print: an escape sequence or another control character could otherwise rewrite
// what the user sees.
//
//	fmt.Fprintln(os.Stderr, terminal.Text(message)) // may have several lines
//	table.Cell(terminal.Line(name))                 // has one
package terminal

import (
	"strings"
	"unicode"
)

// Text returns s with every character that a terminal would not show as one
// replaced by U+FFFD, as are bytes that are not UTF-8. Newlines and tabs stay, and
// the line ends of Windows become newlines.
func Text(s string) string {
	return replace(strings.ReplaceAll(s, "\r\n", "\n"), "\n\t")
}

// Line is Text for what must stay on one line and in its column: newlines are
// replaced too, and a tab becomes a space.
func Line(s string) string { return replace(strings.ReplaceAll(s, "\t", " "), "") }

// Cut returns s, or its first longest bytes, ended by "...".
func Cut(s string, longest int) string {
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "..."
}

func replace(s, keep string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || strings.ContainsRune(keep, r) {
			return r
		}
		return unicode.ReplacementChar // also for a byte that is not UTF-8
	}, s)
}
