package sampling

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"quickstudy/framework/task"
)

// paper has the constants of Meta-Dataset.
var paper = MetaDataset{MinWay: 5, MaxWay: 50, MaxQuery: 10, MaxSupport: 500,
	MaxSupportPerClass: 100, MinLogWeight: -math.Ln2, MaxLogWeight: math.Ln2}

// The rules of Meta-Dataset, computed by hand.
func TestMetaDatasetSizes(t *testing.T) {
	with := func(change func(d *MetaDataset)) MetaDataset {
		d := paper
		change(&d)
		return d
	}
	t.Run("query", func(t *testing.T) {
		for _, test := range []struct {
			of    MetaDataset
			sizes []int
			want  int
		}{
			{paper, []int{100, 40}, 10}, // at most 10
			// half of the smallest, rounded down
			{paper, []int{100, 13, 30}, 6},
			{paper, []int{2, 100}, 1}, // and at least one
			// what five shots leave of 8
			{with(func(d *MetaDataset) { d.Shot = 5 }), []int{8, 20}, 3},
			// a limit of the experiment
			{with(func(d *MetaDataset) { d.Shot, d.MaxQuery = 5, 2 }), []int{8, 9}, 2},
		} {
			if got := test.of.queryCount(test.sizes); got != test.want {
				t.Errorf("%+v, classes of %v: %d queries, want %d", test.of, test.sizes, got, test.want)
			}
		}
	})
	t.Run("support", func(t *testing.T) {
		for _, test := range []struct {
			beta  float64
			sizes []int
			query int
			want  int
		}{
			{0.5, []int{30, 15}, 5, 19},                   // ⌊12.5+1⌋ + ⌊5+1⌋
			{0, []int{30, 15, 9}, 4, 3},                   // one of every class
			{0.5, []int{1000, 1000}, 10, 102},             // a class adds at most ⌊50+1⌋
			{0.99, slices.Repeat([]int{200}, 8), 10, 500}, // 8·100 is cut to 500
		} {
			if got := paper.supportSize(test.beta, test.sizes, test.query); got != test.want {
				t.Errorf("β = %v, classes of %v: support of %d, want %d", test.beta, test.sizes,
					got, test.want)
			}
		}
	})
	t.Run("shots", func(t *testing.T) {
		for _, test := range []struct {
			weights []float64
			sizes   []int
			query   int
			support int
			want    []int
		}{
			{[]float64{1, 1}, []int{30, 10}, 5, 10, []int{7, 3}},  // ⌊¾·8⌋+1, ⌊¼·8⌋+1
			{[]float64{2, 0.5}, []int{10, 40}, 5, 9, []int{4, 4}}, // shares ½, ½ of 7, rounded down
			// ⌊55.77⌋+1; ⌊2.23⌋+1 = 3 is more than 4-2
			{[]float64{1, 1}, []int{100, 4}, 2, 60, []int{56, 2}},
			{[]float64{1, 1, 1}, []int{9, 9, 9}, 4, 3, []int{1, 1, 1}},
		} {
			if got := shotCounts(test.weights, test.sizes, test.query, test.support); !slices.Equal(
				got, test.want) {
				t.Errorf("weights %v, classes of %v, support %d: shots %v, want %v", test.weights,
					test.sizes, test.support, got, test.want)
			}
		}
	})
}

// original is what the sampler of Meta-Dataset itself has drawn: tools/fixtures/meta_dataset.py.
type original struct {
	Episodes     int
	Sizes        []int // of the classes
	Superclasses []int // how many classes each has, one after another
	Watched      []int // classes whose shots are counted
	Modes        map[string]compositions
}

// compositions counts episodes by what they are made of.
type compositions struct {
	Bilevel bool
	Ignore  float64

	Ways, Query, Support, Classes []int
	Shots                         [][]int // by the class, then by shots
}

