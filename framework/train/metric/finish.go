package metric

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Finisher turns sums into a score. Sums are one array, row-major, whose rows
// have equal lengths.
type Finisher struct {
	Name         string
	Rows         []string // what each row of the sums holds
	PerClass     bool     // a row has one number per class or bin; else one number
	HigherBetter bool     // else lower
	Doc          string   // formula
	growing      bool     // PerClass of classes: a part of the data may have fewer of them
	finish       func(rows [][]float64) float64
}

// Finishers lists the finishers a head can name, in the order of the documentation.
func Finishers() []Finisher {
	return []Finisher{{
		Name: "ratio", Rows: []string{"numerator", "denominator"}, HigherBetter: true,
		Doc:    "numerator / denominator: accuracy, exact match, any weighted mean",
		finish: func(s [][]float64) float64 { return ratio(s[0][0], s[1][0]) },
	}, {
		Name: "error", Rows: []string{"numerator", "denominator"},
		Doc:    "numerator / denominator, where less is better: mean squared or absolute error",
		finish: func(s [][]float64) float64 { return ratio(s[0][0], s[1][0]) },
	}, {
		Name: "root", Rows: []string{"squared errors", "count"},
		Doc:    "√(squared errors / count)",
		finish: func(s [][]float64) float64 { return math.Sqrt(ratio(s[0][0], s[1][0])) },
	}, {
		Name: "perplexity", Rows: []string{"negative log-likelihood", "tokens"},
		Doc:    "exp(negative log-likelihood in nats / tokens)",
		finish: func(s [][]float64) float64 { return math.Exp(ratio(s[0][0], s[1][0])) },
	}, {
		Name: "r2", Rows: []string{"count", "Σ y", "Σ y²", "Σ (ŷ-y)²"}, HigherBetter: true,
		Doc: "1 - Σ(ŷ-y)² / (Σy² - (Σy)²/n)",
		finish: func(s [][]float64) float64 {
			return r2(s[0][0], s[1][0], s[2][0], s[3][0])
		},
	}, {
		Name: "f1", Rows: []string{"true positives", "false positives", "false negatives"},
		HigherBetter: true,
		Doc:          "2tp / (2tp + fp + fn) of one class, as of the spans found",
		finish:       func(s [][]float64) float64 { return f1(s[0][0], s[1][0], s[2][0]) },
	}, {
		Name: "macro_f1", Rows: []string{"true positives", "false positives", "false negatives"},
		PerClass: true, HigherBetter: true, growing: true,
		Doc: "mean of 2tp / (2tp + fp + fn) over the classes that were there or were predicted",
		finish: func(s [][]float64) float64 {
			return meanOfDefined(len(s[0]), func(c int) float64 { return f1(s[0][c], s[1][c], s[2][c]) })
		},
	}, {
		Name: "calibration", Rows: []string{"count", "Σ confidence", "Σ right"}, PerClass: true,
		Doc:    "Σ over bins of |Σ right - Σ confidence| / n, the expected calibration error",
		finish: func(s [][]float64) float64 { return calibration(s[0], s[1], s[2]) },
	}}
}

// Find returns the finisher of a name.
func Find(name string) (Finisher, error) {
	var names []string
	for _, f := range Finishers() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Finisher{}, fmt.Errorf("metric: no finisher %q, want one of %q", name, names)
}

// Check says whether sums of a length fit the finisher.
func (f Finisher) Check(length int) error {
	rows := len(f.Rows)
	if f.PerClass && (length == 0 || length%rows != 0) {
		return fmt.Errorf("metric %s: %d sums, want a multiple of %d: rows of %q", f.Name, length, rows,
			f.Rows)
	}
	if !f.PerClass && length != rows {
		return fmt.Errorf("metric %s: %d sums, want %d: %q", f.Name, length, rows, f.Rows)
	}
	return nil
}

// Finish returns the score of total sums.
func (f Finisher) Finish(sums []float64) (float64, error) {
	if err := f.Check(len(sums)); err != nil {
		return 0, err
	}
	rows := make([][]float64, len(f.Rows))
	width := len(sums) / len(rows)
	for i := range rows {
		rows[i] = sums[i*width : (i+1)*width]
	}
	return f.finish(rows), nil
}

// Add returns the sums of two parts of the data together; nil is a part without
// any. Where the rows are of classes, one part may know fewer: the ones that it
// lacks were not there. The arguments are left as they are.
func (f Finisher) Add(a, b []float64) ([]float64, error) {
	if a == nil {
		return slices.Clone(b), f.Check(len(b))
	}
	if err := errors.Join(f.Check(len(a)), f.Check(len(b))); err != nil {
		return nil, err
	}
	if len(a) != len(b) && !f.growing {
		return nil, fmt.Errorf("metric %s: %d sums of one part and %d of another, want as many",
			f.Name, len(a), len(b))
	}
	rows := len(f.Rows)
	width := max(len(a), len(b)) / rows
	total := make([]float64, rows*width)
	for _, part := range [][]float64{a, b} {
		for i, x := range part {
			n := len(part) / rows
			total[i/n*width+i%n] += x
		}
	}
	return total, nil
}
