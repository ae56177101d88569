package subword

import "fmt"

// bpe merges neighbouring symbols of a word, the pair that was learned first before others,
// until none is left. Sennrich et al. 2016, https://arxiv.org/abs/1508.07909, algorithm 1.
type bpe struct {
	ids      map[string]int32
	merges   map[pair]merged
	unknown  int32  // of a symbol that the vocabulary lacks; -1: it is left out
	prefix   string // of every symbol but a word's first
	suffix   string // of a word's last symbol
	fuse     bool   // neighbouring unknown symbols are one
	fallback bool   // unknown symbols are written by tokens of their bytes
	whole    bool   // a word of the vocabulary is never cut
}

type pair struct{ left, right int32 }

// merged is what a pair becomes, and when it was learned.
type merged struct {
	rank int
	id   int32
}

// symbol is a token of a word, of the runes [lo, hi).
type symbol struct {
	id     int32
	lo, hi int
}

func (m *bpe) cut(word []rune) []symbol {
	if m.whole {
		if id, ok := m.ids[string(word)]; ok {
			return []symbol{{id, 0, len(word)}}
		}
	}
	return m.merge(m.symbols(word))
}

// symbols are what a word is made of before anything is merged.
func (m *bpe) symbols(word []rune) []symbol {
	symbols := make([]symbol, 0, len(word))
	var key []byte
	for i, r := range word {
		key = key[:0]
		if i > 0 {
			key = append(key, m.prefix...)
		}
		key = append(key, string(r)...)
		if i == len(word)-1 {
			key = append(key, m.suffix...)
		}
		id, ok := m.ids[string(key)]
		if !ok && m.fallback {
			if ids, ok := byteTokens(m.ids, string(key)); ok {
				for _, id := range ids {
					symbols = append(symbols, symbol{id, i, i + 1})
				}
				continue
			}
		}
		last := len(symbols) - 1
		switch {
		case ok:
			symbols = append(symbols, symbol{id, i, i + 1})
		case m.unknown < 0:
		case m.fuse && last >= 0 && symbols[last].id == m.unknown && symbols[last].hi == i:
			symbols[last].hi = i + 1
		default:
			symbols = append(symbols, symbol{m.unknown, i, i + 1})
		}
	}
	return symbols
}

// byteTokens are the tokens <0x00> to <0xFF> of a text, if the vocabulary has them all.
func byteTokens(ids map[string]int32, text string) ([]int32, bool) {
	tokens := make([]int32, len(text))
	for i := range len(text) {
		id, ok := ids[fmt.Sprintf("<0x%02X>", text[i])]
		if !ok {
			return nil, false
		}
		tokens[i] = id
	}
	return tokens, true
}

// merge joins symbols in the order of ranks, of equal ones the leftmost first.
func (m *bpe) merge(symbols []symbol) []symbol {
	n := len(symbols)
	if n < 2 {
		return symbols
	}
	// A symbol that is joined to the one before it has next = -1.
	links := make([]int, 2*n)
	next, before := links[:n], links[n:]
	found := queue[candidate]{make([]candidate, 0, n), (*candidate).before}
	look := func(i int) {
		if i >= 0 && next[i] < n {
			if to, ok := m.merges[pair{symbols[i].id, symbols[next[i]].id}]; ok {
				found.push(candidate{to, i, symbols[i].id, symbols[next[i]].id})
			}
		}
	}
	for i := range symbols {
		next[i], before[i] = i+1, i-1
	}
	for i := range n - 1 {
		look(i)
	}
	for len(found.items) > 0 {
		c := found.pop()
		i := c.at
		j := next[i]
		if j < 0 || j >= n || symbols[i].id != c.left || symbols[j].id != c.right {
			continue // one of the two has become another
		}
		symbols[i].id, symbols[i].hi = c.to.id, symbols[j].hi
		next[i], next[j] = next[j], -1
		if next[i] < n {
			before[next[i]] = i
		}
		look(before[i])
		look(i)
	}
	kept := symbols[:0]
	for i, s := range symbols {
		if next[i] >= 0 {
			kept = append(kept, s)
		}
	}
	return kept
}

// candidate is a pair that can be joined, at the symbol on its left.
type candidate struct {
	to          merged
	at          int
	left, right int32
}

func (c *candidate) before(other *candidate) bool {
	if c.to.rank != other.to.rank {
		return c.to.rank < other.to.rank
	}
	return c.at < other.at
}
