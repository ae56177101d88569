package subword

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Continuing is how WordPiece writes tokens that continue a word.
const Continuing = "##"

// longestWord is the number of characters from which on WordPiece takes a word for unknown.
const longestWord = 100

// Training says what is learned from texts.
type Training struct {
	Specials  []string // tokens with the first ids, into which no text is cut
	Size      int      // most ids, specials included; 0: no limit
	MinCount  int      // a pair that is seen less often is not merged; 0 means 1
	Lowercase bool     // texts are folded to lower case
}

// Vocabulary is what was learned: tokens by id, and what BPE merges, in the order in which it
// was learned.
type Vocabulary struct {
	Tokens []string
	Merges [][2]string
}

// TrainBPE learns byte-level BPE: words as GPT-2 cuts them, and the bytes as alphabet, so that
// no text has an unknown token.
func TrainBPE(training Training, texts iter.Seq[string]) (Vocabulary, error) {
	t := &Tokenizer{normalizers: lowered(training.Lowercase), splitters: byteLevel}
	return training.learn(t.count(texts), ByteSymbols(), "")
}

// TrainWordPiece learns WordPiece: words as BERT cuts them, and as alphabet the characters of
// the texts, at the beginning of a word and within.
func TrainWordPiece(training Training, texts iter.Seq[string]) (Vocabulary, error) {
	t := &Tokenizer{normalizers: lowered(training.Lowercase), splitters: bertWords}
	counts := t.count(texts)
	symbols := map[string]bool{}
	for word := range counts {
		for i, r := range word {
			symbols[string(r)] = true
			if i > 0 {
				symbols[Continuing+string(r)] = true
			}
		}
	}
	alphabet := slices.SortedFunc(maps.Keys(symbols), func(a, b string) int {
		if x, y := strings.HasPrefix(a, Continuing), strings.HasPrefix(b, Continuing); x != y {
			if y {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	v, err := training.learn(counts, alphabet, Continuing)
	v.Merges = nil // the longest tokens are taken, however they came about
	return v, err
}

// BPE returns the tokenizer of a vocabulary that TrainBPE could have learned.
func BPE(v Vocabulary, training Training) (*Tokenizer, error) {
	ids, err := index(v.Tokens, len(training.Specials))
	if err != nil {
		return nil, err
	}
	for _, symbol := range ByteSymbols() {
		if _, ok := ids[symbol]; !ok {
			return nil, fmt.Errorf("the vocabulary has no token %q of byte %#02x", symbol,
				byteOf[[]rune(symbol)[0]])
		}
	}
	for token := range ids {
		for _, r := range token {
			if _, ok := byteOf[r]; !ok {
				return nil, fmt.Errorf("token %q: %q stands for no byte", token, r)
			}
		}
	}
	merges, err := ranked(ids, v.Merges, "")
	if err != nil {
		return nil, err
	}
	return &Tokenizer{
		normalizers: lowered(training.Lowercase),
		splitters:   byteLevel,
		model:       &bpe{ids: ids, merges: merges, unknown: -1},
		trims:       []trim{{}},
		decoders:    []decoder{decodeBytes},
		tokens:      v.Tokens,
		unknown:     -1,
		spaced:      true,
	}, nil
}

// WordPiece returns the tokenizer of a vocabulary that TrainWordPiece could have learned.
// Unknown is the id of the token of words that it cannot write.
func WordPiece(v Vocabulary, training Training, unknown int32) (*Tokenizer, error) {
	ids, err := index(v.Tokens, len(training.Specials))
	if err != nil {
		return nil, err
	}
	t := &Tokenizer{
		normalizers: lowered(training.Lowercase),
		splitters:   bertWords,
		model:       newWordPiece(ids, unknown, Continuing, longestWord),
		decoders:    []decoder{decodePieces(Continuing, false)},
		tokens:      v.Tokens,
		unknown:     unknown,
	}
	for token := range ids {
		word := strings.TrimPrefix(token, Continuing)
		if cut := t.words(original(word)); len(cut) != 1 || string(cut[0].runes) != word {
			return nil, fmt.Errorf("token %q is neither a word nor a part of one", token)
		}
	}
	return t, nil
}

// byteLevel are words as GPT-2 cuts them, in symbols of bytes.
var byteLevel = []splitter{gpt2Words, inBytes}

func lowered(is bool) []normalizer {
	if is {
		return []normalizer{lowercase}
	}
	return nil
}

// index returns the ids of the tokens from the first on.
func index(tokens []string, first int) (map[string]int32, error) {
	ids := make(map[string]int32, len(tokens))
	for i := first; i < len(tokens); i++ {
		if before, ok := ids[tokens[i]]; ok {
			return nil, fmt.Errorf("token %q has the ids %d and %d", tokens[i], before, i)
		}
		ids[tokens[i]] = int32(i)
	}
	return ids, nil
}

// ranked returns the merges of a vocabulary by their pairs. Of a pair that occurs twice the
// last counts.
func ranked(ids map[string]int32, merges [][2]string, prefix string) (map[pair]merged, error) {
	byPair := make(map[pair]merged, len(merges))
	for rank, m := range merges {
		var p pair
		for i, to := range []*int32{&p.left, &p.right} {
			id, ok := ids[m[i]]
			if !ok {
				return nil, fmt.Errorf("merge %d, %q with %q: the vocabulary has no token %q", rank, m[0],
					m[1], m[i])
			}
			*to = id
		}
		right := strings.TrimPrefix(m[1], prefix)
		id, ok := ids[m[0]+right]
		if !ok {
			return nil, fmt.Errorf("merge %d, %q with %q: the vocabulary has no token %q", rank, m[0],
				m[1], m[0]+right)
		}
		byPair[p] = merged{rank, id}
	}
	return byPair, nil
}

// count counts the words of texts.
func (t *Tokenizer) count(texts iter.Seq[string]) map[string]int {
	counts := map[string]int{}
	for text := range texts {
		for _, word := range t.words(original(text)) {
			counts[string(word.runes)]++
		}
	}
	return counts
}

// learn merges the most frequent pair of neighbours until the vocabulary is full; of equally
// frequent ones that with the smallest ids. Words begin as symbols of the alphabet, all but
// their first with the prefix. It does what the BpeTrainer of the library tokenizers does, its
// queue included: what a pair is counted at there may be out of date, and is looked up anew
// when its turn comes.
func (training Training) learn(counts map[string]int, alphabet []string, prefix string) (
	Vocabulary, error) {
	v := Vocabulary{Tokens: append(slices.Clone(training.Specials), alphabet...)}
	if training.Size > 0 && len(v.Tokens) > training.Size {
		return v, fmt.Errorf("size %d of a vocabulary leaves no room for %d special tokens and an "+
			"alphabet of %d", training.Size, len(training.Specials), len(alphabet))
	}
	ids, err := index(v.Tokens, len(training.Specials))
	if err != nil {
		return v, err
	}
	l := newLearner(counts, ids, prefix)
	var pairs []pair
	for training.Size == 0 || len(v.Tokens) < training.Size {
		next, ok := l.next(max(training.MinCount, 1))
		if !ok {
			break
		}
		left, right := v.Tokens[next.left], v.Tokens[next.right]
		token := left + strings.TrimPrefix(right, prefix)
		id, known := ids[token]
		if !known {
			id = int32(len(v.Tokens))
			v.Tokens = append(v.Tokens, token)
			ids[token] = id
		}
		if at := slices.Index(pairs, next.pair); known && at >= 0 {
			pairs = slices.Delete(pairs, at, at+1)
			v.Merges = slices.Delete(v.Merges, at, at+1)
		}
		pairs, v.Merges = append(pairs, next.pair), append(v.Merges, [2]string{left, right})
		l.join(next, id)
	}
	return v, nil
}

// learner holds words as they are merged so far, and counts of their pairs.
type learner struct {
	words  [][]int32
	counts []int // of words
	pairs  map[pair]int
	queue  queue[frequency]
	found  []pair         // where that are not in the queue yet
	where  map[pair][]int // words with pairs of found
	pushed int
}

func newLearner(counts map[string]int, ids map[string]int32, prefix string) *learner {
	l := &learner{pairs: map[pair]int{}, where: map[pair][]int{},
		queue: queue[frequency]{before: (*frequency).before}}
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		var symbols []int32
		for i, r := range word {
			if i == 0 {
				symbols = append(symbols, ids[string(r)])
			} else {
				symbols = append(symbols, ids[prefix+string(r)])
			}
		}
		at := len(l.words)
		l.words, l.counts = append(l.words, symbols), append(l.counts, counts[word])
		for i := range len(symbols) - 1 {
			l.count(pair{symbols[i], symbols[i+1]}, 1, at)
		}
	}
	l.push()
	return l
}

// count adds to what a pair is counted at by how often a word has it more or less.
func (l *learner) count(p pair, more, word int) {
	l.pairs[p] += more * l.counts[word]
	if more < 0 {
		return
	}
	words, ok := l.where[p]
	if !ok {
		l.found = append(l.found, p)
	}
	if len(words) == 0 || words[len(words)-1] != word {
		l.where[p] = append(words, word)
	}
}

// push puts the pairs that were found into the queue.
func (l *learner) push() {
	for _, p := range l.found {
		if n := l.pairs[p]; n > 0 {
			l.queue.push(frequency{p, n, l.where[p], l.pushed})
			l.pushed++
		}
	}
	l.found = l.found[:0]
	clear(l.where)
}

// next takes the most frequent pair, if any is as frequent as it must be.
func (l *learner) next(least int) (frequency, bool) {
	for len(l.queue.items) > 0 {
		top := l.queue.pop()
		if now := l.pairs[top.pair]; now != top.count {
			top.count = now
			l.queue.push(top)
			continue
		}
		return top, top.count >= least
	}
	return frequency{}, false
}

// join merges a pair in the words that have it.
func (l *learner) join(f frequency, id int32) {
	for _, at := range f.words {
		word := l.words[at]
		for i := 0; i+1 < len(word); i++ {
			if word[i] != f.left || word[i+1] != f.right {
				continue
			}
			if i > 0 {
				l.count(pair{word[i-1], f.left}, -1, at)
				l.count(pair{word[i-1], id}, 1, at)
			}
			word[i] = id
			word = slices.Delete(word, i+1, i+2)
			if i+1 < len(word) {
				l.count(pair{f.right, word[i+1]}, -1, at)
				l.count(pair{id, word[i+1]}, 1, at)
			}
		}
		l.words[at] = word
	}
	l.push()
}

// frequency is a pair, what it was counted at, and words that have it.
type frequency struct {
	pair
	count  int
	words  []int
	pushed int // after how many others
}

func (f *frequency) before(other *frequency) bool {
	switch {
	case f.count != other.count:
		return f.count > other.count
	case f.left != other.left:
		return f.left < other.left
	case f.right != other.right:
		return f.right < other.right
	}
	return f.pushed < other.pushed
}
