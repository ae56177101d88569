package affinity

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"quickstudy/framework/train/metric"
	"quickstudy/framework/train/record"
)

// Report is what was found. It has no times, so that the same experiment gives the same
// report.
type Report struct {
	Format     int       `json:"format"`
	Experiment string    `json:"experiment"`
	Steps      int       `json:"steps"`
	Seeds      int       `json:"seeds"`
	Rate       float64   `json:"rate"` // of the look-ahead's steps
	Tasks      []string  `json:"tasks"`
	LookAhead  Matrix    `json:"look_ahead"`
	Gradients  Gradients `json:"gradients"`
	Transfer   *Matrix   `json:"transfer,omitempty"`
}

// Gradients are those of the tasks' losses over the shared leaves, in the look-ahead's training.
type Gradients struct {
	Cosines [][]Effect `json:"cosines"`
	Norms   []Effect   `json:"norms"`
}

// Matrix is what tasks do to each other.
type Matrix struct {
	// Effects has in row i, column j the effect of task i on task j. What a task does to itself
	// is part of the look-ahead, and 0 of transfer.
	Effects [][]Effect `json:"effects"`
	// Groupings are the best divisions into 1, 2, ... groups; none of more than MaxGrouped
	// tasks, or where an effect is not finite. Proposed is the position of the one with the
	// highest score, of equal ones the one with fewest groups.
	Groupings []Grouping `json:"groupings,omitempty"`
	Proposed  int        `json:"proposed"`
}

// Effect is a mean with half the width of its 95 % interval, which is null for a single
// measurement.
type Effect struct {
	Mean      record.Number `json:"mean"`
	HalfWidth record.Number `json:"half_width"`
	N         int           `json:"n"`
}

func newEffect(i metric.Interval) Effect {
	return Effect{record.Number(i.Mean), record.Number(i.HalfWidth), i.N}
}

// Tables are the report for people to read.
func (r *Report) Tables() []record.Table {
	measured := fmt.Sprintf("%d steps", r.Steps)
	if r.Seeds > 1 {
		measured += fmt.Sprintf(", %d seeds", r.Seeds)
	}
	tables := []record.Table{r.table(&r.LookAhead, "look-ahead, "+measured,
		"the part of its loss that a task loses by a step for another", "a step for",
		fmt.Sprintf("Intervals are over %d parts of the training; steps of rate %.4g.",
			r.LookAhead.Effects[0][0].N, r.Rate))}
	tables = append(tables, r.gradients(measured))
	if r.Transfer != nil {
		note := "Intervals are over seeds."
		if r.Seeds == 1 {
			note = "One seed: nothing shows how far chance goes; -seeds 3 would."
		}
		tables = append(tables, r.table(r.Transfer, "transfer, "+measured,
			"what a task scores better beside another than alone", "beside", note))
	}
	return tables
}

// gradients is their table, a column for the norms.
func (r *Report) gradients(measured string) record.Table {
	t := record.Table{Title: r.Experiment + ", gradients, " + measured, HigherBetter: true,
		Metric: "cosine between the gradients of two tasks", RowHeader: "task",
		Columns: append(slices.Clone(r.Tasks), "norm")}
	for i, row := range r.Gradients.Cosines {
		var cells []record.Cell
		for j, e := range row {
			if i == j {
				cells = append(cells, record.ExactCell(1))
			} else {
				cells = append(cells, e.cell())
			}
		}
		norm := r.Gradients.Norms[i].cell()
		norm.Clear = false
		t.Rows = append(t.Rows, record.Row{Name: r.Tasks[i], Cells: append(cells, norm)})
	}
	return t
}

func (r *Report) table(m *Matrix, title, what, header, note string) record.Table {
	t := record.Table{Title: r.Experiment + ", " + title, Metric: what, HigherBetter: true,
		Percent: true, RowHeader: header, Columns: r.Tasks, Notes: []string{note}}
	for i, row := range m.Effects {
		cells := make([]record.Cell, len(row))
		for j, e := range row {
			switch cells[j] = e.cell(); {
			case i == j && m == r.Transfer:
				cells[j] = record.EmptyCell()
			case i == j:
				cells[j].Clear = false
			}
		}
		t.Rows = append(t.Rows, record.Row{Name: r.Tasks[i], Cells: cells})
	}
	switch {
	case m.Groupings != nil:
	case len(r.Tasks) <= MaxGrouped:
		t.Notes = append(t.Notes, "Not all of it are finite numbers: tasks are put in no groups.")
	default:
		t.Notes = append(t.Notes, fmt.Sprintf("%d tasks have too many divisions to look at, want at "+
			"most %d.", len(r.Tasks), MaxGrouped))
	}
	for k, g := range m.Groupings {
		mark := " "
		if k == m.Proposed {
			mark = ">"
		}
		t.Notes = append(t.Notes, fmt.Sprintf("%s %s  %s", mark, r.names(g.Groups), g.evidence()))
	}
	return t
}

// cell is an effect in a table, marked where its interval excludes 0.
func (e Effect) cell() record.Cell {
	return record.Cell{Mean: e.Mean, HalfWidth: e.HalfWidth, N: e.N,
		Clear: math.Abs(float64(e.Mean)) > float64(e.HalfWidth)}
}

// names writes a division.
func (r *Report) names(groups [][]int) string {
	var all []string
	for _, group := range groups {
		var names []string
		for _, i := range group {
			names = append(names, r.Tasks[i])
		}
		all = append(all, "{"+strings.Join(names, " ")+"}")
	}
	return strings.Join(all, " ")
}

// evidence says how good a division is.
func (g Grouping) evidence() string {
	text := fmt.Sprintf("mean effect in a group %.4f %%", 100*g.Score)
	if len(g.Groups) == 1 {
		return text
	}
	text += fmt.Sprintf(", beside one group %+.4f", 100*g.Beside.Mean)
	if w := float64(g.Beside.HalfWidth); !math.IsNaN(w) {
		text += fmt.Sprintf(" ± %.4f", 100*w)
	}
	return text
}
