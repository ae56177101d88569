package evaluation

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSeveralAnswers: the best of several answers counts, and where there is none nothing but
// none is right.
func TestSeveralAnswers(t *testing.T) {
	for _, row := range []struct {
		answers   []string
		said      string
		exact, f1 float64
		spans     []float64 // right, wrong, missed
	}{
		{[]string{"in May", "May 5"}, "the May 5", 1, 1, []float64{1, 0, 0}},
		{[]string{"in May", "May 5"}, "may", 0, 2.0 / 3, []float64{0, 1, 1}},
		{[]string{"in May"}, "", 0, 0, []float64{0, 0, 1}},
		{nil, "", 1, 1, []float64{0, 0, 0}},
		{nil, "May", 0, 0, []float64{0, 1, 0}},
	} {
		got := tallyAnswers([][]string{row.answers}, []string{row.said})
		for name, want := range map[string][]float64{
			exactMatchName: {row.exact, 1}, answerF1Name: {row.f1, 1}, spanF1Name: row.spans,
		} {
			if diff := cmp.Diff([][]part{parts(want...)}, got.each[name],
				cmp.AllowUnexported(part{})); diff != "" {
				t.Errorf("%q for %q: %s: -want +got\n%s", row.said, row.answers, name, diff)
			}
		}
	}
}
