package subword

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// pattern finds delimiters in a text.
type pattern struct {
	expression *regexp.Regexp
	text       []rune // without an expression
	ahead      bool   // the match is the group that took part
}

// literal is a pattern of the text itself.
func literal(text string) (pattern, error) {
	if text == "" {
		return pattern{}, fmt.Errorf("it is empty")
	}
	return pattern{text: []rune(text)}, nil
}

// expression is a pattern by a regular expression of Oniguruma, which the library tokenizers
// has, as far as it can be written as one of package regexp: that takes time linear in the
// text, whatever the expression is. Its classes are Unicode's. Of what looks ahead there is
// (?!\S) at the end of an alternative, as GPT-2 and Llama have it.
func expression(source string) (pattern, error) {
	t := translator{rest: source}
	translated, err := t.alternatives()
	if err != nil {
		return pattern{}, fmt.Errorf("regular expression %q: %w", source, err)
	}
	compiled, err := regexp.Compile(translated)
	if err != nil {
		return pattern{}, fmt.Errorf("regular expression %q, as %q: %w", source, translated, err)
	}
	return pattern{expression: compiled, ahead: t.ahead}, nil
}

// stretches covers a text with delimiters and what lies between them.
func (p pattern) stretches(text []rune) []stretch {
	var stretches []stretch
	done := 0
	p.each(text, func(lo, hi int) {
		if done < lo {
			stretches = append(stretches, stretch{done, lo, false})
		}
		stretches = append(stretches, stretch{lo, hi, true})
		done = hi
	})
	if done < len(text) {
		stretches = append(stretches, stretch{done, len(text), false})
	}
	return stretches
}

// each calls f for every match, from the left; they do not overlap.
func (p pattern) each(text []rune, f func(lo, hi int)) {
	if p.expression == nil {
		for at := 0; at+len(p.text) <= len(text); {
			if string(text[at:at+len(p.text)]) != string(p.text) {
				at++
				continue
			}
			f(at, at+len(p.text))
			at += len(p.text)
		}
		return
	}
	whole := string(text)
	at, runes := 0, 0 // bytes and runes that were gone through
	advance := func(to int) int {
		runes += utf8.RuneCountInString(whole[at:to])
		at = to
		return runes
	}
	if !p.ahead {
		for _, m := range p.expression.FindAllStringIndex(whole, -1) {
			lo := advance(m[0])
			f(lo, advance(m[1]))
		}
		return
	}
	for from := 0; from < len(whole); {
		m := p.expression.FindStringSubmatchIndex(whole[from:])
		if m == nil {
			return
		}
		for g := 2; g < len(m); g += 2 {
			if m[g] < 0 {
				continue
			}
			lo, hi := from+m[g], from+m[g+1]
			if lo == hi {
				_, size := utf8.DecodeRuneInString(whole[hi:])
				from = hi + max(size, 1)
				break
			}
			start := advance(lo)
			f(start, advance(hi))
			from = hi
			break
		}
	}
}

// split cuts a text at what matches, or inverted, at what does not.
func (p pattern) split(b behavior, invert bool) splitter {
	return func(words []part, a aligned) []part {
		stretches := p.stretches(a.runes)
		if invert {
			for i := range stretches {
				stretches[i].delimiter = !stretches[i].delimiter
			}
		}
		return b.at(words, a, stretches)
	}
}

// translator writes an expression of Oniguruma as one of package regexp.
type translator struct {
	rest     string
	ahead    bool
	anchored bool
}

// Classes of Unicode, as they stand between brackets. A word's characters are Alphabetic, marks,
// numbers and connecting punctuation; of Alphabetic the letters in circles and squares are no
// letters.
const (
	spaces  = `\t-\r\x{85}\p{Z}`
	digits  = `\p{Nd}`
	letters = `\p{L}\p{M}\p{N}\p{Pc}\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}` +
		`\x{1F150}-\x{1F169}\x{1F170}-\x{1F189}`
)

const aheadOfSpace = `(?!\S)`

