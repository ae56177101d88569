package metric_test

import (
	"testing"

	"quickstudy/framework/head"
	"quickstudy/framework/train/metric"
)

// TestHeadsFinish: what a head can name is what can be finished, with as many sums
// of the same kind.
func TestHeadsFinish(t *testing.T) {
	finishers := metric.Finishers()
	if got, want := len(head.Finishes()), len(finishers); got != want {
		t.Errorf("a head can name %d ways to finish a metric, want %d", got, want)
	}
	for _, f := range finishers {
		finish := head.Finish(f.Name)
		if finish.Sums() != len(f.Rows) || finish.PerClass() != f.PerClass {
			t.Errorf("%s: a head gives %d sums, per class: %v; want %d, %v", f.Name, finish.Sums(),
				finish.PerClass(), len(f.Rows), f.PerClass)
		}
	}
}
