package baseline

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	intentTexts = []string{"set an alarm for six", "wake me at six in the morning", "alarm off please",
		"play some jazz", "play the next song", "stop the song now"}
	intentLabels = []int{3, 3, 3, 8, 8, 8}
)

// weights returns a vector by feature.
func weights(v *TFIDF, text string) map[string]float64 {
	x := map[string]float64{}
	for _, c := range v.vector(text) {
		for feature, id := range v.ids {
			if id == c.id {
				x[feature] = c.weight
			}
		}
	}
	return x
}

// By hand: three texts, "b" is in all of them, "a" in two, "c" in one. The idf
// are ln(4/4)+1 = 1, ln(4/3)+1 and ln(4/2)+1; the first text has a twice.
func TestVectorByHand(t *testing.T) {
	v := FitTFIDF([]string{"a b A", "b, a", "B-c"}, Words)
	a, b, c := 1+math.Log(4.0/3), 1.0, 1+math.Ln2
	for _, test := range []struct {
		text string
		want map[string]float64
	}{
		{"a b a", map[string]float64{"a": 2 * a / math.Hypot(2*a, b), "b": b / math.Hypot(2*a, b)}},
		{"c b", map[string]float64{"b": b / math.Hypot(b, c), "c": c / math.Hypot(b, c)}},
		{"c unknown", map[string]float64{"c": 1}},
		{"unknown", map[string]float64{}},
		{"", map[string]float64{}},
	} {
		got := weights(v, test.text)
		if diff := cmp.Diff(test.want, got, approximately); diff != "" {
			t.Errorf("%q: -want +got:\n%s", test.text, diff)
		}
	}
}

var approximately = cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })

// The weights are those of scikit-learn 1.9.1, TfidfVectorizer with
// token_pattern="[^\W_]+", and with analyzer="char", ngram_range=(1, 3).
func TestVectorAsInScikitLearn(t *testing.T) {
	got := weights(FitTFIDF(intentTexts, Words), "alarm off please")
	want := map[string]float64{"alarm": 0.501613008756558, "off": 0.611712509863168,
		"please": 0.611712509863168}
	if diff := cmp.Diff(want, got, approximately); diff != "" {
		t.Errorf("words: -want +got:\n%s", diff)
	}
	got = weights(FitTFIDF(intentTexts, Characters), "alarm off please")
	for feature, want := range map[string]float64{" of": 0.170259776859608, "ala": 0.13961545262475,
		"arm": 0.13961545262475, "f p": 0.170259776859608, "ff ": 0.170259776859608} {
		if math.Abs(got[feature]-want) > 1e-12 {
			t.Errorf("characters: weight of %q is %v, want %v", feature, got[feature], want)
		}
	}
}

// The predictions follow from the cosines that scikit-learn's vectors and
// numpy's means of them have.
func TestNearestCentroid(t *testing.T) {
	query := []string{"set the alarm", "play a song please", "wake up", "SIX o'clock!",
		"song for the morning", "zzz"}
	for _, test := range []struct {
		features Features
		want     []int
	}{
		{Words, []int{3, 8, 3, 3, 8, 3}},      // zzz shares no word: the lowest label
		{Characters, []int{3, 8, 3, 3, 3, 8}}, // zzz shares the letter of jazz
	} {
		got, err := FitTFIDF(intentTexts, test.features).NearestCentroid(intentTexts, intentLabels, query)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("features %d: -want +got:\n%s", test.features, diff)
		}
	}
}

func TestFeatures(t *testing.T) {
	for _, test := range []struct {
		features Features
		text     string
		want     []string
	}{
		{Words, "Don't  stop-ME at 7:30, Zoë!",
			[]string{"don", "t", "stop", "me", "at", "7", "30", "zoë"}},
		{Words, "हिन्दी", []string{"हिन्दी"}}, // vowel signs are marks
		{Words, " \t?! ", nil},
		{Characters, "Ab\t\n c", []string{"a", "b", " ", "c", "ab", "b ", " c", "ab ", "b c"}},
		{Characters, "é", []string{"é"}},
		{Characters, " ", nil},
	} {
		got := test.features.features(test.text)
		if diff := cmp.Diff(test.want, got); diff != "" && len(got)+len(test.want) > 0 {
			t.Errorf("%q: -want +got:\n%s", test.text, diff)
		}
	}
}