// alternatives translates a whole expression. Where an alternative must not be followed by
// other than white space, the alternatives are groups, with that space behind.
func (t *translator) alternatives() (string, error) {
	var all, looking []string
	for {
		one, err := t.sequence()
		if err != nil {
			return "", err
		}
		group := "(" + one + ")"
		if rest, ok := strings.CutPrefix(t.rest, aheadOfSpace); ok {
			t.rest, t.ahead = rest, true
			group += `(?:[` + spaces + `]|\z)`
			if t.rest != "" && t.rest[0] != '|' {
				return "", fmt.Errorf("%s is read at the end of an alternative alone", aheadOfSpace)
			}
		}
		all, looking = append(all, one), append(looking, group)
		if t.rest == "" {
			break
		}
		if t.rest[0] == ')' {
			return "", fmt.Errorf("a parenthesis is closed that was not opened")
		}
		t.rest = t.rest[1:] // a bar
	}
	if !t.ahead {
		return strings.Join(all, "|"), nil
	}
	if t.anchored {
		return "", fmt.Errorf("it looks ahead and has anchors, which is not read")
	}
	return strings.Join(looking, "|"), nil
}

// sequence translates up to a bar, the end of a group, or what looks ahead.
func (t *translator) sequence() (string, error) {
	var out strings.Builder
	for t.rest != "" && t.rest[0] != '|' && t.rest[0] != ')' {
		if strings.HasPrefix(t.rest, aheadOfSpace) {
			break
		}
		atom, err := t.atom()
		if err != nil {
			return "", err
		}
		out.WriteString(atom)
		quantifier, err := t.quantifier()
		if err != nil {
			return "", err
		}
		out.WriteString(quantifier)
	}
	return out.String(), nil
}

func (t *translator) atom() (string, error) {
	r, size := utf8.DecodeRuneInString(t.rest)
	switch r {
	case '(':
		return t.group()
	case '[':
		class, err := t.class()
		return class, err
	case '\\':
		return t.escape(false)
	case '^', '$':
		t.rest, t.anchored = t.rest[1:], true
		return `(?m:` + string(r) + `)`, nil
	case '*', '+', '?', '{':
		return "", fmt.Errorf("%q repeats nothing", r)
	}
	t.rest = t.rest[size:]
	if r == '.' {
		return ".", nil
	}
	return regexp.QuoteMeta(string(r)), nil
}

// quantifier takes the repetition that may follow.
func (t *translator) quantifier() (string, error) {
	n := 0
	switch {
	case t.rest == "":
	case strings.ContainsRune("*+?", rune(t.rest[0])):
		n = 1
	case t.rest[0] == '{':
		if n = strings.IndexByte(t.rest, '}') + 1; n < 3 || t.rest[1] == ',' {
			return "", fmt.Errorf("repetition %.20q has no smallest number or no end", t.rest)
		}
	}
	if n == 0 {
		return "", nil
	}
	taken := t.rest[:n]
	if t.rest = t.rest[n:]; strings.HasPrefix(t.rest, "?") && taken[0] != '{' {
		taken, t.rest = taken+"?", t.rest[1:]
	}
	if t.rest != "" && strings.ContainsRune("*+?{", rune(t.rest[0])) {
		return "", fmt.Errorf("%.20q repeats what is repeated or keeps it from being given back, "+
			"which is not read", taken+t.rest)
	}
	return taken, nil
}

func (t *translator) group() (string, error) {
	open := "(?:"
	switch {
	case strings.HasPrefix(t.rest, "(?:"), strings.HasPrefix(t.rest, "(?i:"):
		open = t.rest[:strings.IndexByte(t.rest, ':')+1]
		t.rest = t.rest[len(open):]
	case strings.HasPrefix(t.rest, "(?"), strings.HasPrefix(t.rest, "(*"):
		return "", fmt.Errorf("%.12q is not read; of groups there are (...), (?:...) and (?i:...), and "+
			"of what looks ahead %s at the end of an alternative", t.rest, aheadOfSpace)
	default:
		t.rest = t.rest[1:]
	}
	var all []string
	for {
		one, err := t.sequence()
		if err != nil {
			return "", err
		}
		all = append(all, one)
		switch {
		case t.rest == "":
			return "", fmt.Errorf("a parenthesis is not closed")
		case strings.HasPrefix(t.rest, aheadOfSpace):
			return "", fmt.Errorf("%s is not read within a group", aheadOfSpace)
		case t.rest[0] == ')':
			t.rest = t.rest[1:]
			return open + strings.Join(all, "|") + ")", nil
		}
		t.rest = t.rest[1:] // a bar
	}
}

