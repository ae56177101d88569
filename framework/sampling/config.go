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
	Episodes   *Episodes // at most one of Episodes and Batches;
	Batches    *Batches  // a generator has neither
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
	// Seed decides who is where. It is not the seed of the run, so that runs
	// with different seeds are judged by the same records.
	Seed uint64
}

// Episodes describes N-way K-shot episodes. A Way, Shot or Query of zero is
// drawn for every episode by the rule of Meta-Dataset (Triantafillou et al.
// 2020, https://arxiv.org/abs/1903.03096, section 3.2), whose limits are the
// other fields, with the paper's values where they are zero.
type Episodes struct {
	Way, Shot, Query int

	MinWay, MaxWay     int // 5 and 50
	MaxQuery           int // of a class: 10
	MaxSupport         int // of the episode: 500
	MaxSupportPerClass int // what one class adds to the size of the support: 100
}

func (e Episodes) withDefaults() Episodes {
	for _, d := range []struct {
		value *int
		paper int
	}{
		{&e.MinWay, 5}, {&e.MaxWay, 50},
		{&e.MaxQuery, 10}, {&e.MaxSupport, 500}, {&e.MaxSupportPerClass, 100},
	} {
		if *d.value == 0 {
			*d.value = d.paper
		}
	}
	return e
}

// needs is the number of records a class must have to be drawn.
func (e Episodes) needs() int { return max(e.Shot, 1) + max(e.Query, 1) }

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
	if c.Episodes != nil && c.Batches != nil {
		return fmt.Errorf("a task has episodes or batches, not both")
	}
	if e := c.Episodes; e != nil {
		for _, n := range []int{
			e.Way, e.Shot, e.Query, e.MinWay, e.MaxWay,
			e.MaxQuery, e.MaxSupport, e.MaxSupportPerClass,
		} {
			if n < 0 {
				return fmt.Errorf("episodes: %+v has a negative number", *e)
			}
		}
		if e.Way == 1 {
			return fmt.Errorf("episodes: way = 1 leaves nothing to tell apart, want at least 2")
		}
		d := e.withDefaults()
		if d.Way == 0 && (d.MinWay < 2 || d.MinWay > d.MaxWay) {
			return fmt.Errorf("episodes: min_way %d and max_way %d, want 2 ≤ min_way ≤ max_way",
				d.MinWay, d.MaxWay)
		}
	}
	if b := c.Batches; b != nil && (b.Size < 1 || b.MicroBatch < 0) {
		return fmt.Errorf("batches: size %d and micro_batch %d, want at least 1 and 0", b.Size,
			b.MicroBatch)
	}
	return c.Division.verify()
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
	if c.Episodes == nil && !c.Division.ofClasses() {
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
