package schema

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest returns the candidate closest to a name that does not exist, or "" when none is within an
// edit distance of 1 + len(name)/4. Of equally close ones the first wins.
func Nearest(name string, candidates []string) string {
	best, bestDistance := "", 2+len(name)/4
	for _, c := range candidates {
		if d := levenshtein.Distance(name, c, nil); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// Hint returns the sentence that ends a message about an unknown name, with a leading space: the
// nearest candidate, or else the list of a few candidates, or nothing.
func Hint(name string, candidates []string) string {
	if near := Nearest(name, candidates); near != "" {
		return fmt.Sprintf(" Did you mean %q?", near)
	}
	const listed = 12
	if len(candidates) == 0 || len(candidates) > listed {
		return ""
	}
	return " Expected " + OrList(candidates) + "."
}

// OrList joins names for a message: "a", "b" or "c".
func OrList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
