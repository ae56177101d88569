package evaluation

import (
	"math"
	"testing"

	"quickstudy/framework/sampling"
	"quickstudy/framework/train/baseline"
)

// The macro-F1 is scikit-learn's f1_score(truth, predicted, average="macro"): classes
// with 2·1/(2+1+1), 2·2/(4+1+0) and 2·1/(2+0+1).
func TestTallyClasses(t *testing.T) {
	truth, predicted := []int{0, 0, 1, 1, 2, 2}, []int{0, 1, 1, 1, 2, 0}
	score := finished(t, objectiveOfRow(RowCentroid, "letter", false), tallyClasses(truth, predicted))
	for name, want := range map[string]float64{"accuracy": 4. / 6, "macro_f1": 59. / 90} {
		if got := score[name]; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	none := finished(t, objectiveOfRow(RowCentroid, "letter", false), tallyClasses(nil, nil))
	if !math.IsNaN(none["accuracy"]) || !math.IsNaN(none["macro_f1"]) {
		t.Errorf("of no examples: %v, want NaN", none)
	}
}

// Records of two values and of one; one without any does not count.
func TestTallyValues(t *testing.T) {
	tally := tallyValues([][]float64{{1, 2}, {}, {5}}, [][]float64{{2, 5}, {}, {5}})
	score := finished(t, objectiveOfRow(RowMean, "y", false), tally)
	if want := (1 + 9 + 0) / 3.; score["mse"] != want {
		t.Errorf("mean squared error %v, want %v", score["mse"], want)
	}
	if len(tally.records) != 2 || tally.records[0] != 5 || tally.records[1] != 0 {
		t.Errorf("records %v, want 5 and 0", tally.records)
	}
}

// finished returns the totals of one draw's tally.
func finished(t *testing.T, o objective, tally tally) map[string]float64 {
	t.Helper()
	out := outcome{records: tally.records}
	for _, m := range o.measures {
		out.sums, out.each = append(out.sums, tally.sums(m)), append(out.each, tally.each[m.name])
	}
	totals := map[string]float64{}
	for i, m := range o.measures {
		score, err := o.finish(i, []outcome{out}, false)
		if err != nil {
			t.Fatal(err)
		}
		totals[m.name] = score.Total
	}
	return totals
}

// Two episodes by hand. In the first the words tell three of four queries, and the
// one without a known word goes to the lowest label, wrongly; the majority is label
// 0. In the second all is told, and the record without a label counts for nothing.
func TestConstantLines(t *testing.T) {
	lessons := []lesson{{
		sampling.Raw{Texts: []string{"lamp on", "lamp off", "play jazz"}, Labels: []int{0, 0, 1},
			Classes: 2},
		sampling.Raw{Texts: []string{"the lamp", "jazz please", "jazz", "stop"},
			Labels: []int{0, 1, 1, 1}, Classes: 2},
	}, {
		sampling.Raw{Texts: []string{"lamp", "jazz", "rain", "jazz"}, Labels: []int{0, 1, 2, -1},
			Classes: 4},
		sampling.Raw{Texts: []string{"rain", "lamp", "jazz"}, Labels: []int{2, 0, -1}, Classes: 4},
	}}
	set := Set{Data: newTask(t, texts(9, grid(9, 6)), letters(t))}
	for row, want := range map[string][]float64{
		RowCentroid: {0.75, 1},
		RowMajority: {0.25, 0.5},
		RowChance:   {0.5, 0.25},
	} {
		l, why, err := set.constantLine(row, "letter", lessons, baseline.Words)
		if err != nil || why != "" {
			t.Fatalf("%s: %q, %v", row, why, err)
		}
		got := l.find("accuracy", 3)
		if l.row != row || got.Draws[0] != want[0] || got.Draws[1] != want[1] || !got.HigherBetter {
			t.Errorf("%s: got %+v, want %v", row, got, want)
		}
	}
	l, _, err := set.constantLine(RowCentroid, "letter", lessons, baseline.Words)
	if err != nil {
		t.Fatal(err)
	}
	// Label 0: 1 right, 1 wrongly found; label 1: 2 right, 1 missed.
	if got, want := l.find("macro_f1", 0).Draws[0], (2./3+4./5)/2; math.Abs(got-want) > 1e-12 {
		t.Errorf("macro F1 of the first episode: %v, want %v", got, want)
	}
}

func TestConstantLinesOfValues(t *testing.T) {
	lessons := []lesson{{
		sampling.Raw{Values: [][]float64{{1}, {3}, {}}},
		sampling.Raw{Values: [][]float64{{2}, {4}, {}}},
	}}
	set := Set{Data: newLines(t, 0)}
	l, why, err := set.constantLine(RowMajority, "y", lessons, baseline.Words)
	if err != nil || why != "" || l.row != RowMean || l.find("mse", 1).Total != 2 {
		t.Errorf("got %+v, %q, %v, want the squared errors 0 and 4 of the mean 2", l, why, err)
	}
	for _, row := range []string{RowCentroid, RowChance} {
		if _, why, err := set.constantLine(row, "y", lessons, baseline.Words); err != nil ||
			why != "it predicts classes, and the target is a value" {
			t.Errorf("%s: %q, %v", row, why, err)
		}
	}
	lessons[0].support.Values = [][]float64{{}}
	if _, why, err := set.constantLine(RowMajority, "y", lessons, baseline.Words); err != nil ||
		why != "there is no support to learn from" {
		t.Errorf("no support: %q, %v", why, err)
	}
}
