package metric

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/head"

	"github.com/google/go-cmp/cmp"
)

// near allows for rounding: relative, with a floor for values around zero.
func near(got, want float64) bool {
	if math.IsNaN(want) {
		return math.IsNaN(got)
	}
	return math.Abs(got-want) <= 1e-12*max(1, math.Abs(want))
}

func equal(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !near(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// The wanted half-widths are from scipy.stats.t and sem.
func TestMean(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		scores          []float64
		mean, halfWidth float64
	}{
		{nil, nan, nan},
		{[]float64{0.5}, 0.5, nan},
		{[]float64{0, 1}, 0.5, 12.706204736174694 * 0.5},
		{[]float64{3, 3, 3}, 3, 0},
		{[]float64{0.8, 0.6, 1.0, 0.7, 0.9}, 0.8, 0.19632431614775575},
		{[]float64{1, nan, 2}, nan, nan},
	} {
		got := Mean(test.scores)
		what := fmt.Sprint(test.scores)
		equal(t, what, got.Mean, test.mean)
		if math.IsNaN(test.halfWidth) != math.IsNaN(got.HalfWidth) ||
			math.Abs(got.HalfWidth-test.halfWidth) > 1e-9 {
			t.Errorf("%s: half-width %v, want %v", what, got.HalfWidth, test.halfWidth)
		}
		if got.N != len(test.scores) {
			t.Errorf("%s: N = %d", what, got.N)
		}
	}
}

// 600 scores, half of them 0 and half 1: s = √(600/599)/2, t from scipy.
func TestMeanOverSixHundredEpisodes(t *testing.T) {
	scores := make([]float64, 600)
	for i := range scores {
		scores[i] = float64(i % 2)
	}
	want := 1.9639322489452784 * math.Sqrt(600.0/599) / 2 / math.Sqrt(600)
	if got := Mean(scores).HalfWidth; math.Abs(got-want) > 1e-9 {
		t.Errorf("half-width %v, want %v", got, want)
	}
}

func TestIntervalText(t *testing.T) {
	for _, test := range []struct {
		interval Interval
		want     string
	}{
		{Interval{Mean: 0.81234, HalfWidth: 0.01001, N: 600}, "0.8123 ± 0.0100"},
		{Interval{Mean: 0.2, HalfWidth: math.NaN(), N: 1}, "0.2000"},
	} {
		if got := test.interval.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// Of many samples from a normal distribution, the interval covers the mean in
// 95 of 100, for few scores too.
func TestIntervalCoverage(t *testing.T) {
	const samples = 4000
	for _, n := range []int{3, 5, 30} {
		rng := rand.New(rand.NewPCG(11, uint64(n)))
		covered := 0
		for range samples {
			scores := make([]float64, n)
			for i := range scores {
				scores[i] = 7 + rng.NormFloat64()
			}
			if m := Mean(scores); math.Abs(m.Mean-7) <= m.HalfWidth {
				covered++
			}
		}
		share, sigma := float64(covered)/samples, math.Sqrt(0.95*0.05/samples)
		if math.Abs(share-0.95) > 4*sigma {
			t.Errorf("n = %d: %.4f covered, want 0.95 ± %.4f", n, share, 4*sigma)
		}
	}
}

// The interval is scipy.stats.ttest_rel's.
func TestPairedDifference(t *testing.T) {
	a, b := []float64{0.8, 0.6, 1, 0.7, 0.9}, []float64{0.7, 0.6, 0.8, 0.9, 0.6}
	got, err := PairedDifference(a, b)
	if err != nil {
		t.Fatal(err)
	}
	const low, high = -0.15883883880999805, 0.318838838809998
	equal(t, "mean", got.Mean, 0.08)
	if math.Abs(got.HalfWidth-(high-low)/2) > 1e-9 || got.N != 5 {
		t.Errorf("got %+v, want half-width %v of 5", got, (high-low)/2)
	}
	opposite, err := PairedDifference(b, a)
	if err != nil || opposite.Mean != -got.Mean || opposite.HalfWidth != got.HalfWidth {
		t.Errorf("b - a: got %+v, %v, want the opposite of %+v", opposite, err, got)
	}
}

// What two scores have in common cancels: with episodes far apart and a
// difference of exactly 0.25 there is no uncertainty.
func TestPairingCancelsTheEpisodes(t *testing.T) {
	a, b := []float64{0, 10, 20, 30}, []float64{0.25, 10.25, 20.25, 30.25}
	if got, err := PairedDifference(b, a); err != nil || got.Mean != 0.25 || got.HalfWidth != 0 {
		t.Errorf("got %+v, %v, want 0.25 ± 0", got, err)
	}
}

func TestPairedDifferenceRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		a, b []float64
		want string
	}{
		{"lengths", []float64{1, 2}, []float64{1}, "2 scores and 1"},
		{"one", []float64{1}, []float64{1}, "at least 2"},
		{"none", nil, nil, "at least 2"},
		{"NaN", []float64{1, math.NaN()}, []float64{1, 2}, "of episode 1"},
		{"infinite", []float64{math.Inf(1), 1}, []float64{1, 2}, "of episode 0"},
	} {
		_, err := PairedDifference(test.a, test.b)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
}

// Class 3 is in neither, class 4 is never predicted. The numbers are
// scikit-learn's, from accuracy_score, f1_score(average="macro") and
// precision_recall_fscore_support(zero_division=nan); by hand: F1 of classes 0,
// 1, 2, 4 is 1/2, 4/5, 2/3, 0, and their mean 59/120.
func TestClasses(t *testing.T) {
	truth, predicted := []int{0, 0, 1, 1, 2, 2, 2, 4}, []int{0, 1, 1, 1, 2, 0, 2, 2}
	var c Classes
	for i := range truth {
		c.Count(truth[i], predicted[i])
	}
	for class, want := range []float64{1. / 2, 4. / 5, 2. / 3, math.NaN(), 0} {
		equal(t, fmt.Sprintf("F1 of %d", class), c.F1(class), want)
	}
	equal(t, "accuracy", c.Accuracy(), 0.625)
	equal(t, "macro F1", c.MacroF1(), 59.0/120)
}

func TestNothingCounted(t *testing.T) {
	var c Classes
	var r Regression
	for what, got := range map[string]float64{
		"accuracy": c.Accuracy(), "macro F1": c.MacroF1(), "MSE": r.MSE(), "R²": r.R2(),
		"calibration": calibration(nil, nil, nil),
	} {
		equal(t, what, got, math.NaN())
	}
}

// The example of scikit-learn's r2_score.
func TestRegression(t *testing.T) {
	var r Regression
	for i, target := range []float64{3, -0.5, 2, 7} {
		r.Count(target, []float64{2.5, 0, 2, 8}[i])
	}
	equal(t, "MSE", r.MSE(), 0.375)
	equal(t, "R²", r.R2(), 0.9486081370449679)
}

func TestR2OfConstantTargets(t *testing.T) {
	for _, target := range []float64{0, 1, 0.1, -1e6 / 3} {
		var r Regression
		for range 7 {
			r.Count(target, target+1)
		}
		equal(t, fmt.Sprintf("R² of targets %v", target), r.R2(), math.NaN())
	}
}

// By hand, two bins. Lower: confidences 0.5 and 0.3, one right; upper: 0.9, 0.9
// and 1, two right. |1-0.8| + |2-2.8| = 1, of five.
func TestCalibration(t *testing.T) {
	equal(t, "error", calibration([]float64{2, 3}, []float64{0.8, 2.8}, []float64{1, 2}), 0.2)
}

// Sums of parts add up to the sums of the whole wherever it is cut: exactly for
// counts, up to rounding for reals.
func TestAnyCutGivesTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for trial := range 200 {
		n := 1 + rng.IntN(60)
		truth, predicted := make([]int, n), make([]int, n)
		target, value := make([]float64, n), make([]float64, n)
		for i := range n {
			truth[i], predicted[i] = rng.IntN(6), rng.IntN(6)
			target[i], value[i] = rng.NormFloat64(), rng.NormFloat64()
		}
		var whole, parts Classes
		var wholeR, partsR Regression
		var part Classes
		var partR Regression
		for i := range n {
			whole.Count(truth[i], predicted[i])
			part.Count(truth[i], predicted[i])
			wholeR.Count(target[i], value[i])
			partR.Count(target[i], value[i])
			if i == n-1 || rng.IntN(5) == 0 {
				parts.Add(part)
				partsR.Add(partR)
				part, partR = Classes{}, Regression{}
			}
		}
		if diff := cmp.Diff(whole, parts); diff != "" {
			t.Fatalf("trial %d: counts -whole +parts:\n%s", trial, diff)
		}
		equal(t, "MSE", partsR.MSE(), wholeR.MSE())
		equal(t, "R²", partsR.R2(), wholeR.R2())
	}
}

// The order of the examples and the names of the classes do not matter.
func TestPermutations(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		n := 2 + rng.IntN(40)
		truth, predicted, scores := make([]int, n), make([]int, n), make([]float64, n)
		for i := range n {
			truth[i], predicted[i], scores[i] = rng.IntN(5), rng.IntN(5), rng.Float64()
		}
		order, names := rng.Perm(n), rng.Perm(5)
		var a, b, renamed Classes
		shuffled := make([]float64, n)
		for i, j := range order {
			a.Count(truth[i], predicted[i])
			b.Count(truth[j], predicted[j])
			renamed.Count(names[truth[i]], names[predicted[i]])
			shuffled[i] = scores[j]
		}
		if !slices.Equal(a.TruePositives, b.TruePositives) || a.MacroF1() != b.MacroF1() {
			t.Fatalf("counts depend on the order: %+v, %+v", a, b)
		}
		equal(t, "macro F1 of renamed classes", renamed.MacroF1(), a.MacroF1())
		equal(t, "accuracy of renamed classes", renamed.Accuracy(), a.Accuracy())
		x, y := Mean(scores), Mean(shuffled)
		equal(t, "mean of shuffled scores", y.Mean, x.Mean)
		equal(t, "half-width of shuffled scores", y.HalfWidth, x.HalfWidth)
	}
}

