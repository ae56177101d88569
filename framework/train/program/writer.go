package program

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"quickstudy/framework/graph"
)

// Writer is how texts are written for the query of an element, a beam of them for each
// example. Its methods may be called concurrently.
type Writer struct {
	adapted, start, next *Program
	beam                 int
	precision            func(v graph.Value, data []float64) Values
}

// Writer returns the writing of an objective, whose head must be able to write, for the
// shape of an element, after adaptation by each of the numbers of steps, ascending.
func (m *Model) Writer(ctx context.Context, e Element, objective string, steps []int, beam int) (
	*Writer, error) {
	s, err := m.shape(ctx, e)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	key := fmt.Sprint(objective, steps, beam)
	if w := s.writers[key]; w != nil {
		return w, nil
	}
	w := &Writer{beam: beam, precision: func(v graph.Value, data []float64) Values {
		return Values{v.Name: Dense(v, data, m.config.Precision)}
	}}
	linked, err := s.linked.Writer(objective, e.Query.Rows*beam)
	if err != nil {
		return nil, err
	}
	for _, p := range []struct {
		to   **Program
		link func() (*graph.Func, error)
	}{
		{&w.adapted, func() (*graph.Func, error) { return s.linked.Adapted(s.programs, steps) }},
		{&w.start, func() (*graph.Func, error) { return linked.Start, nil }},
		{&w.next, func() (*graph.Func, error) { return linked.Next, nil }},
	} {
		if *p.to, err = m.config.make(m.config.Limit.Workers, p.link); err != nil {
			return nil, err
		}
	}
	s.writers[key] = w
	return w, nil
}

// Adapted returns the leaves after each number of steps, as leaf/<address>. Arguments
// are those of an evaluation.
func (w *Writer) Adapted(sets ...Values) (map[string]Values, error) {
	results, err := w.adapted.Run(sets...)
	if err != nil {
		return nil, err
	}
	leaves := map[string]Values{}
	for _, name := range slices.Sorted(maps.Keys(results)) {
		step, address, _ := strings.Cut(name, "/")
		if leaves[step] == nil {
			leaves[step] = Values{}
		}
		leaves[step]["leaf/"+address] = results[name]
	}
	return leaves, nil
}

// Start returns what is remembered before the first token of each example's texts: rows
// of examples · beam. Arguments are leaves of Adapted, the element's values and a key.
func (w *Writer) Start(sets ...Values) ([]float64, error) {
	results, err := w.start.Run(sets...)
	if err != nil {
		return nil, err
	}
	cache, err := Floats(results["cache"])
	if err != nil {
		return nil, err
	}
	size := len(cache) / results["cache"].Shape()[0]
	var rows []float64
	for row := range slices.Chunk(cache, size) {
		for range w.beam {
			rows = append(rows, row...)
		}
	}
	return rows, nil
}

// Next returns the scores of the next token of every row and what is remembered then, as
// package search asks for. Arguments are leaves of Adapted and a key.
func (w *Writer) Next(cache []float64, tokens, positions []int32, sets ...Values) (scores,
	after []float64, err error) {
	given := Values{}
	for _, v := range w.next.Params() {
		var data []float64
		switch v.Name {
		case "cache":
			data = cache
		case "token":
			data = floatsOf(tokens)
		case "position":
			data = floatsOf(positions)
		default:
			continue
		}
		maps.Copy(given, w.precision(v, data))
	}
	results, err := w.next.Run(append([]Values{given}, sets...)...)
	if err != nil {
		return nil, nil, err
	}
	for name, d := range results {
		if strings.HasPrefix(name, "prediction/") && d.Dims() == 2 && d.Shape()[0] == len(tokens) {
			if scores, err = Floats(d); err != nil {
				return nil, nil, err
			}
		}
	}
	after, err = Floats(results["cache"])
	return scores, after, err
}

func floatsOf(ids []int32) []float64 {
	out := make([]float64, len(ids))
	for i, id := range ids {
		out[i] = float64(id)
	}
	return out
}
