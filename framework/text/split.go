package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is a range of characters (Unicode code points) of a text, [Start, End).
// Tokens that come from no text, such as the class token, have span {-1, -1}.
type Span struct{ Start, End int }

// piece is a token before it is numbered.
type piece struct {
	text string
	span Span
}

// split cuts text into the tokens of a kind.
func split(kind Kind, lowercase bool, text string) []piece {
	var pieces []piece
	switch kind {
	case Words:
		pieces = splitWords(text)
	case Characters:
		pieces = splitCharacters(text)
	case Bytes:
		return splitBytes(text) // their case is left alone
	}
	if lowercase {
		for i := range pieces {
			pieces[i].text = strings.ToLower(pieces[i].text)
		}
	}
	return pieces
}

// splitWords cuts text into runs of letters, marks, digits and underscores;
// every other character that is not white space is a word of its own.
func splitWords(text string) []piece {
	var pieces []piece
	start, startCharacter, character := -1, 0, 0
	flush := func(end int) {
		if start >= 0 {
			pieces = append(pieces, piece{text[start:end], Span{startCharacter, character}})
			start = -1
		}
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || r == '_':
			if start < 0 {
				start, startCharacter = i, character
			}
		default:
			flush(i)
			if !unicode.IsSpace(r) {
				pieces = append(pieces, piece{string(r), Span{character, character + 1}})
			}
		}
		character++
	}
	flush(len(text))
	return pieces
}

func splitCharacters(text string) []piece {
	pieces := make([]piece, 0, len(text))
	character := 0
	for _, r := range text {
		pieces = append(pieces, piece{string(r), Span{character, character + 1}})
		character++
	}
	return pieces
}

// splitBytes gives every byte the span of the character it belongs to.
func splitBytes(text string) []piece {
	pieces := make([]piece, 0, len(text))
	character := 0
	for i := 0; i < len(text); character++ {
		_, size := utf8.DecodeRuneInString(text[i:])
		for range size {
			pieces = append(pieces, piece{text[i : i+1], Span{character, character + 1}})
			i++
		}
	}
	return pieces
}
