package subword

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// sequence reads a list of parts by read.
func sequence(raw json.RawMessage, at, member string, depth int,
	read func(json.RawMessage, string, int) error) error {
	if depth == maxDepth {
		return placed(at, "sequences within each other are deeper than %d", maxDepth)
	}
	var parts map[string]json.RawMessage
	if err := strictly(raw, &parts, at); err != nil {
		return err
	}
	delete(parts, "type")
	var list []json.RawMessage
	if err := strictly(parts[member], &list, at+"."+member); err != nil {
		return err
	}
	if len(parts) != 1 {
		return placed(at, "a Sequence has its type and %q alone", member)
	}
	for i, part := range list {
		if err := read(part, fmt.Sprintf("%s.%s[%d]", at, member, i), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) normalizer(raw json.RawMessage, at string, depth int) error {
	kind, err := typeOf(raw, at)
	if err != nil {
		return err
	}
	var n struct {
		Type         string          `json:"type"`
		CleanText    bool            `json:"clean_text"`
		ChineseChars bool            `json:"handle_chinese_chars"`
		StripAccents *bool           `json:"strip_accents"`
		Lowercase    bool            `json:"lowercase"`
		StripLeft    bool            `json:"strip_left"`
		StripRight   bool            `json:"strip_right"`
		Prepend      string          `json:"prepend"`
		Pattern      json.RawMessage `json:"pattern"`
		Content      string          `json:"content"`
		Charsmap     []byte          `json:"precompiled_charsmap"`
	}
	if kind == "Sequence" {
		return sequence(raw, at, "normalizers", depth, r.normalizer)
	}
	if err := strictly(raw, &n, at); err != nil {
		return err
	}
	add := func(steps ...normalizer) { r.t.normalizers = append(r.t.normalizers, steps...) }
	switch kind {
	case "BertNormalizer":
		accents := n.Lowercase
		if n.StripAccents != nil {
			accents = *n.StripAccents
		}
		add(bert(n.CleanText, n.ChineseChars, accents, n.Lowercase)...)
	case "NFC":
		add(unicodeForm(norm.NFC, norm.NFD))
	case "NFD":
		add(unicodeForm(norm.NFD, norm.NFD))
	case "NFKC":
		add(unicodeForm(norm.NFKC, norm.NFKD))
	case "NFKD":
		add(unicodeForm(norm.NFKD, norm.NFKD))
	case "Lowercase":
		add(lowercase)
	case "Strip":
		add(strip(n.StripLeft, n.StripRight))
	case "StripAccents":
		add(without(unicode.IsMark))
	case "Nmt":
		add(nmt)
	case "Prepend":
		r.prefixing = r.prefixing || n.Prepend != ""
		add(prepend(n.Prepend))
	case "ByteLevel":
		r.bytewise = true
		add(aligned.inBytes)
	case "Replace":
		p, err := patternOf(n.Pattern, at)
		if err != nil {
			return err
		}
		add(replace(p, []rune(n.Content)))
	case "Precompiled":
		c, err := readCharsmap(n.Charsmap)
		if err != nil {
			return placed(at, "precompiled_charsmap: %w", err)
		}
		add(c.normalize)
	default:
		return placed(at, "a normalizer of type %q is not read", kind)
	}
	return nil
}

// patternOf reads {"String": ...} or {"Regex": ...}.
func patternOf(raw json.RawMessage, at string) (pattern, error) {
	at += ".pattern"
	var p struct{ String, Regex *string }
	if err := strictly(raw, &p, at); err != nil {
		return pattern{}, err
	}
	var found pattern
	var err error
	switch {
	case (p.String == nil) == (p.Regex == nil):
		err = fmt.Errorf("want a String or a Regex")
	case p.String != nil:
		found, err = literal(*p.String)
	case len(*p.Regex) > maxRegexp:
		err = fmt.Errorf("a regular expression of %d bytes, want at most %d", len(*p.Regex), maxRegexp)
	default:
		found, err = expression(*p.Regex)
	}
	if err != nil {
		return pattern{}, placed(at, "%w", err)
	}
	return found, nil
}

func (r *reader) preTokenizer(raw json.RawMessage, at string, depth int) error {
	kind, err := typeOf(raw, at)
	if err != nil {
		return err
	}
	if kind == "Sequence" {
		return sequence(raw, at, "pretokenizers", depth, r.preTokenizer)
	}
	yes := true
	p := struct {
		Type             string          `json:"type"`
		AddPrefixSpace   *bool           `json:"add_prefix_space"`
		TrimOffsets      bool            `json:"trim_offsets"` // the post-processor's alone counts
		UseRegex         bool            `json:"use_regex"`
		Replacement      string          `json:"replacement"`
		StrRep           string          `json:"str_rep"`
		PrependScheme    string          `json:"prepend_scheme"`
		Split            *bool           `json:"split"`
		Behavior         behavior        `json:"behavior"`
		IndividualDigits bool            `json:"individual_digits"`
		Delimiter        string          `json:"delimiter"`
		Pattern          json.RawMessage `json:"pattern"`
		Invert           bool            `json:"invert"`
	}{UseRegex: true, Replacement: "▁", Behavior: isolated, Split: &yes}
	if err := strictly(raw, &p, at); err != nil {
		return err
	}
	add := func(steps ...splitter) { r.t.splitters = append(r.t.splitters, steps...) }
	switch kind {
	case "BertPreTokenizer":
		add(bertWords...)
	case "ByteLevel":
		r.byteLevel(p.AddPrefixSpace == nil || *p.AddPrefixSpace, p.UseRegex)
	case "Metaspace":
		return r.metaspace(at, p.Replacement, p.PrependScheme, p.AddPrefixSpace, *p.Split)
	case "Whitespace":
		add(words)
	case "WhitespaceSplit":
		add(cutAt(whiteSpace, removed))
	case "Punctuation":
		if err := p.Behavior.check(at); err != nil {
			return err
		}
		add(cutAt(punctuation, p.Behavior))
	case "Digits":
		b := contiguous
		if p.IndividualDigits {
			b = isolated
		}
		add(cutAt(unicode.IsNumber, b))
	case "CharDelimiterSplit":
		delimiter, err := character(p.Delimiter)
		if err != nil {
			return placed(at, "delimiter: %w", err)
		}
		add(cutAt(func(c rune) bool { return c == delimiter }, removed))
	case "Split":
		if err := p.Behavior.check(at); err != nil {
			return err
		}
		found, err := patternOf(p.Pattern, at)
		if err != nil {
			return err
		}
		add(found.split(p.Behavior, p.Invert))
	default:
		return placed(at, "a pre-tokenizer of type %q is not read", kind)
	}
	return nil
}

func (r *reader) byteLevel(prefix, cut bool) {
	r.bytewise = true
	r.prefixing = r.prefixing || prefix
	if prefix {
		r.t.splitters = append(r.t.splitters, func(words []part, a aligned) []part {
			if a.runes[0] != ' ' {
				a = a.prepended(" ")
			}
			return append(words, part{a, -1})
		})
	}
	if cut {
		r.t.splitters = append(r.t.splitters, gpt2Words)
	}
	r.t.splitters = append(r.t.splitters, inBytes)
}

// metaspace writes spaces by a symbol, and cuts before it.
func (r *reader) metaspace(at, replacement, scheme string, prefix *bool, cut bool) error {
	symbol, err := character(replacement)
	if err != nil {
		return placed(at, "replacement: %w", err)
	}
	switch {
	case scheme == "" && (prefix == nil || *prefix):
		scheme = "always"
	case scheme == "":
		scheme = "never"
	case scheme != "always" && scheme != "first" && scheme != "never":
		return placed(at, "prepend_scheme is %q, want \"always\", \"first\" or \"never\"", scheme)
	case prefix != nil && *prefix == (scheme == "never"):
		return placed(at, "add_prefix_space is %v, and prepend_scheme %q", *prefix, scheme)
	}
	r.prefixing = r.prefixing || scheme != "never"
	r.t.splitters = append(r.t.splitters, func(words []part, a aligned) []part {
		a = a.mapped(func(c rune) rune {
			if c == ' ' {
				return symbol
			}
			return c
		})
		if a.runes[0] != symbol && (scheme == "always" || scheme == "first" && a.start == 0) {
			a = a.prepended(replacement)
		}
		return append(words, part{a, -1})
	})
	if cut {
		r.t.splitters = append(r.t.splitters, cutAt(func(c rune) bool { return c == symbol },
			mergedWithNext))
	}
	return nil
}

func character(text string) (rune, error) {
	r, size := utf8.DecodeRuneInString(text)
	if size == 0 || size != len(text) {
		return 0, fmt.Errorf("%q is not one character", text)
	}
	return r, nil
}

func (b behavior) check(at string) error {
	switch b {
	case removed, isolated, contiguous, mergedWithPrevious, mergedWithNext:
		return nil
	}
	return placed(at, "behavior %q, want %q, %q, %q, %q or %q", string(b), removed, isolated,
		contiguous, mergedWithPrevious, mergedWithNext)
}

func (r *reader) decoder(raw json.RawMessage, at string, depth int) error {
	kind, err := typeOf(raw, at)
	if err != nil {
		return err
	}
	if kind == "Sequence" {
		return sequence(raw, at, "decoders", depth, r.decoder)
	}
	yes := true
	d := struct {
		Type           string          `json:"type"`
		AddPrefixSpace *bool           `json:"add_prefix_space"` // of ByteLevel it says nothing here
		TrimOffsets    bool            `json:"trim_offsets"`     // nor these two
		UseRegex       bool            `json:"use_regex"`
		Prefix         string          `json:"prefix"`
		Cleanup        bool            `json:"cleanup"`
		Replacement    string          `json:"replacement"`
		StrRep         string          `json:"str_rep"`
		PrependScheme  string          `json:"prepend_scheme"`
		Split          bool            `json:"split"`
		Suffix         string          `json:"suffix"`
		Pattern        json.RawMessage `json:"pattern"`
		Content        string          `json:"content"`
		Start          int             `json:"start"`
		Stop           int             `json:"stop"`
	}{Prefix: Continuing, Cleanup: true, Replacement: "▁", Suffix: "</w>", AddPrefixSpace: &yes}
	if err := strictly(raw, &d, at); err != nil {
		return err
	}
	add := func(step decoder) { r.t.decoders = append(r.t.decoders, step) }
	switch kind {
	case "ByteLevel":
		add(decodeBytes)
	case "WordPiece":
		add(decodePieces(d.Prefix, d.Cleanup))
	case "Metaspace":
		symbol, err := character(d.Replacement)
		if err != nil {
			return placed(at, "replacement: %w", err)
		}
		prefixed := *d.AddPrefixSpace
		if d.PrependScheme != "" {
			prefixed = d.PrependScheme != "never"
		}
		add(decodeSpaces(symbol, prefixed))
	case "BPEDecoder":
		add(decodeSuffix(d.Suffix))
	case "ByteFallback":
		add(decodeFallback)
	case "Fuse":
		add(func(tokens []string) []string { return []string{strings.Join(tokens, "")} })
	case "Strip":
		c, err := character(d.Content)
		if err != nil {
			return placed(at, "content: %w", err)
		}
		if d.Start < 0 || d.Stop < 0 {
			return placed(at, "start %d and stop %d must not be negative", d.Start, d.Stop)
		}
		add(decodeStrip(string(c), d.Start, d.Stop))
	case "Replace":
		p, err := patternOf(d.Pattern, at)
		if err != nil {
			return err
		}
		put := replace(p, []rune(d.Content))
		add(func(tokens []string) []string {
			replaced := make([]string, len(tokens))
			for i, token := range tokens {
				replaced[i] = string(put(original(token)).runes)
			}
			return replaced
		})
	default:
		return placed(at, "a decoder of type %q is not read", kind)
	}
	return nil
}
