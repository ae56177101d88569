package metric

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode"
)

// bleuOrder is the longest n-gram that counts.
const bleuOrder = 4

// BLEU sums the n-grams of texts and of their references, for the corpus score of Papineni
// et al. 2002, https://aclanthology.org/P02-1040, as sacreBLEU computes it by default
// (Post 2018, https://arxiv.org/abs/1804.08771). The zero value has summed nothing.
type BLEU struct {
	Right      [bleuOrder]int64 // n-grams of the texts that are in the reference
	All        [bleuOrder]int64 // n-grams of the texts
	Length     int64            // tokens of the texts
	References int64            // tokens of the references nearest in length
}

// BLEUSignature says what is computed, as sacreBLEU 2.6.0 writes it for so many
// references.
func BLEUSignature(references int) string {
	return fmt.Sprintf("nrefs:%d|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0", references)
}

// Count adds a text and its references.
func (b *BLEU) Count(text string, references ...string) {
	said := tokens13a(text)
	allowed := map[string]int64{}
	nearest := -1
	for _, r := range references {
		words := tokens13a(r)
		for gram, n := range ngrams(words) {
			allowed[gram] = max(allowed[gram], n)
		}
		length, before := len(words), nearest
		closer := abs(length-len(said)) - abs(before-len(said))
		if before < 0 || closer < 0 || closer == 0 && length < before {
			nearest = length
		}
	}
	for gram, n := range ngrams(said) {
		order := strings.Count(gram, " ")
		b.All[order] += n
		b.Right[order] += min(n, allowed[gram])
	}
	b.Length += int64(len(said))
	b.References += int64(max(nearest, 0))
}

// Add adds what another part of the texts summed.
func (b *BLEU) Add(other BLEU) {
	for n := range bleuOrder {
		b.Right[n] += other.Right[n]
		b.All[n] += other.All[n]
	}
	b.Length += other.Length
	b.References += other.References
}

// Score returns BLEU from 0 to 100: the brevity penalty times the geometric mean of the
// precisions of 1 to 4-grams. A precision of 0 is replaced by 1/(2ᵏ·n-grams) where it is
// the kth (Chen & Cherry 2014, https://aclanthology.org/W14-3346, method 3). It is NaN
// without any text.
func (b *BLEU) Score() float64 {
	if b.References == 0 && b.Length == 0 {
		return math.NaN()
	}
	if b.Right == [bleuOrder]int64{} {
		return 0
	}
	logs, smoothing := 0.0, 1.0
	for n := range bleuOrder {
		right, all := float64(b.Right[n]), float64(b.All[n])
		if all == 0 { // no text is as long: the mean of logarithms has no value, and is none
			return 0
		}
		if right == 0 {
			smoothing *= 2
			right = 1 / smoothing
		}
		logs += math.Log(100 * right / all)
	}
	penalty := 1.0
	if b.Length < b.References {
		penalty = math.Exp(1 - float64(b.References)/float64(b.Length))
	}
	return penalty * math.Exp(logs/bleuOrder)
}

// Sums returns what head.BLEU names.
func (b *BLEU) Sums() []float64 {
	var sums []float64
	for _, group := range [][bleuOrder]int64{b.Right, b.All} {
		for _, n := range group {
			sums = append(sums, float64(n))
		}
	}
	return append(sums, float64(b.Length), float64(b.References))
}

// bleuOf reads the rows of Sums.
func bleuOf(rows [][]float64) *BLEU {
	b := &BLEU{Length: int64(rows[2*bleuOrder][0]), References: int64(rows[2*bleuOrder+1][0])}
	for n := range bleuOrder {
		b.Right[n], b.All[n] = int64(rows[n][0]), int64(rows[bleuOrder+n][0])
	}
	return b
}

// ngrams counts the n-grams of 1 to bleuOrder words, which hold no blank.
func ngrams(words []string) map[string]int64 {
	counts := map[string]int64{}
	for n := 1; n <= bleuOrder; n++ {
		for i := n; i <= len(words); i++ {
			counts[strings.Join(words[i-n:i], " ")]++
		}
	}
	return counts
}

// rules13a are the tokenization of mteval-v13a, which WMT scores by: punctuation apart,
// but for points and commas between digits and hyphens in words.
var rules13a = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile("([{-~[-` -&(-+:-@/])"), " $1 "},
	{regexp.MustCompile(`([^0-9])([.,])`), "$1 $2 "},
	{regexp.MustCompile(`([.,])([^0-9])`), " $1 $2"},
	{regexp.MustCompile(`([0-9])(-)`), "$1 $2 "},
}

var entities13a = strings.NewReplacer("<skipped>", "", "-\n", "", "\n", " ")

// tokens13a splits a text as mteval-v13a does.
func tokens13a(text string) []string {
	text = entities13a.Replace(strings.TrimRightFunc(text, blank))
	for _, entity := range [][2]string{{"&quot;", `"`}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}} {
		text = strings.ReplaceAll(text, entity[0], entity[1])
	}
	text = " " + text + " "
	for _, rule := range rules13a {
		text = rule.pattern.ReplaceAllString(text, rule.with)
	}
	return strings.FieldsFunc(text, blank)
}

// blank reports white space, with the four separators of ASCII.
func blank(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

func abs(n int) int { return max(n, -n) }
