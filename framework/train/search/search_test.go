package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The toy model: tokens begin, end and three letters, whose scores are a random function of
// the whole text so far, which its cache holds: the search must move caches with texts.
const (
	vocabulary = 5
	begin, end = 0, 1
	most       = 4
)

// logits are the scores of what follows a text of an example.
func logits(seed uint64, example int, text []int32) []float64 {
	state := seed<<8 + uint64(example)
	for _, token := range text {
		state = state*31 + uint64(token) + 1
	}
	rng := rand.New(rand.NewPCG(state, 5))
	out := make([]float64, vocabulary)
	for i := range out {
		out[i] = 2 * rng.NormFloat64()
	}
	out[begin] = -30
	return out
}

// toy is the model as the search sees it: it keeps the texts of the last call.
func toy(seed uint64) Next {
	type text struct {
		example int
		tokens  []int32
	}
	var texts []text
	return func(position int, from []int, tokens []int32) (func(int) []float64, error) {
		var now []text
		for i, token := range tokens {
			one := text{example: from[i]}
			if position > 0 {
				one = texts[from[i]]
			}
			if len(one.tokens) != position {
				return nil, fmt.Errorf("a text of %d tokens at position %d", len(one.tokens), position)
			}
			one.tokens = append(slices.Clip(one.tokens), token)
			now = append(now, one)
		}
		texts = now
		return func(i int) []float64 { return logits(seed, now[i].example, now[i].tokens) }, nil
	}
}

// every returns all texts of an example, with their log-probabilities.
func every(seed uint64, example int) []Text {
	var all []Text
	var grow func(text []int32, logp float64)
	grow = func(text []int32, logp float64) {
		if len(text) > most { // begin and most tokens
			all = append(all, Text{Tokens: slices.Clone(text[1:]), LogProbability: logp})
		}
		scores := logits(seed, example, text)
		for token := range scores {
			p := logSoftmax(scores)(token)
			if token == end {
				all = append(all, Text{Tokens: slices.Clone(text[1:]), LogProbability: logp + p, Ended: true})
			} else if len(text) <= most {
				grow(append(slices.Clone(text), int32(token)), logp+p)
			}
		}
	}
	grow([]int32{begin}, 0)
	return all
}

