package baseline

import "fmt"

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
func Majority(labels []int) (int, error) {
	if len(labels) == 0 {
		return 0, fmt.Errorf("baseline: majority of no labels")
	}
	counts := map[int]int{}
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
