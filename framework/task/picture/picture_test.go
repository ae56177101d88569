package picture

import (
	"math"
	"testing"
)

func TestWeights(t *testing.T) {
	for _, from := range []int{1, 2, 3, 7, 28, 105} {
		for _, to := range []int{1, 2, 5, 28} {
			for i, s := range weights(from, to) {
				sum := 0.0
				for _, w := range s.weights {
					sum += w
				}
				if math.Abs(sum-1) > 1e-9 || s.first+len(s.weights) > from {
					t.Errorf("%d of %d to %d: %+v", i, from, to, s)
				}
			}
		}
	}
}
