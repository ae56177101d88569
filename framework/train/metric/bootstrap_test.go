package metric

import (
	"math"
	"math/rand/v2"
	"testing"

	"quickstudy/framework/head"
)

// TestBootstrapAsInSacreBLEU: intervals are those of 20,000 resamples up to what chance does in
// 1,000 of them.
func TestBootstrapAsInSacreBLEU(t *testing.T) {
	compared := 0
	for _, row := range outside(t).Texts {
		if row.BLEUHalfWidth == 0 {
			continue
		}
		compared++
		sums := map[head.Finish][][]float64{}
		for i, said := range row.Said {
			var b BLEU
			var c CHRF
			b.Count(said, row.References[i]...)
			c.Count(said, row.References[i]...)
			sums[head.BLEU] = append(sums[head.BLEU], b.Sums())
			sums[head.CHRF] = append(sums[head.CHRF], c.Sums())
		}
		for finish, want := range map[head.Finish][2]float64{
			head.BLEU: {row.BLEU, row.BLEUHalfWidth}, head.CHRF: {row.CHRF, row.CHRFHalfWidth},
		} {
			got, err := Bootstrap(finish, sums[finish])
			if err != nil {
				t.Fatal(err)
			}
			equal(t, row.Name, got.Mean, want[0])
			if math.Abs(got.HalfWidth-want[1]) > 0.08*want[1] {
				t.Errorf("%s, %s: half width %v, sacreBLEU's is %v", row.Name, finish, got.HalfWidth, want[1])
			}
			again, err := Bootstrap(finish, sums[finish])
			if err != nil || again != got {
				t.Errorf("%s: %v, and again %v, %v", finish, got, again, err)
			}
		}
	}
	if compared == 0 {
		t.Error("no corpus has an interval")
	}
}

// TestBootstrapOfMeans: of a mean, the interval is that of Student's t; of the difference of two
// scores that go together it is narrower than of either.
func TestBootstrapOfMeans(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var a, b [][]float64
	var scores, differences []float64
	for range 400 {
		x := r.NormFloat64()
		y := x + 0.2*r.NormFloat64()
		a, b = append(a, []float64{x, 1}), append(b, []float64{y, 1})
		scores, differences = append(scores, x), append(differences, x-y)
	}
	one, err := Bootstrap(head.Ratio, a)
	if err != nil {
		t.Fatal(err)
	}
	paired, err := BootstrapDifference(head.Ratio, a, b)
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[Interval]Interval{one: Mean(scores), paired: Mean(differences)} {
		if math.Abs(got.Mean-want.Mean) > 1e-12 ||
			math.Abs(got.HalfWidth-want.HalfWidth) > 0.08*want.HalfWidth || got.N != want.N {
			t.Errorf("%+v, want about %+v", got, want)
		}
	}
}

func TestBootstrapOfFew(t *testing.T) {
	for _, test := range []struct {
		name   string
		groups [][]float64
		want   Interval
	}{
		{"none", nil, Interval{math.NaN(), math.NaN(), 0}},
		{"one", [][]float64{{1, 0, 1}}, Interval{2. / 3, math.NaN(), 1}},
		{"nothing to find", [][]float64{{0, 0, 0}, {0, 0, 0}}, Interval{math.NaN(), math.NaN(), 2}},
		{"all right", [][]float64{{1, 0, 0}, {0, 0, 0}, {1, 0, 0}}, Interval{1, 0, 3}},
	} {
		got, err := Bootstrap(head.F1, test.groups)
		if err != nil {
			t.Fatal(err)
		}
		same := func(a, b float64) bool { return a == b || a != a && b != b }
		if !same(got.Mean, test.want.Mean) || !same(got.HalfWidth, test.want.HalfWidth) ||
			got.N != test.want.N {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
	if _, err := Bootstrap(head.F1, [][]float64{{1, 0, 0}, {1, 0}}); err == nil {
		t.Error("groups of 3 and 2 sums are taken")
	}
	if _, err := BootstrapDifference(head.F1, [][]float64{{1, 0, 0}}, nil); err == nil {
		t.Error("one group is paired with none")
	}
}
