package metric

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"quickstudy/framework/head"
)

// resamples is how often a test set is drawn anew, as sacreBLEU does.
const resamples = 1000

// Bootstrap returns the score of all groups' sums together with its 95 % interval, for a score
// that is no mean over records: a BLEU, an F-score. A group is the sums of one record, or of some
// that were put together at random. As many groups as there are are drawn with replacement,
// again and again, and the interval is half as wide as what lies between the 2.5 and 97.5 %
// points of their scores (Koehn 2004, https://aclanthology.org/W04-3250). The draws are always the
// same. HalfWidth is NaN for fewer than two groups.
func Bootstrap(f head.Finish, groups [][]float64) (Interval, error) {
	total, err := Total(f, groups)
	if err != nil {
		return Interval{}, err
	}
	blank, even := make([]float64, len(total)), make([][]float64, len(groups))
	for g, sums := range groups {
		if even[g], err = Add(f, sums, blank); err != nil {
			return Interval{}, err
		}
	}
	return bootstrap(even, func(sums []float64) (float64, error) { return Finish(f, sums) })
}

// BootstrapDifference returns the score of a less that of b, with its 95 % interval by the same
// draws from both, as groups at one index are of the same records.
func BootstrapDifference(f head.Finish, a, b [][]float64) (Interval, error) {
	if len(a) != len(b) {
		return Interval{}, fmt.Errorf("bootstrap: %d groups and %d, want as many", len(a), len(b))
	}
	totalA, err := Total(f, a)
	if err != nil {
		return Interval{}, err
	}
	totalB, err := Total(f, b)
	if err != nil {
		return Interval{}, err
	}
	cut, blank := len(totalA), make([]float64, max(len(totalA), len(totalB)))
	both := make([][]float64, len(a))
	for g := range a {
		x, err := Add(f, a[g], blank[:cut])
		if err != nil {
			return Interval{}, err
		}
		y, err := Add(f, b[g], blank[:len(totalB)])
		if err != nil {
			return Interval{}, err
		}
		both[g] = append(x, y...)
	}
	return bootstrap(both, func(sums []float64) (float64, error) {
		x, err := Finish(f, sums[:cut])
		if err != nil {
			return 0, err
		}
		y, err := Finish(f, sums[cut:])
		return x - y, err
	})
}

// Total returns the sums of all groups, of which some may know fewer classes.
func Total(f head.Finish, groups [][]float64) (total []float64, err error) {
	for g, sums := range groups {
		if total, err = Add(f, total, sums); err != nil {
			return nil, fmt.Errorf("group %d: %w", g, err)
		}
	}
	return total, nil
}

// bootstrap draws from groups, which have as many sums each.
func bootstrap(groups [][]float64, score func(sums []float64) (float64, error)) (Interval, error) {
	if len(groups) == 0 {
		return Interval{Mean: math.NaN(), HalfWidth: math.NaN()}, nil
	}
	total := make([]float64, len(groups[0]))
	// sum returns the sums of the groups, each so often.
	sum := func(times func(g int) float64) []float64 {
		clear(total)
		for g, sums := range groups {
			if n := times(g); n != 0 {
				for i, x := range sums {
					total[i] += float64(n * x)
				}
			}
		}
		return total
	}
	mean, err := score(sum(func(int) float64 { return 1 }))
	out := Interval{Mean: mean, HalfWidth: math.NaN(), N: len(groups)}
	if err != nil || len(groups) < 2 {
		return out, err
	}
	draws := rand.New(rand.NewPCG(1, 1))
	var scores []float64
	times := make([]float64, len(groups))
	for range resamples {
		clear(times)
		for range groups {
			times[draws.IntN(len(groups))]++
		}
		x, err := score(sum(func(g int) float64 { return times[g] }))
		if err != nil {
			return Interval{}, err
		}
		if !math.IsNaN(x) { // as of no class at all
			scores = append(scores, x)
		}
	}
	if len(scores) == 0 || math.IsNaN(mean) {
		return out, nil
	}
	slices.Sort(scores)
	at := func(part float64) float64 { return scores[int(part*float64(len(scores)-1)+0.5)] }
	out.HalfWidth = (at(0.975) - at(0.025)) / 2
	return out, nil
}
