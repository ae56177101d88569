package metric

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/head"
)

// scores are what other people's libraries say, as tools/fixtures/metrics.py writes it.
type scores struct {
	Entities []struct {
		Truth, Said [][]string
		Entities    [][][]any // of what is said: type, first and last word
		F1          float64
	}
	Answers []struct {
		Gold, Said string
		Exact, F1  float64
	}
	Texts []struct {
		Name          string
		Said          []string
		References    [][]string
		BLEU, CHRF    float64
		BLEUSignature string  `json:"bleu_signature"`
		CHRFSignature string  `json:"chrf_signature"`
		BLEUHalfWidth float64 `json:"bleu_half_width"`
		CHRFHalfWidth float64 `json:"chrf_half_width"`
	}
	Labels []struct {
		Has, Said  [][]int
		MicroF1    float64 `json:"micro_f1"`
		MacroF1    float64 `json:"macro_f1"`
		ExactMatch float64 `json:"exact_match"`
	}
	Values struct {
		Truth, Said        []float64
		MSE, MAE, RMSE, R2 float64
	}
}

func outside(t *testing.T) scores {
	t.Helper()
	data, err := os.ReadFile("testdata/scores.json")
	if err != nil {
		t.Fatal(err)
	}
	var s scores
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestEntitiesAsInSeqeval compares with seqeval 1.2.2 in its default mode, on tags that
// follow no scheme, too.
func TestEntitiesAsInSeqeval(t *testing.T) {
	rows := outside(t).Entities
	for _, row := range rows {
		var all Spans
		for i, said := range row.Said {
			var want []Entity
			for _, e := range row.Entities[i] {
				want = append(want, Entity{e[0].(string), int(e[1].(float64)), int(e[2].(float64)) + 1})
			}
			if diff := cmp.Diff(want, Entities(said)); diff != "" {
				t.Errorf("%v (-seqeval +here):\n%s", said, diff)
			}
			all.Count(Entities(row.Truth[i]), Entities(said))
		}
		equal(t, fmt.Sprint(row.Said), all.F1(), row.F1)
	}
	if len(rows) < 20 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestTagged(t *testing.T) {
	for _, row := range []struct {
		tags []string
		want bool
	}{
		{[]string{"O", "B-X", "I-X"}, true}, {[]string{"B-X", "E-X", "S-X"}, true},
		{[]string{"O"}, false}, {[]string{"NN", "VB"}, false}, {[]string{"O", "B-"}, false},
		{[]string{"O", "X-B"}, false}, {nil, false},
	} {
		if got := Tagged(row.tags); got != row.want {
			t.Errorf("%q: %v, want %v", row.tags, got, row.want)
		}
	}
}

// TestAnswersAsInSQuAD compares with the definition of SQuAD's evaluation.
func TestAnswersAsInSQuAD(t *testing.T) {
	for _, row := range outside(t).Answers {
		what := fmt.Sprintf("%q for %q", row.Said, row.Gold)
		exact := map[bool]float64{true: 1}[ExactMatch(row.Gold, row.Said)]
		equal(t, what+", exact", exact, row.Exact)
		equal(t, what+", F1", AnswerF1(row.Gold, row.Said), row.F1)
	}
}

// TestTextsAsInSacreBLEU compares numbers and signatures with sacreBLEU 2.6.0, whole and in
// parts that are added.
func TestTextsAsInSacreBLEU(t *testing.T) {
	for _, row := range outside(t).Texts {
		var bleu, bleuParts BLEU
		var chrf, chrfParts CHRF
		for i, said := range row.Said {
			var b BLEU
			var c CHRF
			b.Count(said, row.References[i]...)
			c.Count(said, row.References[i]...)
			bleuParts.Add(b)
			chrfParts.Add(c)
			bleu.Count(said, row.References[i]...)
			chrf.Count(said, row.References[i]...)
		}
		if bleu != bleuParts || chrf != chrfParts {
			t.Errorf("%s: parts do not add up", row.Name)
		}
		for finish, sums := range map[head.Finish][]float64{
			head.BLEU: bleu.Sums(), head.CHRF: chrf.Sums(),
		} {
			want := map[head.Finish]float64{head.BLEU: row.BLEU, head.CHRF: row.CHRF}[finish]
			got, err := Finish(finish, sums)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, fmt.Sprint(row.Name, ", ", finish, " of sums"), got, want)
		}
		equal(t, row.Name+", BLEU", bleu.Score(), row.BLEU)
		equal(t, row.Name+", chrF", chrf.Score(), row.CHRF)
		n := len(row.References[0])
		if BLEUSignature(n) != row.BLEUSignature || CHRFSignature(n) != row.CHRFSignature {
			t.Errorf("%s: signatures %s and %s, want %s and %s", row.Name, BLEUSignature(n),
				CHRFSignature(n), row.BLEUSignature, row.CHRFSignature)
		}
	}
	if none := new(BLEU).Score(); !math.IsNaN(none) || !math.IsNaN(new(CHRF).Score()) {
		t.Errorf("the score of no text is %v, want NaN", none)
	}
}

// TestLabelsAsInScikitLearn finishes the sums of several labels an example.
func TestLabelsAsInScikitLearn(t *testing.T) {
	for _, row := range outside(t).Labels {
		classes := len(row.Has[0])
		sums, exact := make([]float64, 3*classes), 0.0
		for i, has := range row.Has {
			if slices.Equal(has, row.Said[i]) {
				exact++
			}
			for c := range classes {
				switch {
				case has[c] == 1 && row.Said[i][c] == 1:
					sums[c]++
				case row.Said[i][c] == 1:
					sums[classes+c]++
				case has[c] == 1:
					sums[2*classes+c]++
				}
			}
		}
		all := make([]float64, 3)
		for i, n := range sums {
			all[i/classes] += n
		}
		finish := func(f head.Finish, sums []float64) float64 {
			score, err := Finish(f, sums)
			if err != nil {
				t.Fatal(err)
			}
			return score
		}
		what := fmt.Sprint(classes, " classes")
		equal(t, what+", micro", finish(head.F1, all), row.MicroF1)
		equal(t, what+", macro", finish(head.MacroF1, sums), row.MacroF1)
		equal(t, what+", exact", finish(head.Ratio, []float64{exact, float64(len(row.Has))}),
			row.ExactMatch)
	}
}

func TestValuesAsInScikitLearn(t *testing.T) {
	v := outside(t).Values
	var r Regression
	for i, y := range v.Truth {
		r.Count(y, v.Said[i])
	}
	equal(t, "mse", r.MSE(), v.MSE)
	equal(t, "mae", r.MAE(), v.MAE)
	equal(t, "rmse", math.Sqrt(r.MSE()), v.RMSE)
	equal(t, "r2", r.R2(), v.R2)
}

// FuzzText: whatever is said, scores are numbers from 0 to 100, and 100 only of a text
// that says what the reference says.
func FuzzText(f *testing.F) {
	f.Add("a cat", "the cat.")
	f.Add("", "\x1c")
	f.Fuzz(func(t *testing.T, said, there string) {
		if !utf8.ValidString(said) || !utf8.ValidString(there) {
			t.Skip()
		}
		var bleu BLEU
		var chrf CHRF
		bleu.Count(said, there)
		chrf.Count(said, there)
		for _, score := range []float64{bleu.Score(), chrf.Score(), 100 * AnswerF1(there, said)} {
			if score < 0 || score > 100+1e-9 {
				t.Errorf("%q for %q: %v", said, there, score)
			}
		}
		if same := slices.Equal(tokens13a(said), tokens13a(there)); !same && bleu.Score() > 100-1e-9 {
			t.Errorf("%q for %q: %v", said, there, bleu.Score())
		}
	})
}
