package wire

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// valid makes a message fit for the wire: valid UTF-8 of at most limit bytes.
func valid(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// utf8Text refuses text that protocol buffers cannot carry.
func utf8Text(what, s string) error {
	if utf8.ValidString(s) {
		return nil
	}
	at := 0
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd") {
			at = i
			break
		}
	}
	return fmt.Errorf("%s: byte %d is not UTF-8; decode the file by its encoding, "+
		"or use strings.ToValidUTF8", what, at)
}