func readOriginal(t *testing.T) (o original) {
	t.Helper()
	text, err := os.ReadFile("testdata/meta_dataset.json")
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// data has the classes of the original, with superclasses or without.
func (o original) data(hierarchy bool) task.Dataset {
	var records []labelled
	for class, n := range o.Sizes {
		for i := range n {
			// 1 to 30 tokens
			text := fmt.Sprintf("%d/%d", class, i)
			records = append(records, labelled{text + strings.Repeat(" a", i%13), class, 0})
		}
	}
	data := dataset(len(o.Sizes), []string{"all"}, records)
	if hierarchy {
		d, _ := data.Describe()
		class := 0
		for i, n := range o.Superclasses {
			for range n {
				d.Fields[1].Classes[class].Super = fmt.Sprintf("super%d", i)
				class++
			}
		}
	}
	return data
}

// superOf returns the superclass of a class.
func (o original) superOf(class int) int {
	for i, n := range o.Superclasses {
		if class < n {
			return i
		}
		class -= n
	}
	return -1
}

// TestMetaDatasetEpisodes: 10,000 episodes of each way to choose classes are made of what those
// that the original sampler draws are made of.
func TestMetaDatasetEpisodes(t *testing.T) {
	o := readOriginal(t)
	const episodes = 10000
	for name, want := range o.Modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := intents(t)
			rule := paper
			rule.IgnoreHierarchy = want.Ignore
			c.Division, c.MetaDataset = Division{By: ByRecord, Train: 1}, &rule
			sampled := newTask(t, o.data(want.Bilevel), c)
			got := compositions{Ways: make([]int, len(want.Ways)), Query: make([]int, len(want.Query)),
				Support: make([]int, len(want.Support)), Classes: make([]int, len(want.Classes))}
			for range want.Shots {
				got.Shots = append(got.Shots, make([]int, len(want.Shots[0])))
			}
			for index := range int64(episodes) {
				draw, err := sampled.Draw(Train, index)
				if err != nil {
					t.Fatal(err)
				}
				o.count(t, draw, want, &got)
			}
			compare := func(what string, got, want []int) {
				t.Helper()
				statistic, freedom := twoSamples(got, want)
				if limit := chiLimit(freedom); statistic > limit {
					t.Errorf("%s: χ² = %.1f > %.1f with %d degrees of freedom\n%v\n%v", what, statistic,
						limit, freedom, got, want)
				}
			}
			compare("ways", got.Ways, want.Ways)
			compare("queries of a class", got.Query, want.Query)
			compare("size of the support", got.Support, want.Support)
			// Several classes are drawn at once, which varies less than χ² says.
			compare("classes", got.Classes, want.Classes)
			for i, class := range o.Watched {
				compare(fmt.Sprintf("shots of class %d", class), got.Shots[i], want.Shots[i])
			}
		})
	}
}

// count checks what holds of every episode, and counts it.
func (o original) count(t *testing.T, d Draw, want compositions, into *compositions) {
	t.Helper()
	way, smallest := len(d.Classes), math.MaxInt
	supers := map[int]bool{}
	for _, class := range d.Classes {
		smallest = min(smallest, o.Sizes[class])
		supers[o.superOf(class)] = true
		into.Classes[class]++
	}
	query := len(d.Query) / way
	if len(d.Query)%way != 0 || query != min(10, smallest/2) {
		t.Fatalf("episode %d: %d queries of %d classes, the smallest of %d", d.Index, len(d.Query),
			way, smallest)
	}
	if want.Bilevel && want.Ignore == 0 && len(supers) != 1 {
		t.Fatalf("episode %d is of %d superclasses", d.Index, len(supers))
	}
	shots := map[int]int{}
	seen := map[int64]bool{}
	first := make([]int64, len(o.Sizes)+1) // id of the first record of each class
	for class, n := range o.Sizes {
		first[class+1] = first[class] + int64(n)
	}
	for _, id := range append(slices.Clone(d.Support), d.Query...) {
		if seen[id] {
			t.Fatalf("episode %d: record %d occurs twice", d.Index, id)
		}
		seen[id] = true
	}
	for _, id := range d.Support {
		class, exact := slices.BinarySearch(first, id)
		if !exact {
			class--
		}
		shots[class]++
	}
	if len(shots) != way || len(d.Support) > 500 {
		t.Fatalf("episode %d: a support of %d records of %d of %d classes", d.Index, len(d.Support),
			len(shots), way)
	}
	into.Ways[way]++
	into.Query[query]++
	into.Support[len(d.Support)]++
	for i, class := range o.Watched {
		if n := shots[class]; n > 0 {
			into.Shots[i][n]++
		}
	}
}

// twoSamples returns χ² of two counts of the same distribution, neighbours put together until
// fewer than 20 are nowhere expected, and its degrees of freedom.
func twoSamples(a, b []int) (statistic float64, freedom int) {
	total := func(n []int) (sum float64) {
		for _, x := range n {
			sum += float64(x)
		}
		return sum
	}
	na, nb := total(a), total(b)
	var bins [][2]float64
	bin := [2]float64{}
	for i := range a {
		bin[0] += float64(a[i])
		bin[1] += float64(b[i])
		if (bin[0]+bin[1])*min(na, nb)/(na+nb) >= 20 {
			bins = append(bins, bin)
			bin = [2]float64{}
		}
	}
	if last := len(bins) - 1; last >= 0 {
		bins[last][0] += bin[0]
		bins[last][1] += bin[1]
	}
	for _, n := range bins {
		d := math.Sqrt(nb/na)*n[0] - math.Sqrt(na/nb)*n[1]
		statistic += d * d / (n[0] + n[1])
	}
	return statistic, len(bins) - 1
}

