package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclsimple"

	"quickstudy/framework/train/record"
)

// content is what docs/results/results.hcl says.
type content struct {
	Intro    string    `hcl:"intro"`
	Sections []section `hcl:"section,block"`
}

// section is a question with the tables that answer it.
type section struct {
	Title  string  `hcl:"title,label"`
	Text   string  `hcl:"text"`
	Tables []table `hcl:"table,block"`
}

// table puts rows of several experiments together. Set is how the title of the runs' tables
// begins, up to the first comma. Kind is "method", or "difference" for paired differences
// within the runs, or "objective" for the change of each against a single-task model: the
// columns are then the objectives, and a row is a column of the runs' tables.
type table struct {
	Set      string    `hcl:"set,label"`
	Kind     string    `hcl:"kind,optional"`
	Columns  []string  `hcl:"columns"`
	Rows     []row     `hcl:"row,block"`
	Controls []control `hcl:"control,block"`
}

// kind is how the rows of the runs' tables are headed.
func (t table) kind() string { return cmp.Or(t.Kind, "method") }

// row is one of the runs that were kept under a name, over all their seeds.
type row struct {
	Name string `hcl:"name,label"`
	Runs string `hcl:"runs"`         // what they were kept as
	Row  string `hcl:"row"`          // of their tables
	Set  string `hcl:"set,optional"` // of its tables, if not the one that the page's is named by
}

// control is what must hold, with the interval over seeds, for the table to say anything:
// a least score of a measure of which more is better, a greatest of one of which less is.
type control struct {
	Runs   string   `hcl:"runs"`
	Row    string   `hcl:"row"`
	Column string   `hcl:"column"`
	Set    string   `hcl:"set,optional"`
	Least  *float64 `hcl:"at_least,optional"`
	Most   *float64 `hcl:"at_most,optional"`
	Why    string   `hcl:"why"`
}

// book is everything that was kept, by name, ascending by seed.
type book map[string][]*kept

// write makes the page.
func write(contents, records string) ([]byte, error) {
	var c content
	if err := hclsimple.DecodeFile(contents, nil, &c); err != nil {
		return nil, err
	}
	b, err := open(records)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "<!-- Written by go run ./tools/results. DO NOT EDIT. -->\n\n# Results\n\n%s\n",
		strings.TrimSpace(c.Intro))
	for _, s := range c.Sections {
		fmt.Fprintf(&out, "\n## %s\n\n%s\n", s.Title, strings.TrimSpace(s.Text))
		for _, t := range s.Tables {
			if err := b.table(&out, t); err != nil {
				return nil, fmt.Errorf("section %q: table %q: %w", s.Title, t.Set, err)
			}
		}
	}
	if err := b.origins(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// open loads all records.
func open(root string) (book, error) {
	b := book{}
	experiments, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	for _, e := range experiments {
		seeds, err := os.ReadDir(filepath.Join(root, e.Name()))
		if err != nil {
			return nil, err
		}
		for _, s := range seeds {
			k, err := load(filepath.Join(root, e.Name(), s.Name()))
			if err != nil {
				return nil, err
			}
			b[e.Name()] = append(b[e.Name()], k)
		}
		slices.SortFunc(b[e.Name()], func(x, y *kept) int {
			return cmp.Compare(x.Info().Seed, y.Info().Seed)
		})
	}
	return b, nil
}

// tables are those of an experiment over its seeds.
func (b book) tables(experiment string) ([]record.Table, error) {
	var runs []*record.Run
	for _, k := range b[experiment] {
		runs = append(runs, k.Run)
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("no run of %q is kept", experiment)
	}
	tables, err := record.OverSeeds(runs)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", experiment, err)
	}
	return tables, nil
}

// measure is what a table is of.
type measure struct {
	name         string
	higherBetter bool
	percent      bool // of cells, whose shares were stored
}

// cells are those of a row, for the columns; the measure is that of its table.
func (b book) cells(t table, set, experiment, name string, columns []string) (cells []record.Cell,
	by measure, err error) {
	tables, err := b.tables(experiment)
	if err != nil {
		return nil, measure{}, err
	}
	for _, one := range tables {
		if t.kind() == record.ChangeRows {
			one = transposed(one)
		}
		title, _, _ := strings.Cut(one.Title, ",")
		i := slices.IndexFunc(one.Rows, func(r record.Row) bool { return r.Name == name })
		if title != cmp.Or(set, t.Set) || one.RowHeader != t.kind() || i < 0 {
			continue
		}
		for _, c := range columns {
			j := slices.Index(one.Columns, c)
			if j < 0 {
				return nil, measure{}, fmt.Errorf("%q has no column %q, it has %q", experiment, c, one.Columns)
			}
			cell := one.Rows[i].Cells[j]
			if one.Percent {
				cell.Mean, cell.HalfWidth = 100*cell.Mean, 100*cell.HalfWidth
			}
			cells = append(cells, cell)
		}
		return cells, measure{one.Metric, one.HigherBetter, one.Percent}, nil
	}
	return nil, measure{}, fmt.Errorf("%q has no row %q of kind %s", experiment, name,
		t.kind())
}

