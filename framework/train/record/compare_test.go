package record

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// series has a score of every episode: those of base, each changed by shift.
func series(row, column, metric string, shift float64, base ...float64) Series {
	scores := Numbers(base)
	for i := range scores {
		scores[i] += Number(shift)
	}
	return Series{Row: row, Column: column, Metric: metric, HigherBetter: true, Scores: scores}
}

func sampleEpisodes(shift float64) *Episodes {
	easyAndHard := []float64{0.25, 0.5, 0.75, 0.25}
	return &Episodes{Sets: []EpisodeSet{{Name: "intents/test", Hash: "abc", Count: 4, Series: []Series{
		series("maml", "0", "accuracy", shift, easyAndHard...),
		series("maml", "5", "accuracy", shift+0.125, easyAndHard...),
		series("centroid", "", "accuracy", 0, easyAndHard...),
	}}}}
}

func TestCompare(t *testing.T) {
	comparisons, err := Compare(sampleEpisodes(0.25), sampleEpisodes(0))
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, c := range comparisons {
		labels = append(labels, c.Row+" "+c.Column)
		want := 0.25
		if c.Row == "centroid" {
			want = 0
		}
		if c.Difference.Mean != want || c.Difference.HalfWidth != 0 || c.Difference.N != 4 {
			t.Errorf("%s %s: difference %+v, want %v ± 0 of 4", c.Row, c.Column, c.Difference, want)
		}
		if c.Clear() != (want != 0) {
			t.Errorf("%s %s: clear is %t", c.Row, c.Column, c.Clear())
		}
		if c.A.Mean-c.B.Mean != want || c.A.HalfWidth == 0 {
			t.Errorf("%s %s: means %+v and %+v", c.Row, c.Column, c.A, c.B)
		}
	}
	if diff := cmp.Diff([]string{"maml 0", "maml 5", "centroid "}, labels); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	only, err := Compare(sampleEpisodes(0.25), sampleEpisodes(0), "centroid")
	if err != nil || len(only) != 1 || only[0].Row != "centroid" {
		t.Errorf("one row: got %+v, %v", only, err)
	}
}

func TestCompareRefuses(t *testing.T) {
	change := func(f func(*EpisodeSet)) *Episodes {
		e := sampleEpisodes(0)
		f(&e.Sets[0])
		return e
	}
	for _, test := range []struct {
		name string
		b    *Episodes
		rows []string
		want string
	}{
		{"other episodes", change(func(s *EpisodeSet) { s.Hash = "xyz" }), nil,
			`episodes of "intents/test" differ: 4 with hash abc, and 4 with hash xyz`},
		{"fewer episodes", change(func(s *EpisodeSet) { s.Count = 3 }), nil, "differ: 4 with"},
		{"other set", change(func(s *EpisodeSet) { s.Name = "reviews/test" }), nil,
			`only the second was evaluated on "reviews/test"`},
		{"no set", &Episodes{}, nil, `only the first was evaluated on "intents/test"`},
		{"row missing", change(func(s *EpisodeSet) { s.Series = s.Series[:2] }), nil,
			`only the first has row "centroid", metric "accuracy"; the second lacks it`},
		{"column missing", change(func(s *EpisodeSet) { s.Series[1].Column = "10" }), nil,
			`only the first has row "maml", column "5"`},
		{"metric missing", change(func(s *EpisodeSet) { s.Series[2].Metric = "f1" }), nil,
			"only the first has"},
		{"row more", change(func(s *EpisodeSet) {
			s.Series = append(s.Series, series("chance", "", "accuracy", 0))
		}), nil, `only the second has row "chance"`},
		{"row of neither", sampleEpisodes(0), []string{"reptile"},
			`neither has the row "reptile"; the first has ["maml" "centroid"]`},
		{"NaN", change(func(s *EpisodeSet) { s.Series[0].Scores[2] = Number(math.NaN()) }), nil,
			"of episode 2"},
	} {
		_, err := Compare(sampleEpisodes(0), test.b, test.rows...)
		wantError(t, test.name, err, test.want)
		if !errors.Is(err, ErrIncomparable) {
			t.Errorf("%s: %v does not wrap ErrIncomparable", test.name, err)
		}
	}
	_, err := Compare(&Episodes{}, &Episodes{})
	wantError(t, "nothing", err, "neither has scores")
}

