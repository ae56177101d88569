package record

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"quickstudy/framework/terminal"
)

// WriteText writes a table for people to read: a title, then columns aligned at
// their right edges, cells as mean ± half-width with as many decimals in every
// row of a column, then the notes. Names are shown without control characters, since a terminal
// would obey them.
//
//	intents/test, 600 episodes: accuracy % (higher is better)
//	method           0             5
//	maml    34.10 ± 0.61  81.20 ± 0.43
//	chance         20.00         20.00
func (t *Table) WriteText(w io.Writer) error {
	if err := t.check(); err != nil {
		return err
	}
	lines := t.lines()
	widths := make([]int, len(t.Columns)+1)
	for _, line := range lines {
		for i, text := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	b := bufio.NewWriter(w) // keeps the first error for Flush
	fmt.Fprintln(b, t.caption())
	for _, line := range lines {
		var text strings.Builder
		for i, cell := range line {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				text.WriteString(cell + pad)
			} else {
				text.WriteString("  " + pad + cell)
			}
		}
		fmt.Fprintln(b, strings.TrimRight(text.String(), " "))
	}
	for _, note := range t.notes() {
		fmt.Fprintln(b, terminal.Line(note))
	}
	return b.Flush()
}

// notes are the table's, after what a mark in its cells means.
func (t *Table) notes() []string {
	for i := range t.Columns {
		if t.marks(i) {
			return append([]string{"* the interval excludes 0"}, t.Notes...)
		}
	}
	return t.Notes
}

// marks reports whether a cell of the column is marked.
func (t *Table) marks(column int) bool {
	return slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Cells[column].Clear })
}

func (t *Table) caption() string {
	percent, better := "", "lower"
	if t.Percent {
		percent = " %"
	}
	if t.HigherBetter {
		better = "higher"
	}
	return fmt.Sprintf("%s: %s%s (%s is better)", terminal.Line(t.Title), terminal.Line(t.Metric),
		percent,
		better)
}

// lines returns the texts of the table, the header first.
func (t *Table) lines() [][]string {
	header := []string{terminal.Line(t.RowHeader)}
	for _, column := range t.Columns {
		header = append(header, terminal.Line(column))
	}
	lines := [][]string{header}
	decimals := make([]int, len(t.Columns))
	for i := range decimals {
		decimals[i] = t.decimals(i)
	}
	for _, row := range t.Rows {
		line := []string{terminal.Line(row.Name)}
		for i, cell := range row.Cells {
			text := t.cellText(cell, decimals[i])
			switch {
			case cell.Clear:
				text += " *"
			case t.marks(i):
				text += "  "
			}
			line = append(line, text)
		}
		lines = append(lines, line)
	}
	return lines
}

func (t *Table) scale() float64 {
	if t.Percent {
		return 100
	}
	return 1
}

// decimals returns how many decimals a column needs to show two digits of its
// narrowest interval, at least 2 and at most 6; four where there is none. An interval
// that six decimals show as 0, such as that of equal scores, has no say.
func (t *Table) decimals(column int) int {
	narrowest := math.Inf(1)
	for _, row := range t.Rows {
		if h := float64(row.Cells[column].HalfWidth) * t.scale(); h >= 0.5e-6 {
			narrowest = min(narrowest, h)
		}
	}
	if math.IsInf(narrowest, 1) {
		if t.Percent {
			return 2
		}
		return 4
	}
	return min(max(1-int(math.Floor(math.Log10(narrowest))), 2), 6)
}

func (t *Table) cellText(c Cell, decimals int) string {
	mean, halfWidth := float64(c.Mean)*t.scale(), float64(c.HalfWidth)*t.scale()
	switch {
	case math.IsNaN(mean):
		return "-"
	case math.IsNaN(halfWidth):
		return fmt.Sprintf("%.*f", decimals, mean)
	}
	return fmt.Sprintf("%.*f ± %.*f", decimals, mean, decimals, halfWidth)
}
