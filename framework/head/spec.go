package head

import (
	"errors"
	"fmt"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
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

// The targets a head can be given.
const (
	ClassTarget TargetKind = "class" // Int32 [B] below Classes, Float32 [Classes] mask
	ValueTarget TargetKind = "value" // Float32 [B], or [B, T] if PerPosition
)

// Target describes what is predicted.
type Target struct {
	Kind        TargetKind
	Classes     int  // class: padded number
	VariableWay bool // class: the number differs between episodes
	PerPosition bool // value: one for every position of the first input set
}

// Check reports what is wrong with a spec, or nil.
func (s Spec) Check() error {
	switch {
	case s.Width < 1 || s.Batch < 1:
		return fmt.Errorf("head: width %d and batch %d, want at least 1", s.Width, s.Batch)
	case len(s.Sets) == 0:
		return errors.New("head: no input set, want at least one")
	case s.Target.Kind == ClassTarget && s.Target.Classes < 2:
		return fmt.Errorf("head: %d classes, want at least 2", s.Target.Classes)
	case s.Target.Kind != ClassTarget && s.Target.Kind != ValueTarget:
		return fmt.Errorf("head: target of kind %q, want %q or %q", s.Target.Kind, ClassTarget, ValueTarget)
	case s.Support != nil && (s.Support.Batch < 1 || len(s.Support.Sets) == 0):
		return errors.New("head: the support is empty; an empty support is nil")
	}
	return nil
}

// Finish names the formula that turns a metric's sums into a score. The sums add up
// over elements of a batch, episodes and machines; the core finishes their totals
// (package metric has the formulas).
type Finish string

// The ways to finish a metric, and the sums that each wants.
const (
	Ratio       Finish = "ratio"       // numerator, denominator; more is better
	MeanError   Finish = "error"       // numerator, denominator; less is better
	Root        Finish = "root"        // squared errors, count
	Perplexity  Finish = "perplexity"  // negative log-likelihood in nats, tokens
	R2          Finish = "r2"          // count, Σ y, Σ y², Σ (ŷ-y)²
	F1          Finish = "f1"          // true positives, false positives, false negatives
	MacroF1     Finish = "macro_f1"    // the same for every class
	Calibration Finish = "calibration" // for every bin: count, Σ confidence, Σ right
)

// finishes lists the ways to finish a metric with the number of sums, and whether
// each sum is one number or one for every class or bin.
var finishes = []struct {
	name     Finish
	sums     int
	perClass bool
}{
	{Ratio, 2, false}, {MeanError, 2, false}, {Root, 2, false}, {Perplexity, 2, false},
	{R2, 4, false}, {F1, 3, false}, {MacroF1, 3, true}, {Calibration, 3, true},
}

// Finishes lists the ways to finish a metric.
func Finishes() []Finish {
	var names []Finish
	for _, f := range finishes {
		names = append(names, f.name)
	}
	return names
}

// Sums returns how many sums the metric has; 0 for an unknown one.
func (f Finish) Sums() int {
	for _, known := range finishes {
		if known.name == f {
			return known.sums
		}
	}
	return 0
}

// PerClass reports whether a sum has one number for every class or bin, [C], and
// not a single one.
func (f Finish) PerClass() bool {
	for _, known := range finishes {
		if known.name == f {
			return known.perClass
		}
	}
	return false
}

// Metric is a named measure of a batch by its sums.
type Metric struct {
	Name   string
	Finish Finish
	Higher bool // is better
	Sums   []*graph.Node
}

// Prediction is a named output for every example.
type Prediction struct {
	Name string // class, value, scores, ...
	Node *graph.Node
}

// Outputs is what a head computes of a batch.
type Outputs struct {
	Loss        *graph.Node // [B], or [B, T] for a target of every position
	Predictions []Prediction
	Metrics     []Metric
}

// Traced is a head traced for one Spec. Func's parameters are param/<name> in
// the order of Leaves, data/<tensor> and support/<tensor> in the order in which
// they were asked for, and key; its results are loss, prediction/<name> and
// metric/<name>/<i>. Calls of EncodeName are the backbone's.
type Traced struct {
	Func    *graph.Func
	Leaves  []nn.Leaf // address: the bare name
	Metrics []Metric  // without Sums
	Coupled bool      // the loss of an example depends on others: never cut a batch
}
