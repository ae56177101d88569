package subword

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A decoder makes other tokens of tokens, which are a text once they are joined.
type decoder func(tokens []string) []string

// decoded joins tokens; without a decoder there are spaces between them.
func decoded(decoders []decoder, tokens []string) string {
	if len(decoders) == 0 {
		return strings.Join(tokens, " ")
	}
	for _, decode := range decoders {
		tokens = decode(tokens)
	}
	return strings.Join(tokens, "")
}

// decodeBytes reads tokens as symbols of bytes. What is no UTF-8 is written U+FFFD.
func decodeBytes(tokens []string) []string {
	var text []byte
	for _, token := range tokens {
		before := len(text)
		for _, r := range token {
			b, ok := byteOf[r]
			if !ok {
				text = append(text[:before], token...)
				break
			}
			text = append(text, b)
		}
	}
	return []string{lossy(text)}
}

// decodePieces puts spaces between words, whose later pieces begin with the prefix.
func decodePieces(prefix string, cleanup bool) decoder {
	return func(tokens []string) []string {
		texts := make([]string, len(tokens))
		for i, token := range tokens {
			if i > 0 {
				rest, ok := strings.CutPrefix(token, prefix)
				if token = rest; !ok {
					token = " " + token
				}
			}
			if cleanup {
				token = tidy(token)
			}
			texts[i] = token
		}
		return texts
	}
}

// tidy takes the spaces away that English does not write.
// https://github.com/huggingface/tokenizers, decoders/wordpiece.rs, cleanup.
func tidy(text string) string {
	for _, row := range [][2]string{{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"},
		{" n't", "n't"}, {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"},
		{" 're", "'re"}} {
		text = strings.ReplaceAll(text, row[0], row[1])
	}
	return text
}

// lossy is text of bytes, in which what is no UTF-8 is U+FFFD: one for every longest beginning
// of a character, as the Unicode Standard recommends (section 3.9, table 3-8).
func lossy(bytes []byte) string {
	var text strings.Builder
	for len(bytes) > 0 {
		r, size := utf8.DecodeRune(bytes)
		if r == utf8.RuneError && size == 1 {
			for size < len(bytes) && size < utf8.UTFMax && beginning(bytes[:size+1]) {
				size++
			}
		}
		text.WriteRune(r)
		bytes = bytes[size:]
	}
	return text.String()
}

// beginning reports whether bytes are the beginning of a character, which lacks some.
func beginning(bytes []byte) bool { return !utf8.FullRune(bytes) }

// decodeSpaces writes spaces for their symbol, none before the text if one was put there.
func decodeSpaces(symbol rune, prefixed bool) decoder {
	return func(tokens []string) []string {
		texts := make([]string, len(tokens))
		for i, token := range tokens {
			with := " "
			if i == 0 && prefixed {
				with = ""
			}
			texts[i] = strings.ReplaceAll(token, string(symbol), with)
		}
		return texts
	}
}

// decodeSuffix writes a space for what the last token of a word ends with.
func decodeSuffix(suffix string) decoder {
	return func(tokens []string) []string {
		texts := make([]string, len(tokens))
		for i, token := range tokens {
			with := " "
			if i == len(tokens)-1 {
				with = ""
			}
			texts[i] = strings.ReplaceAll(token, suffix, with)
		}
		return texts
	}
}

// decodeFallback joins tokens of bytes. Bytes that are no text are U+FFFD each.
func decodeFallback(tokens []string) []string {
	var texts []string
	var bytes []byte
	flush := func() {
		if utf8.Valid(bytes) && len(bytes) > 0 {
			texts = append(texts, string(bytes))
		} else {
			for range bytes {
				texts = append(texts, "\uFFFD")
			}
		}
		bytes = bytes[:0]
	}
	for _, token := range tokens {
		if len(token) == 6 && token[:3] == "<0x" && token[5] == '>' {
			if n, err := strconv.ParseUint(token[3:5], 16, 8); err == nil {
				bytes = append(bytes, byte(n))
				continue
			}
		}
		flush()
		texts = append(texts, token)
	}
	flush()
	return texts
}

// decodeStrip takes at most so many characters from the ends of every token.
func decodeStrip(character string, start, stop int) decoder {
	return func(tokens []string) []string {
		texts := make([]string, len(tokens))
		for i, token := range tokens {
			for n := 0; n < start && strings.HasPrefix(token, character); n++ {
				token = strings.TrimPrefix(token, character)
			}
			for n := 0; n < stop && strings.HasSuffix(token, character); n++ {
				token = strings.TrimSuffix(token, character)
			}
			texts[i] = token
		}
		return texts
	}
}
