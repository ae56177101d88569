package subword

import (
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
