package record

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"quickstudy/framework/train/metric"
)

// A Comparison is the difference of two methods on the same episodes.
type Comparison struct {
	Set          string
	Row          string // of A; and of B, unless that is the Reference
	Reference    string // row of B, where rows of one run are compared
	Column       string
	Metric       string
	HigherBetter bool
	A, B         metric.Interval
	Difference   metric.Interval // A - B, paired
}

// Clear reports whether the interval of the difference excludes 0.
func (c Comparison) Clear() bool { return excludesZero(c.Difference) }

func excludesZero(i metric.Interval) bool { return math.Abs(i.Mean) > i.HalfWidth }

// ErrIncomparable is wrapped when two runs were not scored on the same episodes,
// or not by the same rows and metrics.
var ErrIncomparable = errors.New("the runs cannot be compared")

// Compare returns the paired differences a - b of the rows, or of all rows if none
// is named, in the order of a. Both must have the same sets of episodes, and the
// same columns and metrics of these rows; see ErrIncomparable.
func Compare(a, b *Episodes, rows ...string) ([]Comparison, error) {
	if err := sameSets(a, b); err != nil {
		return nil, err
	}
	var comparisons []Comparison
	compared := map[string]bool{}
	for _, setA := range a.Sets {
		setB := b.set(setA.Name)
		seriesA, seriesB := setA.of(rows), setB.of(rows)
		if err := missing(setA.Name, "first", "second", seriesA, seriesB); err != nil {
			return nil, err
		}
		if err := missing(setA.Name, "second", "first", seriesB, seriesA); err != nil {
			return nil, err
		}
		for _, s := range seriesA {
			i := slices.IndexFunc(seriesB, s.same)
			c, err := difference(setA.Name, s, seriesB[i])
			if err != nil {
				return nil, err
			}
			compared[s.Row] = true
			comparisons = append(comparisons, c)
		}
	}
	for _, row := range rows {
		if !compared[row] {
			return nil, fmt.Errorf("%w: neither has the row %q; the first has %q", ErrIncomparable, row,
				a.rows())
		}
	}
	if len(comparisons) == 0 {
		return nil, fmt.Errorf("%w: neither has scores of episodes", ErrIncomparable)
	}
	return comparisons, nil
}

// CompareRows returns the paired differences row - reference within a run, for
// every set, column and metric that both rows have. A reference without columns,
// as a baseline that does not adapt, is compared with every column of the row.
func CompareRows(e *Episodes, row, reference string) ([]Comparison, error) {
	var comparisons []Comparison
	for _, set := range e.Sets {
		for _, a := range set.of([]string{row}) {
			for _, b := range set.of([]string{reference}) {
				if a.Metric != b.Metric || b.Column != "" && a.Column != b.Column {
					continue
				}
				c, err := difference(set.Name, a, b)
				if err != nil {
					return nil, err
				}
				c.Reference = reference
				comparisons = append(comparisons, c)
			}
		}
	}
	if len(comparisons) == 0 {
		return nil, fmt.Errorf("%w: no set has a column and metric of both %q and %q; the rows are %q",
			ErrIncomparable, row, reference, e.rows())
	}
	return comparisons, nil
}

// sameSets checks that a and b were scored on the same episodes.
func sameSets(a, b *Episodes) error {
	for _, set := range b.Sets {
		if a.set(set.Name) == nil {
			return fmt.Errorf("%w: only the second was evaluated on %q", ErrIncomparable, set.Name)
		}
	}
	for _, set := range a.Sets {
		other := b.set(set.Name)
		if other == nil {
			return fmt.Errorf("%w: only the first was evaluated on %q", ErrIncomparable, set.Name)
		}
		if set.Hash != other.Hash || set.Count != other.Count {
			return fmt.Errorf("%w: their episodes of %q differ: %d with hash %.16s, and %d with hash "+
				"%.16s; evaluate both with the same data, seed and episode settings", ErrIncomparable,
				set.Name, set.Count, set.Hash, other.Count, other.Hash)
		}
	}
	return nil
}

// missing reports the first series of one run that the other lacks.
func missing(set, one, other string, have, want []Series) error {
	for _, s := range have {
		if !slices.ContainsFunc(want, s.same) {
			return fmt.Errorf("%w: of %q, only the %s has %s; the %s lacks it. "+
				"Name the rows to compare", ErrIncomparable, set, one, s.label(), other)
		}
	}
	return nil
}

func difference(set string, a, b Series) (Comparison, error) {
	d, err := paired(a, b)
	c := Comparison{Set: set, Row: a.Row, Column: a.Column, Metric: a.Metric,
		HigherBetter: a.HigherBetter, Difference: d}
	if err == nil {
		c.A, err = a.Interval()
	}
	if err == nil {
		c.B, err = b.Interval()
	}
	if err != nil {
		return Comparison{}, fmt.Errorf("%w: %q, %s: %w", ErrIncomparable, set, a.label(), err)
	}
	return c, nil
}

func paired(a, b Series) (metric.Interval, error) {
	switch {
	case a.Finish != b.Finish:
		return metric.Interval{}, fmt.Errorf("one is finished as %q, the other as %q", a.Finish, b.Finish)
	case a.Finish != "":
		return metric.BootstrapDifference(a.Finish, sums(a.Groups), sums(b.Groups))
	}
	return metric.PairedDifference(floats(a.Scores), floats(b.Scores))
}

// set returns the set of a name, or nil.
func (e *Episodes) set(name string) *EpisodeSet {
	for i := range e.Sets {
		if e.Sets[i].Name == name {
			return &e.Sets[i]
		}
	}
	return nil
}

// of returns the series of the rows, or all if none is named.
func (s *EpisodeSet) of(rows []string) []Series {
	if len(rows) == 0 {
		return s.Series
	}
	var series []Series
	for _, one := range s.Series {
		if slices.Contains(rows, one.Row) {
			series = append(series, one)
		}
	}
	return series
}

// rows returns the names of the rows in the order of their first occurrence.
func (e *Episodes) rows() []string {
	var rows []string
	for _, set := range e.Sets {
		for _, s := range set.Series {
			if !slices.Contains(rows, s.Row) {
				rows = append(rows, s.Row)
			}
		}
	}
	return rows
}

// ComparisonTables returns a table for each set and metric, with the names of
// what was compared as columns.
func ComparisonTables(comparisons []Comparison, nameA, nameB string) []Table {
	var tables []Table
	for _, c := range comparisons {
		i := slices.IndexFunc(tables, func(t Table) bool {
			return t.Title == c.Set && t.Metric == c.Metric
		})
		if i < 0 {
			i = len(tables)
			tables = append(tables, Table{Title: c.Set, Metric: c.Metric, HigherBetter: c.HigherBetter,
				RowHeader: "method", Columns: []string{nameA, nameB, "difference"}})
		}
		name := c.Row
		if c.Reference != "" {
			name += " - " + c.Reference
		}
		if c.Column != "" {
			name += " @ " + c.Column
		}
		tables[i].Rows = append(tables[i].Rows, Row{Name: name, Cells: []Cell{IntervalCell(c.A),
			IntervalCell(c.B), DifferenceCell(c.Difference)}})
	}
	return tables
}
