package record

import (
	"errors"
	"fmt"
	"io/fs"
	"math"

	"quickstudy/framework/train/metric"
)

// Results is what results.json holds.
type Results struct {
	Format int     `json:"format"`
	Tables []Table `json:"tables"`
}

// A Table compares methods by one metric.
type Table struct {
	Title        string   `json:"title"`
	Metric       string   `json:"metric"`
	HigherBetter bool     `json:"higher_better"`
	Percent      bool     `json:"percent,omitempty"` // printed as a share of 100; stored as it is
	RowHeader    string   `json:"row_header"`        // what the rows are: "method"
	Columns      []string `json:"columns"`
	Rows         []Row    `json:"rows"`
	Notes        []string `json:"notes,omitempty"` // printed below the rows
}

// The row headers of tables whose cells are differences.
const (
	DifferenceRows = "difference" // between two methods
	ChangeRows     = "objective"  // of it, relative to a method
)

// A Row has a cell for each column.
type Row struct {
	Name  string `json:"name"`
	Cells []Cell `json:"cells"`
}

// A Cell is a mean with its 95 % interval. A mean that is NaN is an empty cell; a
// half-width that is NaN belongs to a number without uncertainty, as chance.
type Cell struct {
	Mean      Number `json:"mean"`
	HalfWidth Number `json:"half_width"`
	N         int    `json:"n"` // scores behind the mean
	// Clear says of a difference that its interval excludes 0. It is printed as *.
	Clear bool `json:"clear,omitempty"`
}

// IntervalCell returns the cell of a mean over scores.
func IntervalCell(i metric.Interval) Cell {
	return Cell{Mean: Number(i.Mean), HalfWidth: Number(i.HalfWidth), N: i.N}
}

// DifferenceCell returns the cell of a paired difference.
func DifferenceCell(i metric.Interval) Cell {
	cell := IntervalCell(i)
	cell.Clear = excludesZero(i)
	return cell
}

// ExactCell returns the cell of a number without uncertainty.
func ExactCell(x float64) Cell { return Cell{Mean: Number(x), HalfWidth: Number(math.NaN())} }

// EmptyCell returns the cell of a row that has nothing to say in a column.
func EmptyCell() Cell { return ExactCell(math.NaN()) }

func (r *Results) check() error {
	for i, table := range r.Tables {
		if err := table.check(); err != nil {
			return fmt.Errorf("table %d: %w", i, err)
		}
	}
	return nil
}

func (t *Table) check() error {
	for _, row := range t.Rows {
		if len(row.Cells) != len(t.Columns) {
			return fmt.Errorf("row %q has %d cells for %d columns", row.Name, len(row.Cells),
				len(t.Columns))
		}
		for i, cell := range row.Cells {
			if cell.N < 0 || cell.HalfWidth < 0 {
				return fmt.Errorf("row %q, column %q: half-width %v of %d scores", row.Name,
					t.Columns[i], cell.HalfWidth, cell.N)
			}
		}
	}
	return nil
}

// WriteResults replaces the final tables.
func (r *Run) WriteResults(tables []Table) error {
	if err := r.mustBeLocked("write results"); err != nil {
		return err
	}
	return writeJSON(r.path(resultsFile), maxResults, &Results{Format: FormatVersion, Tables: tables})
}

// Results returns the final tables, or ErrNotYet.
func (r *Run) Results() ([]Table, error) {
	var results Results
	if err := readJSON(r.path(resultsFile), maxResults, &results); err != nil {
		return nil, r.notYet("results", err)
	}
	return results.Tables, nil
}

// ErrNotYet is wrapped when a run has not come to where it writes what was asked
// for.
var ErrNotYet = errors.New("not there yet")

func (r *Run) notYet(what string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s of run %s, which is %s: %w", what, r.dir, r.State(), ErrNotYet)
	}
	return err
}
