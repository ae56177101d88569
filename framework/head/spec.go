package head

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/graph"
)

// Input is the name of the input set that a task has unless it names its sets.
const Input = "input"

// Spec is one use of a head, as the host describes it: shapes and what the target
// is. Sizes are static; padding is told by weights and masks.
type Spec struct {
	Width   int      // D, the backbone's width
	Sets    []Length // encoded input sets
	Batch   int      // B
	Target  Target
	Support *Side // nil: the head sees no support
	Train   bool  // dropout on

	Vocabulary int // V, rows of the backbone's token embedding; 0: it has none
	// Cache is N, the numbers of a cache, by which the backbone's decoder knows an example
	// while it writes one position after another; 0: it has no decoder.
	Cache int
	// DecoderOnly says that the decoder is all of the backbone: Decode takes no memory,
	// and a text is written from a cache of zeros.
	DecoderOnly bool
	// Next asks for one position of a text that is being written: see Tracer.Next.
	Next bool
}

// Side is the support as a head may see it.
type Side struct {
	Batch int
	Sets  []Length
}

// Length is an input set and its padded length T.
type Length struct {
	Set       string
	Positions int
}

// TargetKind says what a target's values are.
type TargetKind string

// The targets a head can be given, and the tensors of each. T is the length of the
// target's set. Every target has a weight as well, of the loss's shape: [B], or [B, T]
// where there is an answer for every position; 0 marks padding and what is not labelled.
const (
	ClassTarget   TargetKind = "class"   // class: Int32 [B] below C; class_mask: [C]
	ClassesTarget TargetKind = "classes" // classes: [B, C], 1: it has the class; class_mask: [C]
	ValueTarget   TargetKind = "value"   // value: [B], or [B, T] if PerPosition
	SpanTarget    TargetKind = "span"    // start, end: Int32 [B]; present: [B], 1: there is one
	TagsTarget    TargetKind = "tags"    // tags: Int32 [B, T] below C
	TokensTarget  TargetKind = "tokens"  // tokens: Int32 [B, T] below C, what follows a position
)

var targetKinds = []TargetKind{ClassTarget, ClassesTarget, ValueTarget, SpanTarget, TagsTarget,
	TokensTarget}

// Target describes what is predicted.
type Target struct {
	Kind        TargetKind
	Classes     int    // C of class, classes (padded), tags and tokens
	VariableWay bool   // class, classes: the number differs between episodes
	PerPosition bool   // value: one for every position
	Set         string // the input set whose positions are meant; empty: the first
}

// everyPosition reports whether there is an answer for every position.
func (t Target) everyPosition() bool {
	return t.PerPosition || t.Kind == TagsTarget || t.Kind == TokensTarget
}

// check reports what is wrong with a target of a task that has these sets.
func (t Target) check(sets []Length) error {
	counted := t.Kind != ValueTarget && t.Kind != SpanTarget
	positions := t.everyPosition() || t.Kind == SpanTarget
	switch {
	case !slices.Contains(targetKinds, t.Kind):
		return fmt.Errorf("head: target of kind %.80q, want one of %q", t.Kind, targetKinds)
	case t.Kind == ClassesTarget && t.Classes < 1, t.Kind != ClassesTarget && counted && t.Classes < 2:
		return fmt.Errorf("head: %d classes, want at least 2, or 1 of %q", t.Classes, ClassesTarget)
	case !counted && t.Classes != 0:
		return fmt.Errorf("head: a %s of %d classes, want 0", t.Kind, t.Classes)
	case t.VariableWay && t.Kind != ClassTarget && t.Kind != ClassesTarget:
		return fmt.Errorf("head: a %s of variable way, want a %s", t.Kind, ClassTarget)
	case t.PerPosition && t.Kind != ValueTarget:
		return fmt.Errorf("head: a %s marked as per position, want a %s", t.Kind, ValueTarget)
	case t.Set != "" && !positions:
		return fmt.Errorf("head: a %s with positions in set %.80q; it has none", t.Kind, t.Set)
	case t.Set != "" && find(sets, t.Set) < 0:
		return fmt.Errorf("head: target in set %.80q; the task has %s", t.Set, names(sets))
	}
	return nil
}

// Limits of one use; graph.Trace limits the shapes that follow.
const (
	MaxSets = 64  // input sets
	maxName = 256 // bytes of a name
)

