package program

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"quickstudy/framework/graph"
	"quickstudy/framework/link"
)

// Writer is how texts are written for the query of an element. Its methods may be called
// concurrently.
type Writer struct {
	config         *Config
	adapted, start *Program // start is nil where texts are written from nothing
	examples       int
	most           int // positions
	// next makes the program of one position.
	next func(sizes link.Texts) (*Program, error)
}

// Writer returns the writing of an objective, whose head must be able to write, for the
// shape of an element, after adaptation by each of the numbers of steps, ascending.
func (m *Model) Writer(ctx context.Context, e Element, objective string, steps []int) (*Writer,
	error) {
	s, err := m.shape(ctx, e)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	key := fmt.Sprint(objective, steps)
	if w := s.writers[key]; w != nil {
		return w, nil
	}
	linked := s.linked
	w := &Writer{config: &m.config, examples: e.Query.Rows,
		most: m.config.Transformer.MaxLength(), next: func(sizes link.Texts) (*Program, error) {
			return m.next(e.Task, linked, objective, sizes)
		}}
	w.adapted, err = m.config.make(m.config.Limit.Workers, func() (*graph.Func, error) {
		return linked.Adapted(s.programs, steps)
	})
	if err != nil {
		return nil, err
	}
	start, err := linked.Start(objective)
	if err != nil {
		return nil, err
	}
	if start != nil {
		w.start, err = m.config.make(m.config.Limit.Workers,
			func() (*graph.Func, error) { return start, nil })
		if err != nil {
			return nil, err
		}
	}
	s.writers[key] = w
	return w, nil
}

// writing is a program that is there, or is being made.
type writing struct {
	once    sync.Once
	program *Program
	err     error
}

// next returns the program of one position of texts, the same for all elements of a task
// whose leaves are alike.
func (m *Model) next(task int, linked *link.Task, objective string, sizes link.Texts) (*Program,
	error) {
	key := fmt.Sprint(task, objective, sizes)
	for _, l := range linked.Episodic() {
		key += fmt.Sprint(l.Address, l.Shape)
	}
	m.mu.Lock()
	w := m.writings[key]
	if w == nil {
		w = &writing{}
		m.writings[key] = w
	}
	m.mu.Unlock()
	w.once.Do(func() {
		w.program, w.err = m.config.make(m.config.Limit.Workers, func() (*graph.Func, error) {
			return linked.Next(objective, sizes)
		})
	})
	return w.program, w.err
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

// Begin returns texts of the element's examples, of which nothing is written. Arguments
// are leaves of Adapted and a key; values are the element's.
func (w *Writer) Begin(values Values, sets ...Values) (*Texts, error) {
	t := &Texts{writer: w, sets: sets}
	if w.start == nil {
		return t, nil
	}
	results, err := w.start.Run(append([]Values{values}, sets...)...)
	if err != nil {
		return nil, err
	}
	t.given = results["memory"]
	t.sizes.Memory = t.given.Shape()[1]
	return t, nil
}