// table writes one, its controls first.
func (b book) table(out *bytes.Buffer, t table) error {
	if t.kind() == "method" && len(t.Controls) == 0 {
		return errors.New("no control: nothing would show that training works here")
	}
	for _, c := range t.Controls {
		if err := b.control(out, t, c); err != nil {
			return fmt.Errorf("control: %w", err)
		}
	}
	var lines [][]string
	var of measure
	for i, r := range t.Rows {
		cells, m, err := b.cells(t, r.Set, r.Runs, r.Row, t.Columns)
		if err != nil {
			return err
		}
		if i > 0 && m != of {
			return fmt.Errorf("row %q is of the metric %q, those before of %q", r.Name, m.name, of.name)
		}
		of = m
		line := []string{r.Name}
		for _, c := range cells {
			line = append(line, shown(c))
		}
		lines = append(lines, append(line, fmt.Sprint(len(b[r.Runs])), b.took(r)))
	}
	head := t.Set
	if !strings.Contains(of.name, ", ") { // else the columns are of a metric each
		head += ": " + of.name
	}
	if of.percent {
		head += ", %"
	}
	fmt.Fprintf(out, "\n| %s | %s | seeds | wall time |\n|---|%s---|---|\n", head,
		strings.Join(t.Columns, " | "), strings.Repeat("---|", len(t.Columns)))
	for _, line := range lines {
		fmt.Fprintf(out, "| %s |\n", strings.Join(line, " | "))
	}
	return nil
}

// transposed has the rows as columns.
func transposed(t record.Table) record.Table {
	out := t
	out.Columns, out.Rows = nil, nil
	for i, column := range t.Columns {
		row := record.Row{Name: column}
		for _, r := range t.Rows {
			row.Cells = append(row.Cells, r.Cells[i])
		}
		out.Rows = append(out.Rows, row)
	}
	for _, r := range t.Rows {
		out.Columns = append(out.Columns, r.Name)
	}
	return out
}

// control writes what a control holds to, or is the error that it does not.
func (b book) control(out *bytes.Buffer, t table, c control) error {
	cells, of, err := b.cells(t, c.Set, c.Runs, c.Row, []string{c.Column})
	if err != nil {
		return err
	}
	if (c.Least != nil) != of.higherBetter || (c.Most != nil) == of.higherBetter {
		wanted := "at_least, as more of it is better"
		if !of.higherBetter {
			wanted = "at_most, as less of it is better"
		}
		return fmt.Errorf("of %s of %q, want %s, and no other bound", of.name, c.Runs, wanted)
	}
	mean, half := float64(cells[0].Mean), max(0, float64(cells[0].HalfWidth))
	side, bound, holds := "above", c.Least, c.Least != nil && mean-half >= *c.Least
	if c.Most != nil {
		side, bound, holds = "below", c.Most, mean+half <= *c.Most
	}
	if !holds {
		return fmt.Errorf("it fails: %s of %q is %v ± %v in column %s, want it %s %v, interval "+
			"included (%s)", c.Row, c.Runs, mean, half, c.Column, side, *bound, c.Why)
	}
	fmt.Fprintf(out, "\nControl: `%s`, %s: %s, %s %.4g,\n%s.\n", c.Runs, c.Row, shown(cells[0]), side,
		*bound, c.Why)
	return nil
}

// took is the mean wall time of a run, of rows that it was spent on.
func (b book) took(r row) string {
	if !strings.HasPrefix(r.Row, "trained") && r.Row != "change" {
		return ""
	}
	var sum time.Duration
	for _, k := range b[r.Runs] {
		sum += k.Info().Ended.Sub(k.Info().Started)
	}
	return fmt.Sprintf("%.1f min", sum.Minutes()/float64(len(b[r.Runs])))
}

func shown(c record.Cell) string {
	mean, half := float64(c.Mean), float64(c.HalfWidth)
	switch {
	case mean != mean:
		return ""
	case half != half:
		return fmt.Sprintf("%.3f", mean)
	case c.Clear:
		return fmt.Sprintf("%.3f ± %.3f *", mean, half)
	}
	return fmt.Sprintf("%.3f ± %.3f", mean, half)
}

// origins say which runs the page was made from.
func (b book) origins(out *bytes.Buffer) error {
	var names, machines []string
	for name := range b {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprint(out, "\n## What it was made from\n\n| experiment | seeds | episodes | data | plugins "+
		"| arithmetic | runner |\n|---|---|---|---|---|---|---|\n")
	for _, name := range names {
		first := b[name][0]
		data, err := first.Data()
		if err != nil {
			return err
		}
		plugins, err := first.Plugins()
		if err != nil {
			return err
		}
		var seeds, episodes, digests, builds []string
		for _, k := range b[name] {
			seeds = append(seeds, fmt.Sprint(k.Info().Seed))
			for _, set := range k.scores.Sets {
				episodes = append(episodes, fmt.Sprintf("%.8s", set.Hash))
			}
			if !slices.Contains(machines, k.machine) {
				machines = append(machines, k.machine)
			}
		}
		for _, d := range data.Tasks {
			digests = append(digests, fmt.Sprintf("%s %.8s", d.Task, d.Digest))
		}
		for _, p := range plugins {
			_, digest, _ := strings.Cut(p.Digest, ":")
			builds = append(builds, fmt.Sprintf("%s %.8s", p.Name, digest))
		}
		info := first.Info()
		fmt.Fprintf(out, "| `%s` | %s | %s | %s | %s | %s | %s, %s |\n", name, strings.Join(seeds, " "),
			strings.Join(episodes, " "), strings.Join(digests, ", "), strings.Join(builds, ", "),
			info.Arithmetic, info.Runner, info.Go)
	}
	slices.Sort(machines)
	fmt.Fprintf(out, "\nMachine: %s.\nDigests are shortened to eight digits; the records have them "+
		"whole.\n", strings.Join(machines, "; "))
	return nil
}
