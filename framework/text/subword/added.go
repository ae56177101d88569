package subword

import "unicode"

// added is a token that is found in the text before it is cut into words.
type added struct {
	id         int32
	singleWord bool // not within a word
	left       bool // takes the white space before it
	right      bool // and behind it
}

// addedSet are added tokens by what they are written as.
type addedSet struct {
	trie   trie
	tokens []added
}

func (s *addedSet) add(content []rune, token added) {
	s.trie.add(content, int32(len(s.tokens)))
	s.tokens = append(s.tokens, token)
}

// part is a piece of a text: an added token, or text that is to be cut.
type part struct {
	aligned
	id int32 // -1: text
}

// split finds the tokens in a text, at every place the longest.
func (s *addedSet) split(parts []part, a aligned) []part {
	if s == nil {
		return append(parts, part{a, -1})
	}
	done := 0
	for at := 0; at < len(a.runes); {
		found, length := s.trie.longest(a.runes[at:])
		if length == 0 {
			at++
			continue
		}
		token := s.tokens[found]
		lo, hi := at, at+length
		at = hi
		if token.singleWord && (lo > 0 && wordRune(a.runes[lo-1]) ||
			hi < len(a.runes) && wordRune(a.runes[hi])) {
			continue
		}
		if token.left {
			for lo > done && whiteSpace(a.runes[lo-1]) {
				lo--
			}
		}
		if token.right {
			for hi < len(a.runes) && whiteSpace(a.runes[hi]) {
				hi++
			}
		}
		lo = max(lo, done)
		if done < lo {
			parts = append(parts, part{a.slice(done, lo), -1})
		}
		parts = append(parts, part{a.slice(lo, hi), token.id})
		done, at = hi, max(at, hi)
	}
	if done < len(a.runes) {
		parts = append(parts, part{a.slice(done, len(a.runes)), -1})
	}
	return parts
}

// wordRune reports whether a character is one of words, as \w is in Unicode's definition.
// https://www.unicode.org/reports/tr18/#Compatibility_Properties
func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) ||
		unicode.In(r, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic,
			unicode.Join_Control)
}

// trie holds strings, each with a value.
type trie struct {
	next   map[edge]int32 // node → node; the root is 0
	values []int32        // of nodes; -1: none
}

type edge struct {
	node int32
	r    rune
}

func (t *trie) add(key []rune, value int32) {
	if t.next == nil {
		t.next, t.values = map[edge]int32{}, []int32{-1}
	}
	node := int32(0)
	for _, r := range key {
		to, ok := t.next[edge{node, r}]
		if !ok {
			to = int32(len(t.values))
			t.next[edge{node, r}] = to
			t.values = append(t.values, -1)
		}
		node = to
	}
	t.values[node] = value
}

// prefixes calls f for every string that the text begins with, the shortest first.
func (t *trie) prefixes(text []rune, f func(value int32, length int)) {
	node := int32(0)
	for i, r := range text {
		to, ok := t.next[edge{node, r}]
		if !ok {
			return
		}
		if node = to; t.values[node] >= 0 {
			f(t.values[node], i+1)
		}
	}
}

// longest is the longest string that the text begins with; its length is 0 if there is none.
func (t *trie) longest(text []rune) (value int32, length int) {
	t.prefixes(text, func(v int32, n int) { value, length = v, n })
	return value, length
}
