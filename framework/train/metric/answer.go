package metric

import (
	"slices"
	"strings"
	"unicode"
)

// ExactMatch reports whether an answer is the reference, both normalised: without case,
// punctuation, articles and superfluous white space. Rajpurkar et al. 2016,
// https://arxiv.org/abs/1606.05250, section 6.1. No answer is "".
func ExactMatch(reference, answer string) bool {
	return normalise(reference) == normalise(answer)
}

// AnswerF1 returns the F1 of the words of an answer and of the reference, normalised as in
// ExactMatch; where one of them is empty 1 if both are (Rajpurkar et al. 2018,
// https://arxiv.org/abs/1806.03822, where a question may have no answer).
func AnswerF1(reference, answer string) float64 {
	truth, said := strings.Fields(normalise(reference)), strings.Fields(normalise(answer))
	if len(truth) == 0 || len(said) == 0 {
		if len(truth) == len(said) {
			return 1
		}
		return 0
	}
	left := slices.Clone(truth)
	right := 0.0
	for _, word := range said {
		if i := slices.Index(left, word); i >= 0 {
			left = slices.Delete(left, i, i+1)
			right++
		}
	}
	return f1(right, float64(len(said))-right, float64(len(truth))-right)
}

// normalise is the normalisation of SQuAD's evaluation: lower case, no ASCII punctuation,
// no articles, one blank between words.
func normalise(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			return -1
		}
		return r
	}, strings.ToLower(s))
	var b strings.Builder
	for len(s) > 0 {
		n := strings.IndexFunc(s, func(r rune) bool { return !wordly(r) })
		if n < 0 {
			n = len(s)
		}
		if word := s[:n]; word == "a" || word == "an" || word == "the" {
			b.WriteByte(' ')
		} else {
			b.WriteString(word)
		}
		s = s[n:]
		n = strings.IndexFunc(s, wordly)
		if n < 0 {
			n = len(s)
		}
		b.WriteString(s[:n])
		s = s[n:]
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// wordly reports whether a character is part of a word, between whose ends an article
// stands.
func wordly(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }
