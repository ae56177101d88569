package nn

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// TestPositionsOfOthers compares the buckets of distances with T5's and the slopes of
// heads with BLOOM's, as tools/fixtures/README.md describes the file.
func TestPositionsOfOthers(t *testing.T) {
	data, err := os.ReadFile("../train/testdata/fixtures/positions.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Distances, Buckets []int
		CausalBuckets      []int `json:"causal_buckets"`
		Slopes             [][]float64
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if len(want.Distances) == 0 || len(want.Slopes) == 0 {
		t.Fatal("the file is empty")
	}
	for i, d := range want.Distances {
		if got := relativeBucket(d, false); got != want.Buckets[i] {
			t.Errorf("distance %d is in bucket %d, want %d", d, got, want.Buckets[i])
		}
		if got := relativeBucket(d, true); got != want.CausalBuckets[i] {
			t.Errorf("distance %d is in causal bucket %d, want %d", d, got, want.CausalBuckets[i])
		}
	}
	for _, slopes := range want.Slopes { // powers in float32
		for i, got := range alibiSlopes(len(slopes)) {
			if math.Abs(got-slopes[i]) > 2e-7*slopes[i] {
				t.Errorf("slope %d of %d is %v, want %v", i, len(slopes), got, slopes[i])
			}
		}
	}
}
