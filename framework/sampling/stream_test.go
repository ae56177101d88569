package sampling

import (
	"slices"
	"testing"
)

// The bits of a stream are part of what a run is: they must never change.
func TestStreamBits(t *testing.T) {
	s := newStream(7, "episode/intents", Train, 3)
	got := []int{s.below(1000), s.below(1000), s.below(1000), int(s.float() * 1e6)}
	if want := []int{42, 294, 361, 12481}; !slices.Equal(got, want) {
		t.Errorf("the stream begins %v, want %v", got, want)
	}
	if got, want := newStream(7, "episode/intents", Train, 3).choose(10, 4),
		[]int{0, 3, 4, 1}; !slices.Equal(
		got, want) {
		t.Errorf("choose(10, 4) = %v, want %v", got, want)
	}
	p := newPermutation(10, 7, "epoch/intents", Train, 0)
	var order []int64
	for i := range int64(10) {
		order = append(order, p.at(i))
	}
	if want := []int64{6, 1, 0, 9, 4, 2, 8, 5, 7, 3}; !slices.Equal(order, want) {
		t.Errorf("permutation %v, want %v", order, want)
	}
}

func TestStreamsDiffer(t *testing.T) {
	first := func(s stream) uint64 { return s.source.Uint64() }
	base := first(newStream(1, "ab", "c", 2))
	for name, s := range map[string]stream{
		"seed":    newStream(2, "ab", "c", 2),
		"purpose": newStream(1, "x", "c", 2),
		"split":   newStream(1, "ab", "d", 2),
		"index":   newStream(1, "ab", "c", 3),
		"border":  newStream(1, "a", "bc", 2),
	} {
		if first(s) == base {
			t.Errorf("another %s gives the same stream", name)
		}
	}
}

// chiSquare of counts that should be equal.
func chiSquare(counts []int) float64 {
	total := 0
	for _, n := range counts {
		total += n
	}
	want, sum := float64(total)/float64(len(counts)), 0.0
	for _, n := range counts {
		sum += (float64(n) - want) * (float64(n) - want) / want
	}
	return sum
}

func TestUniform(t *testing.T) {
	s := newStream(1, "test", "", 0)
	below, floats, first := make([]int, 7), make([]int, 10), make([]int, 9)
	for range 70000 {
		below[s.below(7)]++
		floats[int(s.float()*10)]++
	}
	for range 18000 {
		first[s.choose(9, 3)[2]]++
	}
	for _, test := range []struct {
		name   string
		counts []int
		limit  float64 // 99.99 % of χ² with one degree of freedom less than counts
	}{{"below", below, 27.9}, {"float", floats, 33.7}, {"choose", first, 31.8}} {
		if got := chiSquare(test.counts); got > test.limit {
			t.Errorf("%s: χ² = %.1f > %.1f for %v", test.name, got, test.limit, test.counts)
		}
	}
}

func TestPermutation(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 8, 9, 64, 1000, 1025} {
		p := newPermutation(n, 1, "epoch", Train, 0)
		seen := make([]bool, n)
		for i := range int64(n) {
			v := p.at(i)
			if v < 0 || v >= int64(n) || seen[v] {
				t.Fatalf("n = %d: position %d gives %d, which is outside or taken", n, i, v)
			}
			seen[v] = true
		}
	}
	// Every number is at every position equally often over the epochs.
	const n, epochs = 6, 12000
	at := make([][]int, n)
	for i := range at {
		at[i] = make([]int, n)
	}
	for epoch := range int64(epochs) {
		p := newPermutation(n, 1, "epoch", Train, epoch)
		for i := range int64(n) {
			at[i][p.at(i)]++
		}
	}
	for i, counts := range at {
		if got := chiSquare(counts); got > 25.7 { // 99.99 %, 5 degrees of freedom
			t.Errorf("position %d: χ² = %.1f for %v", i, got, counts)
		}
	}
}
