package subword

// unigram cuts a word into the tokens whose scores, logarithms of probabilities, have the
// largest sum. Kudo 2018, https://arxiv.org/abs/1804.10959, section 3.2.
type unigram struct {
	trie     trie
	ids      map[string]int32 // for bytes
	scores   []float64
	unknown  int32
	penalty  float64 // score of an unknown character
	fallback bool    // unknown characters are written by tokens of their bytes
}

// unknownPenalty is what an unknown character scores below the worst token.
// https://github.com/google/sentencepiece, unigram_model.cc, kUnkPenalty.
const unknownPenalty = 10

func (m *unigram) cut(word []rune) []symbol {
	type node struct {
		id    int32
		from  int // -1: not reached
		score float64
	}
	best := make([]node, len(word)+1)
	for i := range best {
		best[i].from = -1
	}
	for lo := range word {
		so := best[lo].score
		reach := func(id int32, hi int, score float64) {
			if n := &best[hi]; n.from < 0 || score > n.score {
				*n = node{id, lo, score}
			}
		}
		single := false
		m.trie.prefixes(word[lo:], func(id int32, length int) {
			reach(id, lo+length, m.scores[id]+so)
			single = single || length == 1
		})
		if !single {
			reach(m.unknown, lo+1, m.penalty+so)
		}
	}
	var backwards []symbol
	for hi := len(word); hi > 0; {
		n := best[hi]
		last := len(backwards) - 1
		if n.id == m.unknown && last >= 0 && backwards[last].id == m.unknown {
			backwards[last].lo = n.from // unknown neighbours are one
		} else {
			backwards = append(backwards, symbol{n.id, n.from, hi})
		}
		hi = n.from
	}
	symbols := make([]symbol, 0, len(backwards))
	for i := len(backwards) - 1; i >= 0; i-- {
		s := backwards[i]
		if s.id == m.unknown && m.fallback {
			if ids, ok := byteTokens(m.ids, string(word[s.lo:s.hi])); ok {
				for _, id := range ids {
					symbols = append(symbols, symbol{id, s.lo, s.hi})
				}
				continue
			}
		}
		symbols = append(symbols, s)
	}
	return symbols
}
