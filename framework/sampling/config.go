package sampling

import (
	"fmt"
	"math"
	"strings"

	"quickstudy/framework/task"
	"quickstudy/framework/text"
)

// The splits a task is divided into. No record, and no two records with equal
// inputs, are in two of them.
const (
	Train      = "train"
	Validation = "validation"
	Test       = "test"
)

// splitNames in the order in which they are reported.
var splitNames = []string{Train, Validation, Test}

// Config is what an experiment asks of one task's data.
type Config struct {
	Name     string // of the task: tasks with different names draw differently
	Seed     uint64
	Inputs   []Input
	Predicts []Predict
	Division Division
	// ClassField is the class field that episodes are made of and that a
	// division by class divides. "" stands for the only class target.
	ClassField string
	// One of these says how records are drawn; a generator has none.
	Episodes    *Episodes
	MetaDataset *MetaDataset
	ZeroShot    *ZeroShot
	Batches     *Batches
	// Truncate cuts inputs to MaxLength and counts them; otherwise a longer
	// one is an error.
	Truncate bool
}

// InputKind says how an input set enters the backbone.
type InputKind string

// The kinds of input.
const (
	Tokens  InputKind = "tokens"  // a text or words field: <set>/tokens i32 [B, T]
	Numeric InputKind = "numeric" // a value, vector or sequence field: <set>/numeric f32 [B, T, F]
	Image   InputKind = "image"   // an image field: <set>/image f32 [B, 1+P, F], see Pixels
)

// Input feeds one field to the backbone, or several texts as one.
type Input struct {
	Set  string // "" means "input"
	Kind InputKind
	// Fields is one field, or of tokens any number: their tokens follow each other, with a
	// separator token between.
	Fields    []string
	Tokenizer *text.Tokenizer // tokens
	MaxLength int             // the largest T
	Features  int             // numeric: F
	Image     Pixels          // image
}

// Pixels is the size of the images of an input, and that of the square patches which they
// are cut into: P of them, row by row, each of F = Patch²·Channels numbers, its pixels row
// by row. Before the first is a position of zeros, where the backbone has its class token.
type Pixels struct{ Height, Width, Channels, Patch int }

func (p Pixels) verify() error {
	for _, n := range []int{p.Height, p.Width, p.Channels, p.Patch} {
		if n < 1 {
			return fmt.Errorf("%+v, want each at least 1", p)
		}
	}
	if p.Height%p.Patch != 0 || p.Width%p.Patch != 0 {
		return fmt.Errorf("images of %d x %d pixels do not divide into patches of %[3]d x %[3]d",
			p.Height, p.Width, p.Patch)
	}
	return nil
}

// positions is 1+P.
func (p Pixels) positions() int { return 1 + p.Height/p.Patch*(p.Width/p.Patch) }

// features is F.
func (p Pixels) features() int { return p.Patch * p.Patch * p.Channels }

// patches lays an image [H, W, C] out as [1+P, F].
func (p Pixels) patches(image []float64) []float64 {
	out := make([]float64, p.features(), p.features()+len(image))
	for top := 0; top < p.Height; top += p.Patch {
		for left := 0; left < p.Width; left += p.Patch {
			for row := top; row < top+p.Patch; row++ {
				at := (row*p.Width + left) * p.Channels
				out = append(out, image[at:at+p.Patch*p.Channels]...)
			}
		}
	}
	return out
}

// Name is how the input is called in messages: its fields.
func (in Input) Name() string { return strings.Join(in.Fields, ", ") }

func (in Input) set() string {
	if in.Set == "" {
		return "input"
	}
	return in.Set
}

// Predict asks for the target of one objective.
type Predict struct {
	Name   string // prefix of its arrays
	Target string // a field
	// Kind is what the head asks for: task.ClassOf or task.ClassSet from a field of
	// that kind; task.Value from a value field, or from a vector field with one number
	// for every position of the first input; task.Span, a span of a text that is an
	// input; task.IDs, an entry for every word of an input; task.Text, the tokens of an
	// input itself, each from those before it.
	Kind task.FieldKind
}

// Rule is how records are divided into training, validation and test.
type Rule string

// The rules of division.
const (
	ByClass Rule = "class" // disjoint classes; the published splits are pooled
	// BySuperclass divides superclasses, whose classes stay together: alphabets, or domains.
	BySuperclass Rule = "superclass"
	ByRecord     Rule = "record" // disjoint records; the published splits are pooled
	BySource     Rule = "source" // as published; a missing validation is taken from train
)

// Division says how records are divided. The fractions are of classes or of
// records; BySource uses only Validation, the share of train that becomes the
// validation split when none is published (0 means 0.1).
type Division struct {
	By                      Rule
	Train, Validation, Test float64
	// TrainShare is the share of the training classes, or records, that take part; 0: all. What
	// a larger share has includes what a smaller one has, and the other splits are the same.
	TrainShare float64
	// Seed decides who is where. It is not the seed of the run, so that runs
	// with different seeds are judged by the same records.
	Seed uint64
}

// Episodes describes N-way K-shot episodes.
type Episodes struct {
	Way            int // 0: drawn uniformly from MinWay..MaxWay, as far as there are classes
	MinWay, MaxWay int
	Shot, Query    int // of every class
	MinExamples    int // classes with fewer records are left out; see Report
}

// needs is the number of records a class must have to be drawn.
func (e Episodes) needs() int { return e.Shot + e.Query }

