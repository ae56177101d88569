package subword

// wordPiece cuts a word into the longest tokens from the left. A word of which a part is in no
// token is unknown as a whole. Schuster and Nakajima 2012; Devlin et al. 2019,
// https://github.com/google-research/bert/blob/master/tokenization.py, WordpieceTokenizer.
type wordPiece struct {
	ids     map[string]int32
	unknown int32
	prefix  string // of every token but a word's first
	most    int    // characters; a longer word is unknown
	longest int    // bytes of a token
}

func newWordPiece(ids map[string]int32, unknown int32, prefix string, most int) *wordPiece {
	m := &wordPiece{ids: ids, unknown: unknown, prefix: prefix, most: most}
	for token := range ids {
		m.longest = max(m.longest, len(token))
	}
	return m
}

func (m *wordPiece) cut(word []rune) []symbol {
	unknown := []symbol{{m.unknown, 0, len(word)}}
	if len(word) > m.most {
		return unknown
	}
	var symbols []symbol
	var key []byte
	for lo := 0; lo < len(word); {
		key = key[:0]
		if lo > 0 {
			key = append(key, m.prefix...)
		}
		found := symbol{hi: -1}
		for hi := lo; hi < len(word) && len(key) < m.longest; {
			key = append(key, string(word[hi])...)
			hi++
			if id, ok := m.ids[string(key)]; ok {
				found = symbol{id, lo, hi}
			}
		}
		if found.hi < 0 {
			return unknown
		}
		symbols = append(symbols, found)
		lo = found.hi
	}
	return symbols
}