func TestFinishers(t *testing.T) {
	nan := math.NaN()
	tests := map[head.Finish][]struct {
		sums []float64
		want float64
	}{
		"ratio":      {{[]float64{3, 4}, 0.75}, {[]float64{0, 0}, nan}},
		"error":      {{[]float64{3, 4}, 0.75}, {[]float64{0, 0}, nan}},
		"root":       {{[]float64{9, 4}, 1.5}, {[]float64{0, 0}, nan}},
		"perplexity": {{[]float64{10 * math.Ln2, 10}, 2}, {[]float64{0, 5}, 1}, {[]float64{0, 0}, nan}},
		"r2": {{[]float64{4, 11.5, 62.25, 1.5}, 0.9486081370449679},
			{[]float64{0, 0, 0, 0}, nan}},
		"f1":          {{[]float64{2, 1, 0}, 0.8}, {[]float64{0, 0, 0}, nan}},
		"macro_f1":    {{[]float64{1, 2, 2, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1}, 59.0 / 120}},
		"calibration": {{[]float64{2, 3, 0.8, 2.8, 1, 2}, 0.2}},
		"bleu": {{[]float64{4, 3, 2, 1, 4, 3, 2, 1, 4, 4}, 100}, {make([]float64, 10), nan},
			{[]float64{4, 3, 2, 1, 4, 3, 2, 1, 4, 8}, 100 / math.E}},
		"chrf": {{[]float64{2, 1, 2, 1, 2, 1}, 100}, {[]float64{2, 1, 4, 2, 2, 1}, 500. / 9},
			{make([]float64, 18), nan}},
	}
	for _, f := range head.Finishes() {
		if len(tests[f]) == 0 {
			t.Errorf("finisher %q has no test", f)
		}
		if f.Formula() == "" {
			t.Errorf("finisher %q has no documentation", f)
		}
		for _, test := range tests[f] {
			got, err := Finish(f, test.sums)
			if err != nil {
				t.Errorf("%s: %v", f, err)
			}
			equal(t, fmt.Sprintf("%s of %v", f, test.sums), got, test.want)
		}
		rows := len(f.Sums())
		for _, length := range []int{0, rows + 1, 2*rows - 1} {
			if _, err := Finish(f, make([]float64, length)); err == nil {
				t.Errorf("%s accepts %d sums", f, length)
			}
		}
	}
	if _, err := Finish("rouge", []float64{1}); err == nil ||
		!strings.Contains(err.Error(), `"perplexity"`) {
		t.Errorf("got %v, want an error that lists the finishers", err)
	}
}

