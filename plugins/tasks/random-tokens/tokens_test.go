package main

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/task/tasktest"
)

func TestConformance(t *testing.T) {
	tasktest.Run(t, randomTokens, func(c *config) { c.Records, c.HeldOut = 200, 50 })
	tasktest.Run(t, randomTokens, func(c *config) { c.MinLength, c.Records, c.HeldOut = 3, 200, 50 })
}

// TestRecords: lengths and words are within the bounds and reach them, and classes are
// as frequent in every split as described.
func TestRecords(t *testing.T) {
	c := config{Classes: 3, Vocabulary: 7, Length: 9, MinLength: 4, Records: 100, HeldOut: 50}
	counts, lengths, words := make([]int, c.Classes), map[int]int{}, map[string]int{}
	bySplit := map[int]map[int64]int{}
	for id := range int64(c.Records + 2*c.HeldOut) {
		r := c.record(id, c.telling())
		class := r.Cells[1].Ints[0]
		counts[class]++
		lengths[len(r.Cells[0].Words)]++
		for _, w := range r.Cells[0].Words {
			words[w]++
		}
		split := max(0, int(id)-c.Records+c.HeldOut) / c.HeldOut
		if bySplit[split] == nil {
			bySplit[split] = map[int64]int{}
		}
		bySplit[split][class]++
	}
	var described []int
	for _, class := range c.describe().Fields[1].Classes {
		described = append(described, class.Count)
	}
	if diff := cmp.Diff(described, counts); diff != "" {
		t.Errorf("classes (-described +counted)\n%s", diff)
	}
	want := map[int]map[int64]int{0: {0: 34, 1: 33, 2: 33}, 1: {0: 17, 1: 17, 2: 16},
		2: {0: 17, 1: 17, 2: 16}}
	if diff := cmp.Diff(want, bySplit); diff != "" {
		t.Errorf("classes by split (-want +got)\n%s", diff)
	}
	if len(lengths) != 6 || lengths[4] == 0 || lengths[9] == 0 {
		t.Errorf("lengths %v, want all of 4 to 9", lengths)
	}
	if len(words) != 7 || words["w0"] == 0 || words["w6"] == 0 {
		t.Errorf("words %v, want w0 to w6", words)
	}
}

// TestRule: half of the words and a class's share of the others tell the class, by the same
// words whatever the seed, and by others under another rule.
func TestRule(t *testing.T) {
	c := config{Classes: 4, Vocabulary: 40, Length: 50, Records: 200, HeldOut: 10, Rule: 1}
	share := func(c config, rule int) float64 {
		told, total := 0, 0
		by := config{Classes: c.Classes, Vocabulary: c.Vocabulary, Rule: rule}.telling()
		for id := range int64(c.Records) {
			r := c.record(id, c.telling())
			for _, word := range r.Cells[0].Words {
				n, err := strconv.Atoi(word[1:])
				if err != nil {
					t.Fatal(err)
				}
				total++
				if slices.Contains(by[r.Cells[1].Ints[0]], n) {
					told++
				}
			}
		}
		return float64(told) / float64(total)
	}
	other := c
	other.Seed = 7
	for name, test := range map[string]struct{ got, want float64 }{
		"its rule": {share(c, 1), 0.5 + 0.5/4}, "another seed": {share(other, 1), 0.5 + 0.5/4},
		"another rule": {share(c, 2), 0.25},
	} {
		if math.Abs(test.got-test.want) > 0.1 {
			t.Errorf("%s: %v of the words tell the class, want about %v", name, test.got, test.want)
		}
	}
}

// TestSeed: a record follows from the seed and its id, and two of either differ.
func TestSeed(t *testing.T) {
	text := func(seed int, id int64) string {
		c := config{Classes: 2, Vocabulary: 1000, Length: 16, Records: 100, HeldOut: 10, Seed: seed}
		return strings.Join(c.record(id, c.telling()).Cells[0].Words, " ")
	}
	first := text(1, 2)
	if again := text(1, 2); again != first {
		t.Error("a record differs from itself")
	}
	if first == text(1, 3) || first == text(2, 2) {
		t.Error("records of different ids or seeds are equal")
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct {
		change func(*config)
		want   string
	}{
		{func(c *config) { c.MinLength = c.Length + 1 }, "min_length 33 is more than length 32"},
		{func(c *config) { c.Records = 4 }, "records 4 and held_out 400 do not cover 5 classes"},
		{func(c *config) { c.HeldOut = 1 }, "held_out 1 do not cover 5 classes"},
		{func(c *config) { c.Rule, c.Vocabulary = 1, 4 }, "vocabulary is 4, want at least as many"},
	} {
		c := *randomTokens.New().(*config)
		test.change(&c)
		if _, err := open(c); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
}
