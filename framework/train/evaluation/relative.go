package evaluation

import (
	"fmt"
	"math"

	"quickstudy/framework/train/record"
)

// relative is one objective of the table of relative changes.
type relative struct {
	name string
	cell record.Cell
}

// relativeTo is the change of the trained row's main score against a model of the objective
// alone, as a part of that model's, counted so that more is better:
//
//	(−1)^l (M − B) / |B|,  l = 1 where a lower score is better
//
// Maninis, Radosavovic and Kokkinos 2019, https://arxiv.org/abs/1904.08918, equation 4. The
// interval is that of the paired difference; B counts as known. ok is false without such a row
// or where B is 0.
func (s sheet) relativeTo(row string) (change relative, ok bool) {
	columns := s.columns()
	for _, l := range s.lines[1:] {
		if l.row != row || len(columns) == 0 {
			continue
		}
		c := columns[0]
		if !s.set.Data.Batched() {
			c = columns[len(columns)-1] // after all adaptation steps
		}
		m, b := s.lines[0].find(c.metric, c.step), l.find(c.metric, c.step)
		if m == nil || b == nil {
			return relative{}, false
		}
		base := b.Mean()
		if !(math.Abs(base) > 0) || math.IsInf(base, 0) {
			return relative{}, false
		}
		part := 1 / math.Abs(base)
		if !m.HigherBetter {
			part = -part
		}
		cell := record.ExactCell(part * (m.Mean() - base))
		if d, paired := difference(m, b); paired {
			d.Mean, d.HalfWidth = part*d.Mean, math.Abs(part)*d.HalfWidth
			cell = record.DifferenceCell(d)
		}
		return relative{s.name + " " + c.metric, cell}, true
	}
	return relative{}, false
}

// relativeTable is a row for every objective and one for their mean.
func relativeTable(row string, changes []relative) record.Table {
	t := record.Table{Title: fmt.Sprintf("relative change against %s", row), HigherBetter: true,
		Metric: "(M - B) / |B|, its sign turned where lower is better,", Percent: true,
		RowHeader: record.ChangeRows, Columns: []string{"change"}}
	sum := 0.0
	for _, c := range changes {
		t.Rows = append(t.Rows, record.Row{Name: c.name, Cells: []record.Cell{c.cell}})
		sum += float64(c.cell.Mean)
	}
	t.Rows = append(t.Rows, record.Row{Name: "mean",
		Cells: []record.Cell{record.ExactCell(sum / float64(len(changes)))}})
	return t
}