func run(t *testing.T, seed uint64, examples, beam int, penalty float64) [][]Text {
	t.Helper()
	c := Config{Beam: beam, Most: most, LengthPenalty: penalty, Begin: begin, End: end}
	found, err := c.Run(toy(seed), examples)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestExhaustive: a beam that is wide enough finds what a search of all texts finds.
func TestExhaustive(t *testing.T) {
	for seed := range uint64(6) {
		for _, penalty := range []float64{0, 0.6, 2} {
			for example, found := range run(t, seed, 2, 700, penalty) {
				c := Config{LengthPenalty: penalty}
				var best Text
				for i, text := range every(seed, example) {
					n := len(text.Tokens)
					if text.Ended {
						n++
					}
					if text = c.ranked(text, n); i == 0 || text.rank > best.rank {
						best = text
					}
				}
				got := found[0]
				if !slices.Equal(got.Tokens, best.Tokens) || got.Ended != best.Ended ||
					math.Abs(got.LogProbability-best.LogProbability) > 1e-12 {
					t.Errorf("seed %d, penalty %v: found %+v, the best is %+v", seed, penalty, got, best)
				}
			}
		}
	}
}

// TestGreedy: a beam of one takes the best token each time.
func TestGreedy(t *testing.T) {
	for seed := range uint64(40) {
		for example, found := range run(t, seed, 3, 1, 0.6) {
			text, logp, ended := []int32{begin}, 0.0, false
			for len(text) <= most+1 {
				scores := logits(seed, example, text)
				token := slices.Index(scores, slices.Max(scores))
				p := logSoftmax(scores)(token)
				if token == end {
					logp, ended = logp+p, true
					break
				}
				if len(text) > most {
					break
				}
				text, logp = append(text, int32(token)), logp+p
			}
			if got := found[0]; len(found) != 1 || !slices.Equal(got.Tokens, text[1:]) ||
				got.Ended != ended || math.Abs(got.LogProbability-logp) > 1e-12 {
				t.Errorf("seed %d, example %d: found %+v, want %v (%v) ended %v", seed, example, found,
					text[1:], logp, ended)
			}
		}
	}
}

// TestScores: what is found is told apart, best first, with the log-probabilities of its
// tokens; a wider beam finds nothing worse.
func TestScores(t *testing.T) {
	for seed := range uint64(6) {
		best := math.Inf(-1)
		for _, beam := range []int{1, 2, 4, 700} {
			for example, found := range run(t, seed, 2, beam, 0) {
				seen := map[string]bool{}
				for i, text := range found {
					sum, tokens := 0.0, append([]int32{begin}, text.Tokens...)
					for k := 1; k < len(tokens); k++ {
						sum += logSoftmax(logits(seed, example, tokens[:k]))(int(tokens[k]))
					}
					if text.Ended {
						sum += logSoftmax(logits(seed, example, tokens))(end)
					}
					if math.Abs(sum-text.LogProbability) > 1e-12 {
						t.Errorf("%v: log-probability %v, want %v", text.Tokens, text.LogProbability, sum)
					}
					if name := fmt.Sprint(text.Tokens, text.Ended); seen[name] {
						t.Errorf("%s is found twice", name)
					} else {
						seen[name] = true
					}
					if i > 0 && text.rank > found[i-1].rank {
						t.Errorf("%v is after %v", text, found[i-1])
					}
				}
				if example == 0 && beam == 1 {
					best = found[0].LogProbability
				}
				if example == 0 && beam == 700 && found[0].LogProbability < best {
					t.Errorf("all texts: %v, greedy %v", found[0].LogProbability, best)
				}
			}
		}
	}
}

// TestGiven: a wide beam finds the best of the texts that begin as they are to, each
// example's in its own way, and counts the probability of the rest.
func TestGiven(t *testing.T) {
	given := [][]int32{{3, 4}, {}, {2, 2, 3, 4}}
	for seed := range uint64(6) {
		c := Config{Beam: 700, Most: most, Begin: begin, End: end, Given: given}
		found, err := c.Run(toy(seed), len(given))
		if err != nil {
			t.Fatal(err)
		}
		for example, begins := range given {
			before, text := 0.0, []int32{begin}
			for _, token := range begins {
				before += logSoftmax(logits(seed, example, text))(int(token))
				text = append(text, token)
			}
			best := Text{LogProbability: math.Inf(-1)}
			for _, one := range every(seed, example) {
				if n := len(begins); len(one.Tokens) >= n && slices.Equal(one.Tokens[:n], begins) &&
					one.LogProbability > best.LogProbability {
					best = one
				}
			}
			got := found[example][0]
			if !slices.Equal(got.Tokens, best.Tokens) || got.Ended != best.Ended ||
				math.Abs(got.LogProbability-(best.LogProbability-before)) > 1e-12 {
				t.Errorf("seed %d, %v: found %+v, the best is %+v after %v", seed, begins, got, best, before)
			}
		}
	}
}

func TestMistakes(t *testing.T) {
	right := Config{Beam: 2, Most: most, End: end}
	broken := func(int, []int, []int32) (func(int) []float64, error) {
		return nil, fmt.Errorf("it is broken")
	}
	for _, row := range []struct {
		c    Config
		next Next
		want string
	}{
		{Config{Most: 1}, toy(1), "a beam of 0"},
		{Config{Beam: 1}, toy(1), "texts of 0 tokens"},
		{Config{Beam: 1, Most: 1, LengthPenalty: -1}, toy(1), "length penalty -1"},
		{Config{Beam: 1, Most: 1, Given: [][]int32{{}, {}}}, toy(1), "beginnings of 2 texts for 1"},
		{Config{Beam: 1, Most: 1, Given: [][]int32{{2, 2}}}, toy(1), "begins with 2 tokens"},
		{right, broken, "position 0: it is broken"},
	} {
		_, err := row.c.Run(row.next, 1)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("got error %v, want %q", err, row.want)
		}
	}
}
