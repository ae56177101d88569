package evaluation

import (
	"fmt"
	"strconv"
	"strings"

	"quickstudy/framework/train/record"
)

// sheet is everything that was scored for one objective. The first line is the
// trained row's.
type sheet struct {
	name  string // of its set of episodes: <task>/<split>
	set   Set
	lines []line
	notes []string
}

// column is one column of a table: a metric after a number of steps.
type column struct {
	header, metric string
	step           int
}

// columns are the numbers of steps, all of the main metric; of ordinary batches,
// which are not adapted to, the metrics that are better in the same direction as it.
func (s sheet) columns() []column {
	main := s.lines[0].scores[0]
	var out []column
	for _, score := range s.lines[0].scores {
		switch {
		case !s.set.Data.Batched() && score.Metric == main.Metric:
			out = append(out, column{strconv.Itoa(score.Step), score.Metric, score.Step})
		case s.set.Data.Batched() && score.HigherBetter == main.HigherBetter &&
			(score.Metric != lossName || main.Metric == lossName):
			out = append(out, column{score.Metric, score.Metric, score.Step})
		}
	}
	return out
}

// count is the number of episodes, or of records that have a target; of all records where
// none has a score of its own.
func (s sheet) count() int {
	n := 0
	for _, score := range s.lines[0].scores {
		n = max(n, len(score.units()))
	}
	if n == 0 {
		for _, d := range s.set.Frozen.Draws {
			n += len(d.Query)
		}
	}
	return n
}

// perplexities are notes of them, since they are not better in the direction of the columns.
func (s sheet) perplexities() []string {
	var notes []string
	for _, l := range s.lines {
		for _, score := range l.scores {
			if score.Metric == perplexityName && !score.HigherBetter && s.set.Data.Batched() {
				notes = append(notes, fmt.Sprintf("%s: perplexity %.4g, lower is better", l.row, score.Total))
			}
		}
	}
	return notes
}

// table is an empty one with the given columns.
func (s sheet) table(title, rowHeader string, columns []column) record.Table {
	main := s.lines[0].scores[0]
	t := record.Table{Title: s.name + ", " + title, Metric: main.Metric,
		HigherBetter: main.HigherBetter, RowHeader: rowHeader}
	for _, c := range columns {
		t.Columns = append(t.Columns, c.header)
	}
	if s.set.Data.Batched() {
		t.Metric = strings.Join(t.Columns, ", ")
	}
	return t
}

// tables are the scores, and their differences to the trained row's.
func (s sheet) tables() []record.Table {
	tables := []record.Table{s.scores()}
	if t := s.differences(); len(t.Rows) > 0 {
		tables = append(tables, t)
	}
	return tables
}

func (s sheet) scores() record.Table {
	columns := s.columns()
	title := fmt.Sprintf("%d episodes, mean ± 95 %% interval after adaptation steps", s.count())
	if s.set.Data.Batched() {
		title = fmt.Sprintf("%d records, ± 95 %% interval", s.count())
	}
	t := s.table(title, "method", columns)
	t.Notes = append(s.perplexities(), s.notes...)
	for _, l := range s.lines {
		row := record.Row{Name: l.row}
		for _, c := range columns {
			score := l.find(c.metric, c.step)
			if score == nil {
				row.Cells = append(row.Cells, record.EmptyCell())
				continue
			}
			row.Cells = append(row.Cells, score.cell(l.row))
			if n := len(score.units()) - finite(score.units()); n > 0 {
				t.Notes = append(t.Notes, fmt.Sprintf("%s, %s: %d of %d scores are no finite numbers",
					l.row, c.header, n, len(score.units())))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// cell is a score with its interval. That of chance is a number without one.
func (s *Score) cell(row string) record.Cell {
	if row == RowChance {
		return record.ExactCell(s.Mean())
	}
	return record.IntervalCell(s.Interval())
}

// differences are what the trained row has more than each other, chance left out.
func (s sheet) differences() record.Table {
	var columns []column
	for _, c := range s.columns() {
		if trained := s.lines[0].find(c.metric, c.step); trained.paired() {
			columns = append(columns, c)
		}
	}
	t := s.table("paired differences ± 95 % interval", record.DifferenceRows, columns)
	for _, l := range s.lines[1:] {
		if l.row == RowChance {
			continue
		}
		row := record.Row{Name: s.lines[0].row + " - " + l.row}
		for _, c := range columns {
			cell := record.EmptyCell()
			if d, ok := difference(s.lines[0].find(c.metric, c.step), l.find(c.metric, c.step)); ok {
				cell = record.DifferenceCell(d)
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// episodes are the scores by episode, or by record, by which runs are compared.
func (s sheet) episodes() []record.EpisodeSet {
	set := record.EpisodeSet{Name: s.name, Hash: s.set.Frozen.Hash, Count: s.count()}
	for _, l := range s.lines {
		for _, score := range l.scores {
			series := record.Series{Row: l.row, Metric: score.Metric,
				HigherBetter: score.HigherBetter, Scores: record.Numbers(score.units())}
			switch {
			case score.groups != nil && score.groups.size() <= mostSums:
				series.Finish = score.finish
				for _, sums := range score.groups.sums(1) {
					series.Groups = append(series.Groups, record.Numbers(sums))
				}
			case len(score.units()) == 0:
				continue // a metric that records do not have, or of very many classes
			}
			if !l.constant && !s.set.Data.Batched() {
				series.Column = strconv.Itoa(score.Step)
			}
			set.Series = append(set.Series, series)
		}
	}
	if len(set.Series) == 0 {
		return nil
	}
	return []record.EpisodeSet{set}
}
