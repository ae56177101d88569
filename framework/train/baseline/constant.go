package baseline

import (
	"cmp"
	"fmt"
	"math"
)

// Chance returns the expected accuracy of guessing among so many classes.
func Chance(way int) (float64, error) {
	if way < 1 {
		return 0, fmt.Errorf("baseline: chance among %d classes, want at least 1", way)
	}
	return 1 / float64(way), nil
}

// Majority returns the most frequent of the labels, and the lowest of those that
// are equally frequent. In an episode with as many examples of each class its
// accuracy is that of chance.
func Majority[L cmp.Ordered](labels []L) (L, error) {
	if len(labels) == 0 {
		var none L
		return none, fmt.Errorf("baseline: majority of no labels")
	}
	counts := map[L]int{}
	for _, label := range labels {
		counts[label]++
	}
	majority := labels[0]
	for label, n := range counts { // the result is the same in every order
		if n > counts[majority] || n == counts[majority] && label < majority {
			majority = label
		}
	}
	return majority, nil
}

// MeanTarget returns the mean of the support's targets: the constant with the
// least squared error there, predicted for every query.
func MeanTarget(support []float64) (float64, error) {
	if len(support) == 0 {
		return 0, fmt.Errorf("baseline: mean of no targets")
	}
	var sum float64
	for _, y := range support {
		sum += y
	}
	return sum / float64(len(support)), nil
}

// Nearest returns the label of the example of the support that is nearest to each query, by
// the Euclidean distance of their numbers; of equally near ones the first's.
func Nearest(support [][]float64, labels []int, query [][]float64) ([]int, error) {
	if len(support) != len(labels) || len(support) == 0 {
		return nil, fmt.Errorf("baseline: %d examples of a support and %d labels, want as many, and one "+
			"at least", len(support), len(labels))
	}
	predicted := make([]int, len(query))
	for i, x := range query {
		least := math.Inf(1)
		for k, y := range support {
			if len(x) != len(y) {
				return nil, fmt.Errorf("baseline: query %d has %d numbers, and example %d of the support %d",
					i, len(x), k, len(y))
			}
			apart := 0.0
			for j := range x {
				apart += (x[j] - y[j]) * (x[j] - y[j])
			}
			if apart < least {
				least, predicted[i] = apart, labels[k]
			}
		}
	}
	return predicted, nil
}
