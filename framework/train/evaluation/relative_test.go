package evaluation

import (
	"math"
	"testing"
)

// TestRelative: more accuracy and less error than a model alone both count as better, and the
// interval is that of the paired difference.
func TestRelative(t *testing.T) {
	set := pass(t, 4).Set
	score := func(metric string, higher bool, records ...float64) Score {
		return Score{Objective: "o", Metric: metric, HigherBetter: higher, Records: records,
			batched: true}
	}
	sheetOf := func(trained, alone Score) sheet {
		return sheet{name: "o", set: set, lines: []line{{row: RowTrained, scores: []Score{trained}},
			{row: "single_task", scores: []Score{alone}}}}
	}
	accuracy := sheetOf(score("accuracy", true, 1, 1, 1, 0), score("accuracy", true, 1, 0, 1, 0))
	mse := sheetOf(score("mse", false, 3, 3, 1, 5), score("mse", false, 2, 3, 1, 4))
	var changes []relative
	for _, test := range []struct {
		name string
		of   sheet
		want float64
	}{{"accuracy", accuracy, 0.5}, {"mse", mse, -0.2}} {
		got, ok := test.of.relativeTo("single_task")
		if !ok || math.Abs(float64(got.cell.Mean)-test.want) > 1e-12 || got.cell.N != 4 ||
			!(got.cell.HalfWidth > 0) {
			t.Errorf("%s: %+v, %v; want %v over 4 records", test.name, got, ok, test.want)
		}
		changes = append(changes, got)
	}
	table := relativeTable("single_task", changes)
	if got := float64(table.Rows[2].Cells[0].Mean); math.Abs(got-0.15) > 1e-12 {
		t.Errorf("mean %v, want 0.15", got)
	}

	if got, ok := accuracy.relativeTo("majority"); ok {
		t.Errorf("change %+v against a row that is not there", got)
	}
	nothing := sheetOf(score("accuracy", true, 1), score("accuracy", true, 0))
	if got, ok := nothing.relativeTo("single_task"); ok {
		t.Errorf("change %+v against a score of 0", got)
	}
}