// Check reports what is wrong with a spec, or nil.
func (s Spec) Check() error {
	switch {
	case s.Width < 1 || s.Batch < 1:
		return fmt.Errorf("head: width %d and batch %d, want at least 1", s.Width, s.Batch)
	case s.Vocabulary < 0 || s.Cache < 0:
		return fmt.Errorf("head: vocabulary of %d and cache of %d, want at least 0", s.Vocabulary,
			s.Cache)
	case s.DecoderOnly && s.Cache == 0:
		return errors.New("head: a decoder alone and no cache for it, want its size")
	case s.Support != nil && (s.Support.Batch < 1 || len(s.Support.Sets) == 0):
		return errors.New("head: the support is empty; an empty support is nil")
	case s.Next && (s.Target.Kind != TokensTarget || s.Cache == 0 || s.Train || s.Support != nil):
		return fmt.Errorf("head: the next token of a target of kind %q, with a cache of %d; want %q, a "+
			"cache, no training and no support", s.Target.Kind, s.Cache, TokensTarget)
	}
	if err := checkSets(s.Sets); err != nil {
		return err
	}
	if s.Support != nil {
		if err := checkSets(s.Support.Sets); err != nil {
			return err
		}
		if err := s.Target.check(s.Support.Sets); err != nil {
			return err
		}
	}
	return s.Target.check(s.Sets)
}

func checkSets(sets []Length) error {
	if len(sets) == 0 || len(sets) > MaxSets {
		return fmt.Errorf("head: %d input sets, want 1 to %d", len(sets), MaxSets)
	}
	for i, l := range sets {
		if !plain(l.Set) || l.Positions < 1 || find(sets, l.Set) != i {
			return fmt.Errorf("head: input set %.80q of %d positions, want a name of its own and "+
				"at least 1", l.Set, l.Positions)
		}
	}
	return nil
}

// plain reports whether a name can be a part of a tensor's or function's name.
func plain(name string) bool {
	return name != "" && len(name) <= maxName && !strings.ContainsAny(name, "/:*{}")
}

// find returns the index of a set, or -1.
func find(sets []Length, set string) int {
	return slices.IndexFunc(sets, func(l Length) bool { return l.Set == set })
}

func names(sets []Length) string {
	var names []string
	for _, l := range sets {
		names = append(names, l.Set)
	}
	return strings.Join(names, ", ")
}

// answers is the shape of the loss and of the weight on one side.
func (s Spec) answers(batch int, sets []Length) graph.Shape {
	if s.Target.everyPosition() {
		return graph.Shape{batch, sets[max(find(sets, s.Target.Set), 0)].Positions}
	}
	return graph.Shape{batch}
}

// tensors lists what a head may have as parameters beside its leaves.
func (s Spec) tensors() []graph.Value {
	key := graph.Value{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}}
	if s.Next {
		each := graph.Shape{s.Batch}
		return []graph.Value{key,
			{Name: "data/cache", DType: graph.Float32, Shape: graph.Shape{s.Batch, s.Cache}},
			{Name: "data/token", DType: graph.Int32, Shape: each},
			{Name: "data/position", DType: graph.Int32, Shape: each},
		}
	}
	out := append([]graph.Value{key}, s.target(data, s.Batch, s.Sets)...)
	if s.Target.Kind == ClassTarget || s.Target.Kind == ClassesTarget {
		out = append(out, graph.Value{Name: "data/class_mask", DType: graph.Float32,
			Shape: graph.Shape{s.Target.Classes}})
	}
	if s.Support != nil {
		out = append(out, s.target(support, s.Support.Batch, s.Support.Sets)...)
	}
	return out
}

// The sides whose examples a head can see.
const (
	data    = "data"
	support = "support"
)

// target lists the tensors of the target on one side.
func (s Spec) target(side string, batch int, sets []Length) []graph.Value {
	answers := s.answers(batch, sets)
	value := func(name string, dtype graph.DType, shape graph.Shape) graph.Value {
		return graph.Value{Name: side + "/" + name, DType: dtype, Shape: shape}
	}
	weight := value("weight", graph.Float32, answers)
	switch s.Target.Kind {
	case ClassesTarget:
		sets := graph.Shape{batch, s.Target.Classes}
		return []graph.Value{value("classes", graph.Float32, sets), weight}
	case ValueTarget:
		return []graph.Value{value("value", graph.Float32, answers), weight}
	case SpanTarget:
		return []graph.Value{value("start", graph.Int32, answers), value("end", graph.Int32, answers),
			value("present", graph.Float32, answers), weight,
			value("allowed", graph.Float32,
				graph.Shape{batch, sets[max(find(sets, s.Target.Set), 0)].Positions})}
	}
	// A class, tags or tokens: integers under the name of the kind.
	return []graph.Value{value(string(s.Target.Kind), graph.Int32, answers), weight}
}
