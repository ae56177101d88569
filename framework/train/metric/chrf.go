package metric

import (
	"fmt"
	"math"
	"strings"
)

const (
	CHRFOrder = 6 // the longest n-gram of characters
	chrfBeta  = 2 // how much more recall weighs than precision
)

// CHRF sums the n-grams of characters of texts and of their references, for the corpus
// score chrF2 of Popović 2015, https://aclanthology.org/W15-3049, as sacreBLEU computes it
// by default. The zero value has summed nothing.
type CHRF struct {
	Said  [CHRFOrder]int64 // n-grams of the texts, where the reference is as long
	There [CHRFOrder]int64 // of the references
	Right [CHRFOrder]int64 // of both
}

// CHRFSignature says what is computed, as sacreBLEU 2.6.0 writes it for so many references.
func CHRFSignature(references int) string {
	return fmt.Sprintf("nrefs:%d|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0", references)
}

// Count adds a text, against that of its references by which it scores best.
func (c *CHRF) Count(text string, references ...string) {
	said := characterGrams(text)
	var best CHRF
	bestScore := -1.0
	for _, r := range references {
		var one CHRF
		there := characterGrams(r)
		for n := range CHRFOrder {
			for gram, count := range said[n] {
				if len(there[n]) > 0 {
					one.Said[n] += count
				}
				one.Right[n] += min(count, there[n][gram])
			}
			for _, count := range there[n] {
				one.There[n] += count
			}
		}
		if score := one.score(); score > bestScore {
			best, bestScore = one, score
		}
	}
	c.Add(best)
}

// Add adds what another part of the texts summed.
func (c *CHRF) Add(other CHRF) {
	for n := range CHRFOrder {
		c.Said[n] += other.Said[n]
		c.There[n] += other.There[n]
		c.Right[n] += other.Right[n]
	}
}

// Score returns chrF2 from 0 to 100, the F-score with β = 2 of the mean precision and the
// mean recall over the orders that occur; NaN without any reference.
func (c *CHRF) Score() float64 {
	if c.There == [CHRFOrder]int64{} && c.Said == [CHRFOrder]int64{} {
		return math.NaN()
	}
	return c.score()
}

// Sums returns what head.CHRF names.
func (c *CHRF) Sums() []float64 {
	var sums []float64
	for _, group := range [][CHRFOrder]int64{c.Said, c.There, c.Right} {
		for _, n := range group {
			sums = append(sums, float64(n))
		}
	}
	return sums
}

// chrfOf reads the rows of Sums; more orders than there are do not count.
func chrfOf(rows [][]float64) *CHRF {
	c := &CHRF{}
	for n := range min(CHRFOrder, len(rows[0])) {
		c.Said[n], c.There[n], c.Right[n] = int64(rows[0][n]), int64(rows[1][n]), int64(rows[2][n])
	}
	return c
}

// score is Score, with 0 for NaN.
func (c *CHRF) score() float64 {
	var precision, recall, orders float64
	for n := range CHRFOrder {
		if c.Said[n] > 0 && c.There[n] > 0 {
			precision += float64(c.Right[n]) / float64(c.Said[n])
			recall += float64(c.Right[n]) / float64(c.There[n])
			orders++
		}
	}
	if orders == 0 || precision+recall == 0 {
		return 0
	}
	precision, recall = precision/orders, recall/orders
	const factor = chrfBeta * chrfBeta
	return 100 * (1 + factor) * precision * recall / (factor*precision + recall)
}

// characterGrams counts the n-grams of the characters that are no white space.
func characterGrams(text string) (grams [CHRFOrder]map[string]int64) {
	characters := []rune(strings.Join(strings.FieldsFunc(text, blank), ""))
	for n := range CHRFOrder {
		grams[n] = map[string]int64{}
		for i := n + 1; i <= len(characters); i++ {
			grams[n][string(characters[i-n-1:i])]++
		}
	}
	return grams
}