// With a query half-way between the classes the lowest label is predicted,
// whichever order the support is in.
func TestTiesGoToTheLowestLabel(t *testing.T) {
	support := []string{"red fish", "blue bird", "green frog"}
	for _, labels := range [][]int{{5, 2, 9}, {2, 5, 9}, {9, 5, 2}, {-1, 0, 1}} {
		got, err := FitTFIDF(support, Words).NearestCentroid(support, labels,
			[]string{"red blue green", "frog bird fish", ""})
		if err != nil {
			t.Fatal(err)
		}
		lowest := min(labels[0], labels[1], labels[2])
		if diff := cmp.Diff([]int{lowest, lowest, lowest}, got); diff != "" {
			t.Errorf("labels %v: -want +got:\n%s", labels, diff)
		}
	}
}

// The order of the support and its texts' repetition as a whole do not matter.
func TestSupportIsASet(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("a b c d e f g h i j")
	sentence := func() string {
		var s []string
		for range 1 + rng.IntN(6) {
			s = append(s, words[rng.IntN(len(words))])
		}
		return strings.Join(s, " ")
	}
	for trial := range 100 {
		var support, query []string
		var labels []int
		for i := range 12 {
			support, labels = append(support, sentence()), append(labels, i%4)
			query = append(query, sentence())
		}
		v := FitTFIDF(support, Words)
		want, err := v.NearestCentroid(support, labels, query)
		if err != nil {
			t.Fatal(err)
		}
		rng.Shuffle(len(support), func(i, j int) {
			support[i], support[j] = support[j], support[i]
			labels[i], labels[j] = labels[j], labels[i]
		})
		got, err := FitTFIDF(support, Words).NearestCentroid(append(support, support...),
			append(labels, labels...), query)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("trial %d: -want +got:\n%s", trial, diff)
		}
	}
}

func TestNearestCentroidRefuses(t *testing.T) {
	v := FitTFIDF(nil, Words)
	if _, err := v.NearestCentroid([]string{"a"}, nil, nil); err == nil {
		t.Error("a text without a label was accepted")
	}
	if _, err := v.NearestCentroid(nil, nil, []string{"a"}); err == nil {
		t.Error("an empty support was accepted")
	}
}

func TestConstants(t *testing.T) {
	for _, test := range []struct {
		labels []int
		want   int
	}{
		{[]int{4}, 4}, {[]int{2, 1, 2, 1, 3}, 1}, {[]int{0, 7, 7}, 7}, {[]int{-1, 5, 5, -1}, -1},
	} {
		for range 5 { // the counts are in a map, whose order changes
			if got, err := Majority(test.labels); err != nil || got != test.want {
				t.Errorf("majority of %v: got %d, %v, want %d", test.labels, got, err, test.want)
			}
		}
	}
	if got, err := Chance(5); err != nil || got != 0.2 {
		t.Errorf("chance of 5: got %v, %v", got, err)
	}
	if got, err := MeanTarget([]float64{1, 2, 6}); err != nil || got != 3 {
		t.Errorf("mean: got %v, %v, want 3", got, err)
	}
	_, chanceErr := Chance(0)
	_, majorityErr := Majority[int](nil)
	_, meanErr := MeanTarget(nil)
	for what, err := range map[string]error{"chance of 0": chanceErr, "majority of none": majorityErr,
		"mean of none": meanErr} {
		if err == nil {
			t.Errorf("%s: want an error", what)
		}
	}
}

func TestNearest(t *testing.T) {
	got, err := Nearest([][]float64{{0, 0}, {3, 0}, {0, 3}}, []int{7, 8, 9}, [][]float64{{1, 0},
		{2, 1}, {1.5, 0}, {0, 9}})
	if err != nil || !slices.Equal(got, []int{7, 8, 7, 9}) {
		t.Errorf("%v, %v, want the label of the nearest, of equal ones the first", got, err)
	}
	for _, row := range []struct{ support, query [][]float64 }{
		{nil, nil}, {[][]float64{{1}, {2}}, nil}, {[][]float64{{1}}, [][]float64{{1, 2}}},
	} {
		if _, err := Nearest(row.support, []int{1}, row.query); err == nil {
			t.Errorf("%v for %v: no error", row.support, row.query)
		}
	}
}