func TestFinisherAdd(t *testing.T) {
	for _, test := range []struct {
		finisher head.Finish
		a, b     []float64
		want     []float64 // nil: refused
	}{
		{"ratio", []float64{1, 2}, []float64{3, 4}, []float64{4, 6}},
		{"ratio", nil, []float64{3, 4}, []float64{3, 4}},
		{"ratio", []float64{1, 2}, []float64{3}, nil},
		{"ratio", nil, []float64{3}, nil},
		{"macro_f1", []float64{1, 2, 3}, []float64{10, 20, 30, 40, 50, 60},
			[]float64{11, 20, 32, 40, 53, 60}},
		{"macro_f1", []float64{1, 2, 3, 4, 5, 6}, []float64{10, 20, 30},
			[]float64{11, 2, 23, 4, 35, 6}},
		{"calibration", []float64{1, 2, 3}, []float64{1, 2, 3, 4, 5, 6}, nil},
	} {
		a, b := slices.Clone(test.a), slices.Clone(test.b)
		got, err := Add(test.finisher, test.a, test.b)
		if (err != nil) != (test.want == nil) || err == nil && !slices.Equal(got, test.want) {
			t.Errorf("%s: %v and %v: got %v, %v, want %v", test.finisher, a, b, got, err, test.want)
		}
		if !slices.Equal(a, test.a) || !slices.Equal(b, test.b) {
			t.Errorf("%s: the arguments became %v and %v", test.finisher, test.a, test.b)
		}
	}
}
