package metric

import (
	"fmt"
	"math"
)

// Calibration sums how often predictions were right, by how sure they were.
type Calibration struct {
	Counts     []float64 // by bin: bin m of M holds confidences in (m/M, (m+1)/M]
	Confidence []float64 // Σ of the predicted class's probability
	Right      []float64 // how many were right
}

// NewCalibration returns sums over that many bins of equal width; 15 is usual.
func NewCalibration(bins int) *Calibration {
	return &Calibration{Counts: make([]float64, bins), Confidence: make([]float64, bins),
		Right: make([]float64, bins)}
}

// Count adds a prediction, made with a confidence from 0 to 1.
func (c *Calibration) Count(confidence float64, right bool) {
	bins := len(c.Counts)
	bin := min(max(int(math.Ceil(confidence*float64(bins)))-1, 0), bins-1)
	c.Counts[bin]++
	c.Confidence[bin] += confidence
	if right {
		c.Right[bin]++
	}
}

// Add adds what another part of the data summed, over as many bins.
func (c *Calibration) Add(other *Calibration) error {
	if len(other.Counts) != len(c.Counts) {
		return fmt.Errorf("calibration: sums over %d bins added to sums over %d", len(other.Counts),
			len(c.Counts))
	}
	for i := range c.Counts {
		c.Counts[i] += other.Counts[i]
		c.Confidence[i] += other.Confidence[i]
		c.Right[i] += other.Right[i]
	}
	return nil
}

// Error returns the expected calibration error, the mean distance between
// confidence and accuracy of a bin, weighted by the bin's count:
// Σ |Σright - Σconfidence| / n. Guo et al. 2017, https://arxiv.org/abs/1706.04599,
// eq. 3.
func (c *Calibration) Error() float64 { return calibration(c.Counts, c.Confidence, c.Right) }

func calibration(counts, confidence, right []float64) float64 {
	var n, distance float64
	for i := range counts {
		n += counts[i]
		distance += math.Abs(right[i] - confidence[i])
	}
	return ratio(distance, n)
}