func TestCompareRows(t *testing.T) {
	comparisons, err := CompareRows(sampleEpisodes(0.25), "maml", "centroid")
	if err != nil {
		t.Fatal(err)
	}
	if len(comparisons) != 2 || comparisons[0].Difference.Mean != 0.25 ||
		comparisons[1].Difference.Mean != 0.375 || comparisons[1].Column != "5" {
		t.Errorf("got %+v, want both columns of maml against centroid", comparisons)
	}
	_, err = CompareRows(sampleEpisodes(0), "maml", "reptile")
	wantError(t, "no such row", err, `of both "maml" and "reptile"; the rows are ["maml" "centroid"]`)
}

func TestComparisonTables(t *testing.T) {
	comparisons, err := Compare(sampleEpisodes(0.25), sampleEpisodes(0), "maml")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := CompareRows(sampleEpisodes(0.25), "maml", "centroid")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, table := range append(ComparisonTables(comparisons, "2026-a", "2026-b"),
		ComparisonTables(rows, "maml", "centroid")...) {
		if err := table.WriteText(&text); err != nil {
			t.Fatal(err)
		}
	}
	const want = `intents/test: accuracy (higher is better)
method         2026-a       2026-b         difference
maml @ 0  0.69 ± 0.38  0.44 ± 0.38  0.2500 ± 0.0000 *
maml @ 5  0.81 ± 0.38  0.56 ± 0.38  0.2500 ± 0.0000 *
* the interval excludes 0
intents/test: accuracy (higher is better)
method                      maml     centroid         difference
maml - centroid @ 0  0.69 ± 0.38  0.44 ± 0.38  0.2500 ± 0.0000 *
maml - centroid @ 5  0.81 ± 0.38  0.44 ± 0.38  0.3750 ± 0.0000 *
* the interval excludes 0
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestEpisodesRoundTrip(t *testing.T) {
	run := create(t, t.TempDir())
	if _, err := run.Episodes(); !errors.Is(err, ErrNotYet) {
		t.Errorf("before they are written: got %v, want ErrNotYet", err)
	}
	want := sampleEpisodes(1. / 3)
	want.Sets[0].Series[0].Scores[1] = Number(math.NaN())
	if err := run.WriteEpisodes(want.Sets); err != nil {
		t.Fatal(err)
	}
	got, err := run.Episodes()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Sets, got.Sets, equateNaNs); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestEpisodesRefuse(t *testing.T) {
	run := create(t, t.TempDir())
	for _, test := range []struct{ name, content, want string }{
		{"count", `{"format":1,"sets":[{"name":"a","hash":"h","count":2,` +
			`"series":[{"row":"m","metric":"x","scores":[1]}]}]}`,
			`episode set "a": row "m", metric "x": 1 scores for 2 episodes`},
		{"no hash", `{"format":1,"sets":[{"name":"a"}]}`, "hash is missing"},
		{"set twice", `{"format":1,"sets":[{"name":"a","hash":"h"},{"name":"a","hash":"h"}]}`,
			"occurs twice"},
		{"series twice", `{"format":1,"sets":[{"name":"a","hash":"h",` +
			`"series":[{"row":"m"},{"row":"m"}]}]}`, "occurs twice"},
		{"scores are text", `{"format":1,"sets":[{"name":"a","hash":"h",` +
			`"series":[{"scores":["1"]}]}]}`, "is no number"},
	} {
		if err := os.WriteFile(run.path(episodesFile), []byte(test.content), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := run.Episodes()
		wantError(t, test.name, err, test.want)
		wantError(t, test.name, err, episodesFile)
	}
}

// Whatever two files hold, comparing them is an error or a result.
func FuzzCompare(f *testing.F) {
	const one = `{"format":1,"sets":[{"name":"a","hash":"h","count":2,` +
		`"series":[{"row":"m","metric":"x","scores":[1,2]}]}]}`
	f.Add([]byte(one), []byte(one))
	f.Fuzz(func(t *testing.T, textA, textB []byte) {
		var a, b Episodes
		if decode(textA, &a) != nil || decode(textB, &b) != nil {
			return
		}
		comparisons, err := Compare(&a, &b)
		if err == nil && len(comparisons) == 0 {
			t.Fatal("neither an error nor a result")
		}
	})
}