// chiLimit is the 99.999 % quantile of χ² (Wilson & Hilferty 1931).
func chiLimit(freedom int) float64 {
	const quantile = 4.265 // of the normal distribution
	v := 2 / (9 * float64(max(freedom, 1)))
	return float64(max(freedom, 1)) * math.Pow(1-v+quantile*math.Sqrt(v), 3)
}

// TestMetaDatasetShapes: 10,000 episodes of three data sets mixed uniformly have few shapes.
func TestMetaDatasetShapes(t *testing.T) {
	o := readOriginal(t)
	var tasks []*Task
	for i, hierarchy := range []bool{false, true, false} {
		c := intents(t)
		rule := paper
		c.Name = fmt.Sprintf("set%d", i)
		c.Division, c.MetaDataset = Division{By: ByRecord, Train: 1}, &rule
		data := o.data(hierarchy)
		if i == 2 { // few classes
			data = dataset(8, []string{"all"}, grid(8, 40))
		}
		tasks = append(tasks, newTask(t, data, c))
	}
	plan := Plan{Seed: 7, Mix: Uniform, PerStep: 1, Sizes: make([]int, len(tasks))}
	shapes := map[string]bool{}
	var all Statistics
	for step := range int64(10000) {
		picks, err := plan.Step(step)
		if err != nil {
			t.Fatal(err)
		}
		sampled := tasks[picks[0].Task]
		draw, err := sampled.Draw(Train, picks[0].Index)
		if err != nil {
			t.Fatal(err)
		}
		if step%10 == 0 { // encoded as they are in training
			all.Add(encode(t, sampled, draw))
		}
		support, query := len(draw.Support), len(draw.Query)
		shapes[fmt.Sprint(picks[0].Task, sampled.rows(support), sampled.rows(query))] = true
	}
	t.Logf("%d shapes of 10,000 episodes; of 1,000 of them %v", len(shapes), all)
	if n := len(shapes); n > 100 {
		t.Errorf("%d shapes, want at most 100", n)
	}
	if len(all.Shapes) > len(shapes) {
		t.Errorf("%d shapes as encoded, and %d by their sizes", len(all.Shapes), len(shapes))
	}
	if share := all.PaddingShare(); share <= 0.1 || share >= 0.8 {
		t.Errorf("padding is %.2f of the positions", share)
	}
}

func TestMetaDatasetRefuses(t *testing.T) {
	c := intents(t)
	c.Division = Division{By: ByRecord, Train: 1}
	for _, test := range []struct {
		name   string
		change func(d *MetaDataset)
		want   string
	}{
		{"way of one", func(d *MetaDataset) { d.Way = 1 }, "way 1"},
		{"empty range", func(d *MetaDataset) { d.MinWay = 60 }, "min_way 60 and max_way 50"},
		{"no query", func(d *MetaDataset) { d.MaxQuery = 0 }, "max_query 0"},
		{"small support", func(d *MetaDataset) { d.MaxSupport = 40 }, "max_support 40"},
		{"weights descend", func(d *MetaDataset) { d.MinLogWeight = 1 }, "want them to ascend"},
		{"weights too large", func(d *MetaDataset) { d.MaxLogWeight = 1000 }, "between -100 and 100"},
		{"no weight", func(d *MetaDataset) { d.MinLogWeight = math.NaN() }, "min_log_weight NaN"},
		{"share", func(d *MetaDataset) { d.IgnoreHierarchy = 2 }, "ignore_hierarchy 2"},
		{"too few records", func(d *MetaDataset) { d.Query = 12 }, `split "train" has 12 records of ` +
			`the class "class0", too few for an episode, which takes 13, and 9 more classes are too ` +
			`small; ask for fewer, or leave such classes out by min_examples = 13`},
		{"all left out", func(d *MetaDataset) { d.MinExamples = 13 },
			`split "train" has 0 classes with at least 13 records, too few for 5 ways`},
		{"superclass", func(d *MetaDataset) { d.MinWay = 7 }, `split "train" has 5 classes in the ` +
			`superclass "a", too few for 7 ways; lower min_way`},
	} {
		t.Run(test.name, func(t *testing.T) {
			rule := paper
			test.change(&rule)
			c.MetaDataset = &rule
			data := dataset(10, []string{"all"}, grid(10, 12))
			d, _ := data.Describe()
			for i := range d.Fields[1].Classes {
				d.Fields[1].Classes[i].Super = map[bool]string{true: "a", false: "b"}[i < 5]
			}
			pool, err := NewPool(data, c)
			if err == nil {
				var sampled *Task
				if sampled, err = NewTask(pool, c); err == nil {
					_, err = sampled.Draw(Train, 0)
				}
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}
