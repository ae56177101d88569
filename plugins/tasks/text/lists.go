package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"quickstudy/framework/task"
)

// lists picks the words of a record, their tags, sets of labels and spans.
func (c config) lists(of column, r *row) (err error) {
	if c.Words != "" {
		if r.words, err = of.list(c.Words); err != nil {
			return fmt.Errorf("words: %w", err)
		}
		if c.Text == "" {
			r.text = strings.Join(r.words, " ")
		}
		if len(r.words) == 0 {
			return fmt.Errorf("words: %q is empty", c.Words)
		}
	}
	if c.Tags != "" {
		if r.tags, err = of.list(c.Tags); err != nil {
			return fmt.Errorf("tags: %w", err)
		}
		if len(r.tags) != len(r.words) {
			return fmt.Errorf("tags: %q has %d for the %d words of %q", c.Tags, len(r.tags), len(r.words),
				c.Words)
		}
	}
	for _, name := range c.LabelSets {
		labels, err := of.list(name)
		if err != nil {
			return fmt.Errorf("label_sets: %w", err)
		}
		slices.Sort(labels)
		r.sets = append(r.sets, slices.Compact(labels))
	}
	for _, name := range c.Spans {
		ends, err := of.list(name)
		if err != nil {
			return fmt.Errorf("spans: %w", err)
		}
		span, err := spanOf(ends, utf8.RuneCountInString(r.text))
		if err != nil {
			return fmt.Errorf("spans: %q: %w", name, err)
		}
		r.spans = append(r.spans, span)
	}
	for i, name := range c.Values {
		if r.values[i] == "" {
			continue
		}
		x, err := strconv.ParseFloat(r.values[i], 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("values: %q is %q, want a number", name, r.values[i])
		}
	}
	return nil
}

// spanOf reads the start and the end of a span of a text, in characters.
func spanOf(ends []string, characters int) ([]int64, error) {
	if len(ends) == 0 {
		return nil, nil
	}
	var span []int64
	for _, end := range ends {
		n, err := strconv.ParseInt(end, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no number of characters", end)
		}
		span = append(span, n)
	}
	if len(span) != 2 || span[0] < 0 || span[0] >= span[1] || span[1] > int64(characters) {
		return nil, fmt.Errorf("the span %v is not a start and an end within the %d characters of the "+
			"text", span, characters)
	}
	return span, nil
}

// extend adds the fields of a configuration's other columns, and their cells.
func (c *corpus) extend(config config, parts []part) {
	var rows []row
	for _, p := range parts {
		rows = append(rows, p.rows...)
	}
	add := func(f task.Field, cell func(r row) task.Cell) {
		c.description.Fields = append(c.description.Fields, f)
		for i, r := range rows {
			c.records[i].Cells = append(c.records[i].Cells, cell(r))
		}
	}
	for i, name := range config.Texts {
		add(task.Field{Name: name, Kind: task.Text}, func(r row) task.Cell {
			return task.Cell{Text: r.texts[i]}
		})
	}
	for i, name := range config.Values {
		add(task.Field{Name: name, Kind: task.Value}, func(r row) task.Cell {
			if r.values[i] == "" {
				return task.Cell{}
			}
			x, _ := strconv.ParseFloat(r.values[i], 64) // checked when the row was read
			return task.Cell{Floats: []float64{x}}
		})
	}
	for i, name := range config.LabelSets {
		names, ids := numbered(rows, func(r row) []string { return r.sets[i] })
		f := task.Field{Name: name, Kind: task.ClassSet}
		for _, class := range names {
			f.Classes = append(f.Classes, task.Class{Name: class})
		}
		add(f, func(r row) task.Cell {
			var cell task.Cell
			for _, label := range r.sets[i] {
				cell.Ints = append(cell.Ints, ids[label])
				f.Classes[ids[label]].Count++
			}
			return cell
		})
	}
	for i, name := range config.Spans {
		add(task.Field{Name: name, Kind: task.Span, Of: "text"}, func(r row) task.Cell {
			return task.Cell{Ints: r.spans[i]}
		})
	}
	if config.Words != "" {
		add(task.Field{Name: config.Words, Kind: task.Words}, func(r row) task.Cell {
			return task.Cell{Words: r.words}
		})
	}
	if config.Tags != "" {
		names, ids := numbered(rows, func(r row) []string { return r.tags })
		f := task.Field{Name: config.Tags, Kind: task.IDs, Of: config.Words, Vocabulary: names}
		add(f, func(r row) task.Cell {
			var cell task.Cell
			for _, tag := range r.tags {
				cell.Ints = append(cell.Ints, ids[tag])
			}
			return cell
		})
	}
}

// numbered lists the names that rows have, in their order, and the number of each.
func numbered(rows []row, of func(r row) []string) ([]string, map[string]int64) {
	ids := map[string]int64{}
	for _, r := range rows {
		for _, name := range of(r) {
			ids[name] = 0
		}
	}
	names := slices.Sorted(maps.Keys(ids))
	for i, name := range names {
		ids[name] = int64(i)
	}
	return names, ids
}
