package metric

import "math"

// calibration returns the expected calibration error, the mean distance between
// confidence and accuracy of a bin, weighted by the bin's count:
// Σ |Σright - Σconfidence| / n. Guo et al. 2017, https://arxiv.org/abs/1706.04599,
// eq. 3. Of every bin it takes how many predictions there were, the sum of their
// confidences, and how many were right.
func calibration(counts, confidence, right []float64) float64 {
	var n, distance float64
	for i := range counts {
		n += counts[i]
		distance += math.Abs(right[i] - confidence[i])
	}
	return ratio(distance, n)
}
