package evaluation

import (
	"math"
	"testing"

	"quickstudy/framework/head"
	"quickstudy/framework/train/metric"
)

// TestGroups: groups hold what records add, each in one of them, few records in groups of
// their own and many in about equally many each.
func TestGroups(t *testing.T) {
	const records, classes = 5000, 7
	var truth, predicted []int
	for i := range records {
		truth = append(truth, i*classes/records) // sorted by class
		predicted = append(predicted, (i*classes/records+i%5/4)%classes)
	}
	tally := tallyClasses(truth, predicted)
	var g groups
	sizes := map[int]int{}
	for i, record := range tally.each[macroF1Name] {
		g = g.add(head.MacroF1, i, record)
		sizes[groupOf(i)]++
		if i < mostGroups && len(g) != i+1 {
			t.Fatalf("%d groups of %d records", len(g), i+1)
		}
	}
	if len(g) != mostGroups {
		t.Fatalf("%d groups, want %d", len(g), mostGroups)
	}
	for at, n := range sizes {
		if n < 1 || n > 20 {
			t.Errorf("group %d has %d records", at, n)
		}
	}
	var total []float64
	for _, sums := range g.sums(1) {
		if len(sums) != 3*classes {
			t.Fatalf("%d sums, want %d", len(sums), 3*classes)
		}
		var err error
		if total, err = metric.Add(head.MacroF1, total, sums); err != nil {
			t.Fatal(err)
		}
	}
	score, err := metric.Finish(head.MacroF1, total)
	if err != nil {
		t.Fatal(err)
	}
	want := finished(t, objectiveOfRow(RowCentroid, "x", false), tally)[macroF1Name]
	if math.Abs(score-want) > 1e-12 {
		t.Errorf("the groups' macro-F1 is %v, want %v", score, want)
	}
	// Per group the classes are mixed as in the whole: the interval is that of the accuracy, about.
	i, err := metric.Bootstrap(head.MacroF1, g.sums(1))
	accuracy := metric.Mean(tally.records)
	if err != nil || math.Abs(i.HalfWidth-accuracy.HalfWidth) > 0.3*accuracy.HalfWidth {
		t.Errorf("%v: %v, and the accuracy %v", err, i, accuracy)
	}
}