func (e Episodes) verify() error {
	switch {
	case e.Way == 1:
		return fmt.Errorf("episodes: way = 1 leaves nothing to tell apart, want at least 2")
	case e.Way < 0 || e.Way == 0 && (e.MinWay < 2 || e.MinWay > e.MaxWay):
		return fmt.Errorf("episodes: way %d, min_way %d and max_way %d, want a way, or "+
			"2 ≤ min_way ≤ max_way", e.Way, e.MinWay, e.MaxWay)
	case e.Shot < 1 || e.Query < 1 || e.MinExamples < 0:
		return fmt.Errorf("episodes: shot %d, query %d and min_examples %d, want at least 1, 1 and 0",
			e.Shot, e.Query, e.MinExamples)
	}
	return nil
}

// Batches describes ordinary batches, drawn without replacement within an epoch.
type Batches struct {
	Size int
	// MicroBatch is the number of examples of one element of the step, 0 for
	// the largest power of two with at most 1,024 positions.
	MicroBatch int
	// ByLength draws records together that have about as many positions over all inputs, so
	// that little of a batch is padding.
	ByLength bool
}

func (c Config) verify() error {
	ways := 0
	for _, given := range []bool{c.Episodes != nil, c.MetaDataset != nil, c.ZeroShot != nil,
		c.Batches != nil} {
		if given {
			ways++
		}
	}
	if ways > 1 {
		return fmt.Errorf("a task has one of episodes, meta_dataset, zero_shot and batches, not %d", ways)
	}
	if e := c.Episodes; e != nil {
		if err := e.verify(); err != nil {
			return err
		}
	}
	if m := c.MetaDataset; m != nil {
		if err := m.verify(); err != nil {
			return err
		}
	}
	if z := c.ZeroShot; z != nil {
		if err := z.verify(); err != nil {
			return err
		}
	}
	if b := c.Batches; b != nil && (b.Size < 1 || b.MicroBatch < 0) {
		return fmt.Errorf("batches: size %d and micro_batch %d, want at least 1 and 0", b.Size,
			b.MicroBatch)
	}
	return c.Division.verify()
}

// episodic reports whether records are drawn as episodes.
func (c Config) episodic() bool {
	return c.Episodes != nil || c.MetaDataset != nil || c.ZeroShot != nil
}

// Ways returns the number of classes of an episode, 0 where it varies, and the largest.
// Both are 0 without episodes.
func (c Config) Ways() (fixed, most int) {
	switch {
	case c.Episodes != nil:
		fixed, most = c.Episodes.Way, c.Episodes.MaxWay
	case c.MetaDataset != nil:
		fixed, most = c.MetaDataset.Way, c.MetaDataset.MaxWay
	case c.ZeroShot != nil:
		fixed = c.ZeroShot.Way
	}
	if fixed > 0 {
		most = fixed
	}
	return fixed, most
}

// fewestWays is the number of classes that there must be for an episode.
func (c Config) fewestWays() int {
	switch fixed, _ := c.Ways(); {
	case fixed > 0:
		return fixed
	case c.MetaDataset != nil:
		return c.MetaDataset.MinWay
	}
	return c.Episodes.MinWay
}

// needs returns the number of records that a class must have for an episode, and the number
// below which it is left out.
func (c Config) needs() (need, fewest int) {
	switch {
	case c.MetaDataset != nil:
		return c.MetaDataset.needs(), c.MetaDataset.MinExamples
	case c.ZeroShot != nil:
		return c.ZeroShot.Query, c.ZeroShot.MinExamples
	}
	return c.Episodes.needs(), c.Episodes.MinExamples
}

// varies reports whether episodes differ in their numbers of support and query records.
func (c Config) varies() bool {
	return c.MetaDataset != nil || c.Episodes != nil && c.Episodes.Way == 0
}

// ofClasses reports whether no class is in two splits.
func (d Division) ofClasses() bool { return d.By == ByClass || d.By == BySuperclass }

func (d Division) verify() error {
	for _, f := range []float64{d.Train, d.Validation, d.Test} {
		if !(f >= 0 && f <= 1) {
			return fmt.Errorf("split: fractions train %v, validation %v, test %v, want each "+
				"from 0 to 1", d.Train, d.Validation, d.Test)
		}
	}
	switch d.By {
	case ByClass, BySuperclass, ByRecord:
		if sum := d.Train + d.Validation + d.Test; math.Abs(sum-1) > 1e-9 {
			return fmt.Errorf("split: fractions train %v, validation %v, test %v add up to %v, "+
				"want 1", d.Train, d.Validation, d.Test, sum)
		}
		if d.Train == 0 {
			return fmt.Errorf("split: nothing is left to train on")
		}
	case BySource, "":
		if d.Train != 0 || d.Test != 0 {
			return fmt.Errorf("split: by %q takes train and test as published; only validation "+
				"may be a fraction", BySource)
		}
	default:
		return fmt.Errorf("split: by %q, want %q, %q, %q or %q", d.By, ByClass, BySuperclass, ByRecord,
			BySource)
	}
	return nil
}

// classField returns the position of the field that episodes and a division by
// class are about, or -1 where neither is asked for.
func (c Config) classField(d task.Description) (int, error) {
	if !c.episodic() && !c.Division.ofClasses() {
		return -1, nil
	}
	name := c.ClassField
	if name == "" {
		for _, p := range c.Predicts {
			if i := d.Field(p.Target); i >= 0 && d.Fields[i].Kind == task.ClassOf {
				if name != "" && name != p.Target {
					return 0, fmt.Errorf("%q and %q are both class targets: say which field the "+
						"episodes and the split are about", name, p.Target)
				}
				name = p.Target
			}
		}
		if name == "" {
			return 0, fmt.Errorf("episodes and a split by class need a class field, and no " +
				"target is one")
		}
	}
	i := d.Field(name)
	if i < 0 || d.Fields[i].Kind != task.ClassOf {
		return 0, fmt.Errorf("episodes and splits by class are made of a class field, and %q is "+
			"none", name)
	}
	return i, nil
}
