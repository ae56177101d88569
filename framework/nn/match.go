package nn

import "strings"

// Match reports whether an address matches a pattern: `*` stands for any
// characters within a segment, `**` as a whole segment for any number of
// segments (none included), and {a,b} for one of several alternatives, which
// may hold patterns and slashes. A brace that is not closed stands for itself.
func Match(pattern, address string) bool {
	if open := strings.IndexByte(pattern, '{'); open >= 0 {
		if end, alternatives, ok := braces(pattern, open); ok {
			for _, a := range alternatives {
				if Match(pattern[:open]+a+pattern[end:], address) {
					return true
				}
			}
			return false
		}
	}
	return matchSegments(strings.Split(pattern, "/"), strings.Split(address, "/"))
}

// MatchAny reports whether an address matches one of several patterns.
func MatchAny(patterns []string, address string) bool {
	for _, p := range patterns {
		if Match(p, address) {
			return true
		}
	}
	return false
}

// braces splits the group that opens at pattern[open] at its own commas; end is
// the index after the closing brace.
func braces(pattern string, open int) (end int, alternatives []string, ok bool) {
	depth, start := 0, open+1
	for i := open; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '{':
			depth++
		case c == ',' && depth == 1:
			alternatives = append(alternatives, pattern[start:i])
			start = i + 1
		case c == '}':
			if depth--; depth == 0 {
				return i + 1, append(alternatives, pattern[start:i]), true
			}
		}
	}
	return 0, nil, false
}

// matchSegments goes back only to the last `**`, which is enough: an earlier
// one could only give up segments that the last may take as well.
func matchSegments(pattern, address []string) bool {
	p, a, star, from := 0, 0, -1, 0
	for a < len(address) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			star, from = p, a
			p++
		case p < len(pattern) && matchSegment(pattern[p], address[a]):
			p, a = p+1, a+1
		case star >= 0:
			from++
			p, a = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}

func matchSegment(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	last := len(parts) - 1
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for _, part := range parts[1:last] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, parts[last])
}
