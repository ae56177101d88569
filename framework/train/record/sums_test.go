package record

import (
	"errors"
	"math"
	"strings"
	"testing"

	"quickstudy/framework/head"
	"quickstudy/framework/train/metric"
)

// f1Series has the sums of an F-score of four groups of records, of which it gets so many right.
func f1Series(row string, right ...Number) Series {
	s := Series{Row: row, Metric: "span_f1", HigherBetter: true, Finish: head.F1}
	for _, n := range right {
		s.Groups = append(s.Groups, []Number{n, 4 - n, 4 - n})
	}
	return s
}

// TestSums: series of sums are read back and compared by the bootstrap.
func TestSums(t *testing.T) {
	a, b := f1Series("trained", 4, 3, 2, 3), f1Series("trained", 3, 2, 1, 2)
	set := func(s Series) *Episodes {
		return &Episodes{Sets: []EpisodeSet{{Name: "t/test", Hash: "h", Count: 16,
			Series: []Series{s}}}}
	}
	for _, s := range []Series{a, b} {
		if err := set(s).check(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Compare(set(a), set(b))
	if err != nil {
		t.Fatal(err)
	}
	want, err := metric.BootstrapDifference(head.F1, sums(a.Groups), sums(b.Groups))
	if err != nil || len(got) != 1 || got[0].Difference != want || math.Abs(want.Mean-0.25) > 1e-12 ||
		got[0].A.Mean != 0.75 || got[0].B.Mean != 0.5 {
		t.Errorf("%v: %+v, want 0.75, 0.5 and %+v", err, got, want)
	}
	if mean, err := a.Mean(); err != nil || mean != 0.75 {
		t.Errorf("mean %v, %v, want 0.75", mean, err)
	}
	other := a
	other.Finish = head.MacroF1
	if _, err := Compare(set(a), set(other)); !errors.Is(err, ErrIncomparable) {
		t.Errorf("finished otherwise: got %v, want %v", err, ErrIncomparable)
	}
	if _, err := Compare(set(a), set(f1Series("trained", 1))); !errors.Is(err, ErrIncomparable) {
		t.Errorf("of fewer groups: got %v, want %v", err, ErrIncomparable)
	}
}

func TestSumsThatAreNone(t *testing.T) {
	for want, change := range map[string]func(*Series){
		"both scores and sums": func(s *Series) { s.Scores = []Number{1} },
		"want 3":               func(s *Series) { s.Groups[1] = []Number{1, 2} },
		"no finisher":          func(s *Series) { s.Finish = "f2" },
	} {
		s := f1Series("trained", 1, 2)
		change(&s)
		e := Episodes{Sets: []EpisodeSet{{Name: "t", Hash: "h", Count: 8, Series: []Series{s}}}}
		if err := e.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
