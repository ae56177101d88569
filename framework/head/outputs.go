package head

import (
	"fmt"
	"slices"

	"quickstudy/framework/graph"
)

// Finish names the formula that turns a metric's sums into a score. The sums add up
// over elements of a batch, episodes and machines; the core finishes their totals
// (package metric has the formulas).
type Finish string

// The ways to finish a metric.
const (
	Ratio       Finish = "ratio"
	MeanError   Finish = "error"
	Root        Finish = "root"
	Perplexity  Finish = "perplexity"
	R2          Finish = "r2"
	F1          Finish = "f1"
	MacroF1     Finish = "macro_f1"
	Calibration Finish = "calibration"
	BLEU        Finish = "bleu"
	CHRF        Finish = "chrf"
)

// finishes is the table of the ways to finish a metric.
var finishes = []struct {
	name     Finish
	perClass bool // a sum has one number for every class or bin
	sums     []string
	doc      string // formula
}{
	{Ratio, false, []string{"numerator", "denominator"},
		"numerator / denominator, where more is better: accuracy, exact match, any weighted mean"},
	{MeanError, false, []string{"numerator", "denominator"},
		"numerator / denominator, where less is better: mean squared or absolute error"},
	{Root, false, []string{"squared errors", "count"},
		"√(squared errors / count)"},
	{Perplexity, false, []string{"negative log-likelihood", "tokens"},
		"exp(negative log-likelihood in nats / tokens)"},
	{R2, false, []string{"count", "Σ y", "Σ y²", "Σ (ŷ-y)²"},
		"1 - Σ(ŷ-y)² / (Σy² - (Σy)²/n)"},
	{F1, false, []string{"true positives", "false positives", "false negatives"},
		"2tp / (2tp + fp + fn) of one class, as of the spans found"},
	{MacroF1, true, []string{"true positives", "false positives", "false negatives"},
		"mean of 2tp / (2tp + fp + fn) over the classes that were there or were predicted"},
	{Calibration, true, []string{"count", "Σ confidence", "Σ right"},
		"Σ over bins of |Σ right - Σ confidence| / n, the expected calibration error"},
	{BLEU, false, []string{"right 1-grams", "2-grams", "3-grams", "4-grams", "1-grams", "2-grams",
		"3-grams", "4-grams", "tokens", "tokens of references"},
		"brevity penalty · exp(mean of log precision of 1 to 4-grams) · 100, of texts"},
	{CHRF, true, []string{"n-grams of texts", "of references", "of both"},
		"100 · F₂ of the mean precision and recall of 1 to 6-grams of characters, of texts"},
}

// Finishes lists the ways to finish a metric.
func Finishes() []Finish {
	var names []Finish
	for _, f := range finishes {
		names = append(names, f.name)
	}
	return names
}

// Sums returns what each sum of the metric holds; none for an unknown one.
func (f Finish) Sums() []string {
	for _, known := range finishes {
		if known.name == f {
			return known.sums
		}
	}
	return nil
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

// Formula returns what the score is of the sums, "" for an unknown one.
func (f Finish) Formula() string {
	for _, known := range finishes {
		if known.name == f {
			return known.doc
		}
	}
	return ""
}

// Metric is a named measure of a batch by its sums.
type Metric struct {
	Name   string
	Finish Finish
	Higher bool // is better
	Sums   []*graph.Node
}

// PredictionKind says what a prediction is.
type PredictionKind string

// The kinds of prediction. T is the length of the target's set.
const (
	PredictedClass   PredictionKind = "class"   // Int32 [B]
	PredictedClasses PredictionKind = "classes" // Bool [B, C]
	PredictedValue   PredictionKind = "value"   // of the target's shape
	PredictedTags    PredictionKind = "tags"    // Int32 [B, T]
	PredictedSpan    PredictionKind = "span"    // Int32 [B, 2]: first and last position; -1, -1: none
	PredictedTokens  PredictionKind = "tokens"  // Int32 [B, T]
	Scores           PredictionKind = "scores"  // [B, ...]: probabilities or what ranks answers
)

// Prediction is a named output for every example.
type Prediction struct {
	Name string
	Kind PredictionKind // empty: the kind called Name
	Node *graph.Node
}

// kind returns the prediction's kind.
func (p Prediction) kind() PredictionKind {
	if p.Kind == "" {
		return PredictionKind(p.Name)
	}
	return p.Kind
}

// Outputs is what a head computes of a batch.
type Outputs struct {
	Loss        *graph.Node // [B], or [B, T] for a target of every position
	Predictions []Prediction
	Metrics     []Metric
	// Cache [B, N] is, for a target of tokens, what the decoder starts to write from
	// (Tracer.Start), or nil where that is zeros; in a trace of the next token it is
	// what the decoder remembers after it (Tracer.Step), and there is no loss.
	Cache *graph.Node
}

// checkPrediction holds a prediction to the type that its kind has in a use.
func (s Spec) checkPrediction(p Prediction, dtype graph.DType, shape graph.Shape) error {
	var want graph.Value
	answers := s.answers(s.Batch, s.Sets)
	switch kind := p.kind(); kind {
	case PredictedClass:
		want = graph.Value{DType: graph.Int32, Shape: graph.Shape{s.Batch}}
	case PredictedClasses:
		want = graph.Value{DType: graph.Bool, Shape: graph.Shape{s.Batch, s.Target.Classes}}
	case PredictedValue:
		want = graph.Value{DType: graph.Float32, Shape: answers}
	case PredictedTags, PredictedTokens:
		want = graph.Value{DType: graph.Int32, Shape: answers}
	case PredictedSpan:
		want = graph.Value{DType: graph.Int32, Shape: graph.Shape{s.Batch, 2}}
	case Scores:
		if dtype != graph.Float32 || shape.Rank() < 1 || shape[0] != s.Batch {
			return fmt.Errorf("prediction %q is %v%v, want f32 with a leading axis of %d examples",
				p.Name, dtype, shape, s.Batch)
		}
		return nil
	default:
		return fmt.Errorf("prediction %.80q is of the unknown kind %.80q", p.Name, kind)
	}
	if dtype != want.DType || !shape.Equal(want.Shape) {
		return fmt.Errorf("prediction %q is %v%v, want %v%v", p.Name, dtype, shape, want.DType,
			want.Shape)
	}
	return nil
}

// checkMetric holds a metric's sums, as many as it wants, to what finishes it.
func checkMetric(m Metric, sums []graph.Value) error {
	for i, sum := range sums {
		if rank := sum.Shape.Rank(); sum.DType != graph.Float32 || !sum.Shape.Equal(sums[0].Shape) ||
			m.Finish.PerClass() != (rank == 1) || rank > 1 {
			want := "a single f32"
			if m.Finish.PerClass() {
				want = "one f32 for every class, in all its sums"
			}
			return fmt.Errorf("metric %q: sum %d is %v%v, want %s", m.Name, i, sum.DType, sum.Shape, want)
		}
	}
	return nil
}

// checkNames refuses names that are taken twice or could not be told from a path.
func checkNames(what string, names []string) error {
	for i, name := range names {
		if !plain(name) || slices.Contains(names[:i], name) {
			return fmt.Errorf("a %s is called %.80q: empty, used twice, too long, or with one of "+
				"/:*{}", what, name)
		}
	}
	return nil
}