// class translates a class in brackets; a class within it is part of it.
func (t *translator) class() (string, error) {
	var out strings.Builder
	t.rest = t.rest[1:]
	out.WriteByte('[')
	if strings.HasPrefix(t.rest, "^") {
		t.rest = t.rest[1:]
		out.WriteByte('^')
	}
	depth, first := 1, true
	for depth > 0 {
		r, size := utf8.DecodeRuneInString(t.rest)
		switch {
		case t.rest == "":
			return "", fmt.Errorf("a class is not closed")
		case r == ']' && !first:
			depth--
			t.rest = t.rest[1:]
			first = false
			continue
		case strings.HasPrefix(t.rest, "[:"), strings.HasPrefix(t.rest, "[^"),
			strings.HasPrefix(t.rest, "&&"):
			return "", fmt.Errorf("%.12q within a class is not read", t.rest)
		case r == '[':
			depth++
			t.rest = t.rest[1:]
			first = true
			continue
		case r == '\\':
			escaped, err := t.escape(true)
			if err != nil {
				return "", err
			}
			out.WriteString(escaped)
		case r == '-':
			t.rest = t.rest[1:]
			if first || strings.HasPrefix(t.rest, "]") || strings.HasPrefix(t.rest, "[") {
				out.WriteByte('\\')
			}
			out.WriteByte('-')
		default:
			t.rest = t.rest[size:]
			out.WriteString(regexp.QuoteMeta(string(r)))
		}
		first = false
	}
	out.WriteByte(']')
	return out.String(), nil
}

// escape translates what begins with a backslash, in a class or outside.
func (t *translator) escape(inClass bool) (string, error) {
	if len(t.rest) < 2 {
		return "", fmt.Errorf("it ends with a backslash")
	}
	c := t.rest[1]
	class := map[byte]string{'s': spaces, 'd': digits, 'w': letters}[c|0x20]
	switch {
	case class != "" && c >= 'a' && inClass:
		t.rest = t.rest[2:]
		return class, nil
	case class != "" && !inClass:
		t.rest = t.rest[2:]
		if c < 'a' {
			class = "^" + class
		}
		return "[" + class + "]", nil
	case c == 'p' || c == 'P':
		end := strings.IndexByte(t.rest, '}')
		if end < 0 || t.rest[2] != '{' {
			return "", fmt.Errorf("%.12q is no class of Unicode, such as \\p{L}", t.rest)
		}
		taken := t.rest[:end+1]
		t.rest = t.rest[end+1:]
		return taken, nil
	case c == 'n' || c == 'r' || c == 't' || c == 'f' || c == 'v' || c == 'a':
		t.rest = t.rest[2:]
		return `\` + string(c), nil
	case c == 'u' && len(t.rest) >= 6:
		taken := t.rest[2:6]
		t.rest = t.rest[6:]
		return `\x{` + taken + `}`, nil
	case c == 'x':
		n := 4
		if strings.HasPrefix(t.rest, `\x{`) {
			n = strings.IndexByte(t.rest, '}') + 1
		}
		if n < 4 || n > len(t.rest) {
			return "", fmt.Errorf("%.12q is no character", t.rest)
		}
		taken := t.rest[:n]
		t.rest = t.rest[n:]
		return taken, nil
	case c < '0' || c > '9' && c < 'A' || c > 'Z' && c < 'a' || c > 'z':
		r, size := utf8.DecodeRuneInString(t.rest[1:])
		t.rest = t.rest[1+size:]
		if r == '-' {
			return `\-`, nil
		}
		return regexp.QuoteMeta(string(r)), nil
	}
	return "", fmt.Errorf("%.2q is not read", t.rest)
}
