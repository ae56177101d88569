package sampling

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quickstudy/framework/task"
	"quickstudy/framework/text"
)

func TestEncodeEpisode(t *testing.T) {
	c := intents(t)
	c.Division, c.Episodes = Division{By: ByRecord, Train: 1}, &Episodes{Way: 2, Shot: 1, Query: 1}
	c.Inputs[0].Tokenizer = words(t, "a b c d e f")
	c.Predicts = append(c.Predicts, Predict{Name: "score", Target: "score", Kind: task.Value})
	sampled := newTask(
		t,
		dataset(2, []string{"all"},
			[]labelled{{"a", 0, 0.5}, {"b c", 0, 1.5}, {"d", 1, 2.5}, {"e f a", 1, 3.5}}),
		c,
	)
	d := Draw{Split: Train, Classes: []int{1, 0}, Support: []int64{1, 3}, Query: []int64{0, 2}}
	e := encode(t, sampled, d)
	want := &Batch{
		IDs: []int64{1, 3}, Rows: 2, Inputs: 2, Positions: 8, Padding: 3,
		Arrays: []Array{
			// Three tokens are padded to four positions; a is 2, b 3, and so on.
			{
				Name:       "input/tokens",
				Shape:      []int{2, 4},
				Ints:       []int32{3, 4, 0, 0, 6, 7, 2, 0},
				PerExample: true,
			},
			{
				Name:       "input/mask",
				Shape:      []int{2, 4},
				Floats:     []float64{1, 1, 0, 0, 1, 1, 1, 0},
				PerExample: true,
			},
			{
				Name:       "intent/class",
				Shape:      []int{2},
				Ints:       []int32{1, 0},
				PerExample: true,
			}, // class 0 has label 1
			{Name: "intent/class_mask", Shape: []int{2}, Floats: []float64{1, 1}},
			{Name: "intent/weight", Shape: []int{2}, Floats: []float64{1, 1}, PerExample: true},
			{Name: "intent/inverse_weight", Floats: []float64{0.5}},
			{Name: "score/value", Shape: []int{2}, Floats: []float64{1.5, 3.5}, PerExample: true},
			{Name: "score/weight", Shape: []int{2}, Floats: []float64{1, 1}, PerExample: true},
			{Name: "score/inverse_weight", Floats: []float64{0.5}},
		},
	}
	if diff := cmp.Diff(want, e.Support); diff != "" {
		t.Errorf("support: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]int32{2, 0, 0, 0, 5, 0, 0, 0},
		e.Query.Array("input/tokens").Ints); diff != "" {
		t.Errorf("the query is not padded to the length of the support: -want +got\n%s", diff)
	}
}

func words(t *testing.T, texts ...string) *text.Tokenizer {
	t.Helper()
	tokenizer, err := text.Train(text.Options{Kind: text.Words}, func(yield func(string) bool) {
		for _, s := range texts {
			if !yield(s) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return tokenizer
}

func TestEncodeBatch(t *testing.T) {
	c := intents(t)
	c.Division, c.Batches = Division{By: BySource}, &Batches{Size: 4}
	c.Predicts = append(c.Predicts, Predict{Name: "score", Target: "score", Kind: task.Value})
	data := dataset(
		3,
		[]string{"train", "validation", "test"},
		[]labelled{
			{"a", 2, 1},
			{"bb", -1, 2},
			{"ccc", 0, 3},
			{"d", 1, 4},
			{"e", 1, 5},
		},
		[]labelled{{"v", 0, 0}},
		[]labelled{{"t", 0, 0}},
	)
	sampled := newTask(t, data, c)
	e := encode(t, sampled, Draw{Split: Train, Query: []int64{0, 1, 2}})
	if e.Support != nil {
		t.Error("a batch has a support")
	}
	for name, want := range map[string]Array{
		"intent/class":      {Shape: []int{4}, Ints: []int32{2, 0, 0, 0}, PerExample: true},
		"intent/class_mask": {Shape: []int{3}, Floats: []float64{1, 1, 1}},
		// not labelled; padding
		"intent/weight":         {Shape: []int{4}, Floats: []float64{1, 0, 1, 0}, PerExample: true},
		"intent/inverse_weight": {Floats: []float64{0.5}},
		"score/weight":          {Shape: []int{4}, Floats: []float64{1, 1, 1, 0}, PerExample: true},
		"score/inverse_weight":  {Floats: []float64{1. / 3}},
	} {
		want.Name = name
		if diff := cmp.Diff(&want, e.Query.Array(name)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}

// Epochs visit every record once, batches run on into the next epoch, and a
// pass visits every record once in order.
func TestEpochs(t *testing.T) {
	c := intents(t)
	c.Division, c.Batches = Division{By: ByRecord, Train: 1}, &Batches{Size: 8}
	sampled := newTask(t, dataset(5, []string{"all"}, grid(5, 6)),
		c) // 30 records, 15 batches are 4 epochs
	var order []int64
	for _, d := range draws(t, sampled, Train, 15) {
		if len(d.Query) != 8 || d.Support != nil || d.Classes != nil {
			t.Fatalf("batch %+v, want 8 queries alone", d)
		}
		order = append(order, d.Query...)
	}
	for epoch := range 4 {
		seen := make(map[int64]bool)
		for _, id := range order[30*epoch : 30*epoch+30] {
			seen[id] = true
		}
		if len(seen) != 30 {
			t.Errorf("epoch %d has %d different records, want all 30", epoch, len(seen))
		}
	}
	if reflect.DeepEqual(order[:30], order[30:60]) {
		t.Error("two epochs have the same order")
	}
	pass, err := sampled.Pass(Train)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, d := range pass {
		ids = append(ids, d.Query...)
		if rows := encode(t, sampled, d).Query.Rows; rows != 8 {
			t.Errorf("draw %d of the pass has %d rows, want 8", d.Index, rows)
		}
	}
	if !reflect.DeepEqual(ids, sampled.Pool().Records(Train)) {
		t.Errorf("the pass visits %v", ids)
	}
}

func TestClassMaskOfDividedClasses(t *testing.T) {
	c := intents(t)
	c.Division, c.Batches = Division{
		By:         ByClass,
		Train:      0.5,
		Validation: 0.25,
		Test:       0.25,
	}, &Batches{
		Size: 4,
	}
	sampled := newTask(t, dataset(8, []string{"all"}, grid(8, 4)), c)
	sum := make([]float64, 8)
	for _, split := range splitNames {
		e := encode(t, sampled, draws(t, sampled, split, 1)[0])
		mask := e.Query.Array("intent/class_mask").Floats
		for class, m := range mask {
			sum[class] += m
		}
		for _, label := range e.Query.Array("intent/class").Ints {
			if mask[label] != 1 {
				t.Errorf("%s: class %d is drawn and masked", split, label)
			}
		}
	}
	if diff := cmp.Diff([]float64{1, 1, 1, 1, 1, 1, 1, 1}, sum); diff != "" {
		t.Errorf("masks of the splits do not divide the classes: -want +got\n%s", diff)
	}
}

func TestTruncation(t *testing.T) {
	c := intents(t)
	c.Division, c.Batches = Division{By: ByRecord, Train: 1}, &Batches{Size: 2}
	c.Inputs[0].MaxLength = 6
	data := dataset(1, []string{"all"}, []labelled{{"short", 0, 0}, {"much longer", 0, 0}})
	d := Draw{Split: Train, Query: []int64{0, 1}}
	_, err := newTask(t, data, c).Encode(d)
	if err == nil ||
		!strings.Contains(err.Error(),
			`record 1: "text" has 11 positions, more than max_length = 6`) {
		t.Errorf("got %v, want an error that names the record, its length and the limit", err)
	}
	c.Truncate = true
	e := encode(t, newTask(t, data, c), d)
	if e.Query.Truncated != 1 ||
		!reflect.DeepEqual(e.Query.Array("input/tokens").Shape, []int{2, 6}) {
		t.Errorf("%d truncated, shape %v, want 1 and [2 6]", e.Query.Truncated,
			e.Query.Array("input/tokens").Shape)
	}
	var s Statistics
	s.Add(e)
	if math.Abs(s.PaddingShare()-1./12) > 1e-15 || s.Tokens() != 11 {
		t.Errorf("padding %v and %d tokens, want 1/12 and 11", s.PaddingShare(), s.Tokens())
	}
	want := "2 inputs in 1 shape, 8.3 % padding, 1 truncated, 5 tokens lost"
	if got := s.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var both Statistics
	both.Join(s)
	c.Inputs[0].MaxLength, c.Truncate = 12, false
	s = Statistics{}
	s.Add(encode(t, newTask(t, data, c), d))
	both.Join(s)
	want = "4 inputs in 2 shapes, 25.0 % padding, 1 truncated, 5 tokens lost"
	if got := both.String(); got != want {
		t.Errorf("together: got %q, want %q", got, want)
	}
}

// Whatever the cut, sums of weight·inverse_weight·x are those of the batch, and
// every example is in exactly one element.
func TestCut(t *testing.T) {
	c := intents(t)
	c.Division, c.Batches = Division{By: ByRecord, Train: 1}, &Batches{Size: 13}
	sampled := newTask(t, dataset(5, []string{"all"}, grid(5, 6)), c)
	whole := encode(t, sampled, draws(t, sampled, Train, 1)[0]).Query
	total := weighted(whole)
	for _, size := range []int{1, 2, 3, 4, 8, 13, 16} {
		elements := whole.Cut(size)
		if want := (13 + size - 1) / size; len(elements) != want {
			t.Fatalf("cut into %d elements of %d, want %d", len(elements), size, want)
		}
		var sum float64
		var ids []int64
		for _, e := range elements {
			sum += weighted(e)
			ids = append(ids, e.IDs...)
			if e.Signature() != elements[0].Signature() || e.Rows != size {
				t.Errorf("cut by %d: signature %s, want %s", size, e.Signature(),
					elements[0].Signature())
			}
		}
		if math.Abs(sum-total) > 1e-12*math.Abs(total) {
			t.Errorf("cut by %d: the elements add up to %v, the batch to %v", size, sum, total)
		}
		if !reflect.DeepEqual(ids, whole.IDs) {
			t.Errorf("cut by %d: ids %v, want %v", size, ids, whole.IDs)
		}
		last := elements[len(elements)-1]
		for i, w := range last.Array("intent/weight").Floats {
			if padding := i >= len(last.IDs); padding != (w == 0) {
				t.Errorf("cut by %d: weight %v of row %d of the last element", size, w, i)
			}
		}
	}
}

// weighted is a weighted mean of something that depends on every array of an example.
func weighted(b *Batch) float64 {
	tokens, mask := b.Array("input/tokens"), b.Array("input/mask")
	var sum float64
	for i, w := range b.Array("intent/weight").Floats {
		x := float64(b.Array("intent/class").Ints[i])
		for k := range tokens.Shape[1] {
			x += mask.Floats[i*tokens.Shape[1]+k] * float64(tokens.Ints[i*tokens.Shape[1]+k])
		}
		sum += w * b.Array("intent/inverse_weight").Floats[0] * x
	}
	return sum
}

func TestMicroBatch(t *testing.T) {
	for _, test := range []struct{ maxLength, want int }{{1, 1024}, {32, 32}, {33, 16}, {48, 16},
		{128, 8}, {1024, 1}, {5000, 1}} {
		if got := DefaultMicroBatch(test.maxLength); got != test.want {
			t.Errorf("max_length %d: micro batch %d, want %d", test.maxLength, got, test.want)
		}
	}
	c := intents(t)
	c.Batches = &Batches{Size: 32}
	data := dataset(5, []string{"all"}, grid(5, 6))
	if got := newTask(t, data, c).MicroBatch(); got != 16 {
		t.Errorf("micro batch %d of max_length 48, want 16", got)
	}
	c.Batches.MicroBatch = 5
	if got := newTask(t, data, c).MicroBatch(); got != 5 {
		t.Errorf("micro batch %d, want the 5 of the experiment", got)
	}
}

func TestBucket(t *testing.T) {
	for _, test := range []struct{ n, limit, want int }{{0, 0, 1}, {1, 0, 1}, {2, 0, 2}, {3, 0, 4},
		{4, 0, 4}, {5, 0, 8}, {17, 24, 24}, {24, 24, 24}, {9, 24, 16}} {
		if got := bucket(test.n, test.limit); got != test.want {
			t.Errorf("bucket(%d, %d) = %d, want %d", test.n, test.limit, got, test.want)
		}
	}
}

// waves is a generator in the layout of a set: sequences with a value for every position.
func waves(points int) task.Dataset {
	d := task.Description{
		Fields: []task.Field{
			{Name: "x", Kind: task.Sequence, Size: []int{-1, 1}},
			{Name: "y", Kind: task.Vector, Size: []int{-1}},
		},
		Splits: []task.Split{{Name: "train"}, {Name: "test"}},
	}
	set := func(id int64, n int, start float64) task.Record {
		var x, y []float64
		for i := range n {
			x, y = append(x, start+float64(i)), append(y, 2*(start+float64(i)))
		}
		return task.Record{ID: id, Cells: []task.Cell{{Floats: x}, {Floats: y}}}
	}
	return task.Dataset{Generator: &task.Generator{
		Describe: func() (task.Description, error) { return d, nil },
		Sample: func(seed uint64, split string, index int64) (task.Episode, error) {
			if split != "train" && split != "test" {
				return task.Episode{}, fmt.Errorf("no split %q", split)
			}
			start := float64(seed) + float64(index)
			return task.Episode{
				Support: []task.Record{set(0, 2, start)},
				Query:   []task.Record{set(1, points, start), set(2, 1, start)},
			}, nil
		},
	}}
}

// The records of a list of generated episodes are made once for all its hashes.
func TestGeneratedEpisodesAreHashedOnce(t *testing.T) {
	data, made := waves(3), 0
	sample := data.Generator.Sample
	data.Generator.Sample = func(seed uint64, split string, index int64) (task.Episode, error) {
		made++
		return sample(seed, split, index)
	}
	sampled := newTask(t, data, Config{
		Name:     "waves",
		Inputs:   []Input{{Kind: Numeric, Fields: []string{"x"}, MaxLength: 5, Features: 1}},
		Predicts: []Predict{{Name: "wave", Target: "y", Kind: task.Value}},
	})
	made = 0
	frozen, err := sampled.Freeze(Test, 4)
	if err != nil {
		t.Fatal(err)
	}
	again, err := sampled.Hash(frozen.Draws)
	if err != nil || again != frozen.Hash || made != 4 {
		t.Errorf("%v, hashes %.8s and %.8s from %d episodes, want equal ones from 4", err,
			frozen.Hash, again, made)
	}
	if other, err := sampled.Hash(frozen.Draws[:3]); err != nil || other == frozen.Hash {
		t.Errorf("3 of 4 episodes have the hash of all (%v)", err)
	}
}

func TestGenerator(t *testing.T) {
	c := Config{
		Name: "waves", Seed: 10,
		Inputs:   []Input{{Kind: Numeric, Fields: []string{"x"}, MaxLength: 5, Features: 1}},
		Predicts: []Predict{{Name: "wave", Target: "y", Kind: task.Value}},
	}
	sampled := newTask(t, waves(3), c)
	e := encode(t, sampled, draws(t, sampled, "train", 3)[2])
	want := &Batch{
		IDs: []int64{1, 2}, Rows: 2, Inputs: 2, Positions: 8, Padding: 4,
		Arrays: []Array{
			{
				Name:       "input/numeric",
				Shape:      []int{2, 4, 1},
				Floats:     []float64{12, 13, 14, 0, 12, 0, 0, 0},
				PerExample: true,
			},
			{
				Name:       "input/mask",
				Shape:      []int{2, 4},
				Floats:     []float64{1, 1, 1, 0, 1, 0, 0, 0},
				PerExample: true,
			},
			{
				Name:       "wave/value",
				Shape:      []int{2, 4},
				Floats:     []float64{24, 26, 28, 0, 24, 0, 0, 0},
				PerExample: true,
			},
			{
				Name:       "wave/weight",
				Shape:      []int{2, 4},
				Floats:     []float64{1, 1, 1, 0, 1, 0, 0, 0},
				PerExample: true,
			},
			{Name: "wave/inverse_weight", Floats: []float64{0.25}},
		},
	}
	if diff := cmp.Diff(want, e.Query); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	frozen, err := sampled.Freeze("test", 4)
	if err != nil {
		t.Fatal(err)
	}
	other, err := newTask(t, waves(4), c).Freeze("test", 4)
	if err != nil || other.Hash == frozen.Hash {
		t.Errorf("other episodes have the same hash (%v)", err)
	}
	if _, err := sampled.Encode(Draw{Split: "dev"}); err == nil ||
		!strings.Contains(err.Error(), `no split "dev"`) {
		t.Errorf("got %v, want the generator's error", err)
	}
	c.Batches = &Batches{Size: 1}
	if _, err := NewPool(waves(3), c); err == nil ||
		!strings.Contains(err.Error(), "composes its own episodes") {
		t.Errorf("got %v, want an error that a generator takes no batches", err)
	}
}

func TestTaskRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no inputs", func(c *Config) { c.Inputs = nil }, "no field is fed"},
		{"set twice", func(c *Config) { c.Inputs = append(c.Inputs, c.Inputs[0]) },
			`set "input" is fed twice`},
		{"no tokenizer", func(c *Config) { c.Inputs[0].Tokenizer = nil },
			"tokens need a tokenizer"},
		{"no length", func(c *Config) { c.Inputs[0].MaxLength = 0 }, "max_length 0"},
		{"tokens of a class", func(c *Config) { c.Inputs[0].Fields = []string{"intent"} },
			"this is of kind class"},
		{"numbers of a text", func(c *Config) { c.Inputs[0].Kind = Numeric }, "numbers come from"},
		{"features",
			func(c *Config) {
				c.Inputs[0] = Input{Kind: Numeric, Fields: []string{"score"}, MaxLength: 1, Features: 3}
			},
			"it has 1 numbers at each position, and the backbone's input has features = 3"},
		{"input kind", func(c *Config) { c.Inputs[0].Kind = "audio" }, `input kind "audio"`},
		{"kind of target", func(c *Config) { c.Predicts[0].Target = "score" },
			`the head asks for a class, and target "score" is of kind value`},
		{"name of an input", func(c *Config) { c.Predicts[0].Name = "input" }, "the name is taken"},
		{"name with a slash", func(c *Config) { c.Predicts[0].Name = "a/b" }, "holds a slash"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := intents(t)
			c.Batches = &Batches{Size: 4}
			pool, err := NewPool(dataset(5, []string{"all"}, grid(5, 4)), c)
			if err != nil {
				t.Fatal(err)
			}
			test.change(&c)
			if _, err := NewTask(pool, c); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// What a source sends is checked before it is used.
func TestUntrustedSource(t *testing.T) {
	good := dataset(5, []string{"all"}, grid(5, 4))
	tests := []struct {
		name string
		get  func(ids []int64) ([]task.Record, error)
		want string
	}{
		{"too few", func([]int64) ([]task.Record, error) { return nil, nil },
			"returned 0 records for 20 ids"},
		{"others", func(ids []int64) ([]task.Record, error) {
			records, err := good.Source.Get(ids)
			records[3].ID = 4
			return records, err
		}, "returned record 4 for id 3"},
		{"bad class", func(ids []int64) ([]task.Record, error) {
			records, err := good.Source.Get(ids)
			records[2].Cells = []task.Cell{{Text: "x"}, {Ints: []int64{5}}, {Floats: []float64{0}}}
			return records, err
		}, `record 2, field "intent": class 5 is outside 0 to 4`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := intents(t)
			c.Batches = &Batches{Size: 4}
			_, err := NewPool(
				task.Dataset{Source: &task.Source{Describe: good.Source.Describe, Get: test.get}},
				c)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// TestImages: an image is cut into patches, row by row, behind a position without pixels.
func TestImages(t *testing.T) {
	d := task.Description{
		Fields: []task.Field{{Name: "image", Kind: task.Image, Size: []int{2, 4, 2}},
			{Name: "class", Kind: task.ClassOf, Classes: []task.Class{{Name: "a"}, {Name: "b"}}}},
		Splits: []task.Split{{Name: "all", Records: 2}},
	}
	pixels := make([]float64, 16)
	for i := range pixels {
		pixels[i] = float64(i + 1)
	}
	data := task.Dataset{Source: &task.Source{
		Describe: func() (task.Description, error) { return d, nil },
		Get: func(ids []int64) (out []task.Record, err error) {
			for _, id := range ids {
				image := slices.Clone(pixels)
				image[0] += float64(id)
				out = append(out, task.Record{ID: id,
					Cells: []task.Cell{{Floats: image}, {Ints: []int64{id}}}})
			}
			return out, nil
		},
	}}
	c := Config{Name: "images",
		Inputs: []Input{{Kind: Image, Fields: []string{"image"}, MaxLength: 3,
			Image: Pixels{Height: 2, Width: 4, Channels: 2, Patch: 2}}},
		Predicts: []Predict{{Name: "class", Target: "class", Kind: task.ClassOf}},
		Division: Division{By: ByRecord, Train: 1}, Batches: &Batches{Size: 3}}
	sampled := newTask(t, data, c)
	e := encode(t, sampled, Draw{Split: Train, Query: []int64{0}})
	// A pixel's channels stand together; the first patch has columns 0 and 1 of both rows.
	want := Array{Name: "input/image", Shape: []int{3, 3, 8}, PerExample: true}
	want.Floats = append([]float64{
		0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 9, 10, 11, 12, 5, 6, 7, 8, 13, 14, 15, 16},
		make([]float64, 48)...)
	if diff := cmp.Diff(&want, e.Query.Array("input/image")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	mask := e.Query.Array("input/mask").Floats
	if !slices.Equal(mask, []float64{1, 1, 1, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("mask %v", mask)
	}
	for want, change := range map[string]func(in *Input){
		"do not divide into patches of 3 x 3": func(in *Input) { in.Image.Patch = 3 },
		"want each at least 1":                func(in *Input) { in.Image.Patch = 0 },
		"[2 4 1], and this is of kind image":  func(in *Input) { in.Image.Channels = 1 },
		"this is of kind class":               func(in *Input) { in.Fields = []string{"class"} },
		"max_length 4, want 3":                func(in *Input) { in.MaxLength = 4 },
		"numbers come from a value":           func(in *Input) { in.Kind = Numeric },
	} {
		in := c.Inputs[0]
		change(&in)
		if err := in.Check(d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestGeneratedTexts: what a vocabulary is made from are the texts of the first episodes of the
// split, support and query, as they are drawn.
func TestGeneratedTexts(t *testing.T) {
	describe := func() (task.Description, error) {
		return task.Description{Fields: []task.Field{{Name: "said", Kind: task.Words}},
			Splits: []task.Split{{Name: "train"}, {Name: "test"}}}, nil
	}
	said := func(id int64, words ...string) task.Record {
		return task.Record{ID: id, Cells: []task.Cell{{Words: words}}}
	}
	generator := &task.Generator{Describe: describe,
		Sample: func(seed uint64, split string, index int64) (task.Episode, error) {
			name := fmt.Sprint(split, seed, "-", index)
			return task.Episode{Support: []task.Record{said(0, name, "shown")},
				Query: []task.Record{said(1, name), said(2, "asked")}}, nil
		}}
	pool, err := NewPool(task.Dataset{Generator: generator}, Config{Name: "sayings", Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	texts, err := pool.Texts(Train, "said")
	if err != nil || len(texts) != 3*GeneratedTexts {
		t.Fatalf("%d texts, %v, want 3 of each of %d episodes", len(texts), err, GeneratedTexts)
	}
	want := []string{"train3-0 shown", "train3-0", "asked", "train3-1 shown"}
	if diff := cmp.Diff(want, texts[:4]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	generator.Sample = func(uint64, string, int64) (task.Episode, error) {
		return task.Episode{Query: []task.Record{{Cells: []task.Cell{{Text: "no words"}}}}}, nil
	}
	if _, err := pool.Texts(Train, "said"); err == nil ||
		!strings.Contains(err.Error(), "episode 0 of train: record 0, field \"said\"") {
		t.Errorf("got %v, want an error that the episode is not as described", err)
	}
}
