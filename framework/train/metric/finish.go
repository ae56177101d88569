package metric

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"quickstudy/framework/head"
)

// Finish returns the score of total sums. They are one array, row-major, with a row for
// each that f.Sums names: one number, or one for every class or bin.
func Finish(f head.Finish, sums []float64) (float64, error) {
	if err := check(f, sums); err != nil {
		return 0, err
	}
	rows := make([][]float64, len(f.Sums()))
	width := len(sums) / len(rows)
	for i := range rows {
		rows[i] = sums[i*width : (i+1)*width]
	}
	return formula(f, rows), nil
}

// formula is what f.Formula says.
func formula(f head.Finish, s [][]float64) float64 {
	switch f {
	case head.Ratio, head.MeanError:
		return ratio(s[0][0], s[1][0])
	case head.Root:
		return math.Sqrt(ratio(s[0][0], s[1][0]))
	case head.Perplexity:
		return math.Exp(ratio(s[0][0], s[1][0]))
	case head.R2:
		return r2(s[0][0], s[1][0], s[2][0], s[3][0])
	case head.F1:
		return f1(s[0][0], s[1][0], s[2][0])
	case head.MacroF1:
		return meanOfDefined(len(s[0]), func(c int) float64 { return f1(s[0][c], s[1][c], s[2][c]) })
	case head.Calibration:
		return calibration(s[0], s[1], s[2])
	case head.BLEU:
		return bleuOf(s).Score()
	case head.CHRF:
		return chrfOf(s).Score()
	}
	panic(fmt.Sprintf("metric: %q has no formula", f)) // a row of the head's table without a case
}

// check says whether the sums fit what finishes them.
func check(f head.Finish, sums []float64) error {
	names := f.Sums()
	switch rows := len(names); {
	case rows == 0:
		return fmt.Errorf("metric: no finisher %q, want one of %q", f, head.Finishes())
	case f.PerClass() && (len(sums) == 0 || len(sums)%rows != 0):
		return fmt.Errorf("metric %s: %d sums, want a multiple of %d: rows of %q", f, len(sums), rows,
			names)
	case !f.PerClass() && len(sums) != rows:
		return fmt.Errorf("metric %s: %d sums, want %d: %q", f, len(sums), rows, names)
	}
	return nil
}

// Add returns the sums of two parts of the data together; nil is a part without
// any. Where the rows are of classes, one part may know fewer: the ones that it
// lacks were not there. The arguments are left as they are.
func Add(f head.Finish, a, b []float64) ([]float64, error) {
	if a == nil {
		return slices.Clone(b), check(f, b)
	}
	if err := errors.Join(check(f, a), check(f, b)); err != nil {
		return nil, err
	}
	if len(a) != len(b) && f != head.MacroF1 {
		return nil, fmt.Errorf("metric %s: %d sums of one part and %d of another, want as many", f,
			len(a), len(b))
	}
	rows := len(f.Sums())
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
