package record

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"quickstudy/framework/train/metric"
)

// seedLine is where a resolved experiment has its seed.
var seedLine = regexp.MustCompile(`(?m)^  seed +=.*\n`)

// runPath is the path of a run in a resolved experiment that begins with it: a chain's second run
// with another seed begins with another first run, of the same experiment, wherever runs are kept.
var runPath = regexp.MustCompile(`"(?:[^"\n]*/)?([^"/\n]+)/` + idPattern + `/?"`)

// OverSeeds returns the tables that runs of one experiment with different seeds have in
// common: every cell is the mean of the runs' means, with the interval over runs. Unlike the
// interval over episodes of one run, it holds for the next run too. Runs that differ from the
// first in more than the seed, as in their plugins or data, and two of one seed are refused; see
// ErrIncomparable. The run that one begins with may be another of the same experiment.
func OverSeeds(runs []*Run) ([]Table, error) {
	if len(runs) < 2 {
		return nil, fmt.Errorf("%w: %d run, want at least 2", ErrIncomparable, len(runs))
	}
	var seeds []string
	var all [][]Table
	for _, r := range runs {
		if err := runs[0].differsInSeed(r); err != nil {
			return nil, err
		}
		seed := fmt.Sprint(r.Info().Seed)
		if slices.Contains(seeds, seed) {
			return nil, fmt.Errorf("%w: two have the seed %s", ErrIncomparable, seed)
		}
		seeds = append(seeds, seed)
		tables, err := r.Results()
		if err != nil {
			return nil, err
		}
		all = append(all, tables)
	}
	var out []Table
	for _, t := range all[0] {
		same := []Table{t}
		for _, tables := range all[1:] {
			if i := slices.IndexFunc(tables, t.like); i >= 0 {
				same = append(same, tables[i])
			}
		}
		if len(same) == len(all) {
			t = mean(same)
			t.Notes = append(t.Notes, "Intervals are over the seeds "+strings.Join(seeds, ", ")+".")
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: no table is in all of them", ErrIncomparable)
	}
	return out, nil
}

// differsInSeed checks that another run differs in its seed alone.
func (r *Run) differsInSeed(other *Run) error {
	if r == other {
		return nil
	}
	var texts [2]string
	var plugins [2][]Plugin
	for i, run := range []*Run{r, other} {
		text, err := run.Resolved()
		if err != nil {
			return err
		}
		texts[i] = runPath.ReplaceAllString(seedLine.ReplaceAllString(string(text), ""), `"$1"`)
		if plugins[i], err = run.Plugins(); err != nil {
			return err
		}
	}
	if line, ok := firstDifference(texts[0], texts[1]); ok {
		return fmt.Errorf("%w: %s and %s differ in more than their seeds, first in %q", ErrIncomparable,
			r.dir, other.dir, line)
	}
	for _, p := range plugins[0] {
		if !slices.ContainsFunc(plugins[1], func(q Plugin) bool { return p.Digest == q.Digest }) {
			return fmt.Errorf("%w: %s and %s were made by different builds of the %s %q",
				ErrIncomparable, r.dir, other.dir, p.Kind, p.Name)
		}
	}
	return r.differsInData(other)
}

// differsInData checks that no task has other data in another run. What is generated, and a
// run that does not tell, have nothing to be told apart by.
func (r *Run) differsInData(other *Run) error {
	digests := map[string]string{}
	for _, run := range []*Run{r, other} {
		data, err := run.Data()
		if errors.Is(err, ErrNotYet) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, t := range data.Tasks {
			if digest, ok := digests[t.Task]; ok && digest != t.Digest {
				return fmt.Errorf("%w: %s and %s have different data of the task %q", ErrIncomparable,
					r.dir, other.dir, t.Task)
			}
			digests[t.Task] = t.Digest
		}
	}
	return nil
}

// firstDifference returns the first line of b that is not that of a.
func firstDifference(a, b string) (string, bool) {
	if a == b {
		return "", false
	}
	linesA, linesB := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i, line := range linesB {
		if i >= len(linesA) || linesA[i] != line {
			return strings.TrimSpace(line), true
		}
	}
	return strings.TrimSpace(linesA[len(linesB)]), true
}

// like reports whether two tables have the same rows and columns.
func (t *Table) like(other Table) bool {
	return t.Title == other.Title && t.Metric == other.Metric &&
		slices.Equal(t.Columns, other.Columns) &&
		slices.EqualFunc(t.Rows, other.Rows, func(a, b Row) bool { return a.Name == b.Name })
}

// mean is a table of the means of tables that are alike. Of what does not depend on the seed, as
// chance, the interval is empty.
func mean(tables []Table) Table {
	t := tables[0]
	t.Notes, t.Rows = nil, nil
	for i, row := range tables[0].Rows {
		one := Row{Name: row.Name}
		for j, first := range row.Cells {
			var means []float64
			exact := true
			for _, other := range tables {
				cell := other.Rows[i].Cells[j]
				means = append(means, float64(cell.Mean))
				exact = exact && cell.Mean == first.Mean && math.IsNaN(float64(cell.HalfWidth))
			}
			switch {
			case exact || math.IsNaN(float64(first.Mean)):
				one.Cells = append(one.Cells, ExactCell(float64(first.Mean)))
			case t.RowHeader == DifferenceRows || t.RowHeader == ChangeRows:
				one.Cells = append(one.Cells, DifferenceCell(metric.Mean(means)))
			default:
				one.Cells = append(one.Cells, IntervalCell(metric.Mean(means)))
			}
		}
		t.Rows = append(t.Rows, one)
	}
	return t
}
