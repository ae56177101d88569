package text

import (
	"fmt"
	"strings"
)

// Difference says in what t and another tokenizer differ, what is t's first: settings,
// the number of entries and the first entry that is not the same. It is "" where Save
// writes the same bytes for both.
func (t *Tokenizer) Difference(other *Tokenizer) string {
	var parts []string
	a, b := t.options, other.options
	for _, setting := range []struct {
		name string
		a, b any
	}{
		{"kind", a.Kind, b.Kind}, {"size", a.Size, b.Size}, {"min_count", a.MinCount, b.MinCount},
		{"lowercase", a.Lowercase, b.Lowercase}, {"class token", a.Class, b.Class},
		{"end tokens", a.Ends, b.Ends}, {"separator token", a.Separator, b.Separator},
	} {
		if setting.a != setting.b {
			parts = append(parts, fmt.Sprintf("%s %v against %v", setting.name, setting.a, setting.b))
		}
	}
	if len(t.tokens) != len(other.tokens) {
		parts = append(parts, fmt.Sprintf("%d entries against %d", len(t.tokens), len(other.tokens)))
	}
	for i := range max(len(t.tokens), len(other.tokens)) {
		if x, y := t.entry(i), other.entry(i); x != y {
			parts = append(parts, fmt.Sprintf("the first that differs is entry %d, %s against %s", i, x, y))
			break
		}
	}
	if a, b := t.digest(), other.digest(); a != b {
		parts = append(parts, fmt.Sprintf("a tokenizer.json of digest %s against %s", a, b))
	}
	if at := firstOther(t.merges, other.merges); at >= 0 {
		parts = append(parts, fmt.Sprintf("%d merges against %d, from merge %d on", len(t.merges),
			len(other.merges), at))
	}
	return strings.Join(parts, "; ")
}

// firstOther is where two lists begin to differ, -1 where they do not.
func firstOther(a, b [][2]string) int {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	return -1
}

// entry quotes a token, or says that there is none.
func (t *Tokenizer) entry(id int) string {
	if id >= len(t.tokens) {
		return "none"
	}
	return fmt.Sprintf("%q", t.tokens[id])
}
