package program

import (
	"context"
	"fmt"
	"sync"

	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/link"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/sampling"
)

// Element is what one run of a map step is about: an episode, or part of an
// ordinary batch.
type Element struct {
	Task           int // by position
	Support, Query *sampling.Batch
	Values         Values // support/<tensor>, query/<tensor>
}

// Elements returns an encoded episode as it is, or an ordinary batch in parts of
// the task's micro-batch. The parts' losses add up to the batch's, because they
// are weighed by the whole batch.
func (m *Model) Elements(task int, e *sampling.Episode) []Element {
	queries := []*sampling.Batch{e.Query}
	if size := m.config.Tasks[task].MicroBatch; e.Support == nil && size > 0 && size < e.Query.Rows {
		queries = e.Query.Cut(size)
	}
	elements := make([]Element, len(queries))
	for i, q := range queries {
		elements[i] = Element{Task: task, Support: e.Support, Query: q, Values: Values{}}
		elements[i].Values.addBatch("query", q, m.config.Precision)
		if e.Support != nil {
			elements[i].Values.addBatch("support", e.Support, m.config.Precision)
		}
	}
	return elements
}

// shape holds the programs for one shape of element. The lock is held while one
// of them is made, because tracing a head writes to what link keeps of it.
type shape struct {
	mu          sync.Mutex
	linked      *link.Task // nil: not traced yet
	programs    *meta.Programs
	step, after *Program
	evaluations map[string]evaluation
	attention   map[string]*Program // by numbers of steps
	writers     map[string]*Writer  // by objective and numbers of steps
}

type evaluation struct {
	program *Program
	metrics map[string][]head.Metric
}

// shape returns the locked programs for the shape of an element, traced.
func (m *Model) shape(ctx context.Context, e Element) (*shape, error) {
	key := fmt.Sprintf("%d|%s", e.Task, e.Query.Signature())
	if e.Support != nil {
		key += "|" + e.Support.Signature()
	}
	m.mu.Lock()
	s := m.shapes[key]
	if s == nil {
		s = &shape{evaluations: map[string]evaluation{}, attention: map[string]*Program{},
			writers: map[string]*Writer{}}
		m.shapes[key] = s
	}
	m.mu.Unlock()
	s.mu.Lock()
	if s.linked != nil {
		return s, nil
	}
	linked, err := m.link(e)
	if err == nil {
		s.programs, err = m.config.Learner.Trace(ctx, m.specOf(linked, e.Task))
	}
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	s.linked = linked
	return s, nil
}

// Map returns the map step for the shape of an element: parameters state/<path>,
// episodic/<address>, support/<tensor>, query/<tensor>, weight, key and, where the
// learner asks for it, progress; results contribution/<path>.
func (m *Model) Map(ctx context.Context, e Element) (*Program, error) {
	s, err := m.shape(ctx, e)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return m.once(&s.step, s, s.linked.Episode)
}

// After returns the map step of the second round, which has before/<path> and
// after/<path> in place of state/<path>. The learner must have one (Settle).
func (m *Model) After(ctx context.Context, e Element) (*Program, error) {
	s, err := m.shape(ctx, e)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return m.once(&s.after, s, s.linked.After)
}

// once links and compiles a program of a shape, unless it is there.
func (m *Model) once(p **Program, s *shape, link func(*meta.Programs) (*graph.Func, error)) (
	*Program, error) {
	if *p == nil {
		var err error
		*p, err = m.config.make(m.config.Limit.Workers,
			func() (*graph.Func, error) { return link(s.programs) })
		if err != nil {
			return nil, err
		}
	}
	return *p, nil
}

// Evaluation returns the evaluation for the shape of an element: adaptation by
// each of the numbers of steps, ascending, then prediction of the query. Parameters
// are state/<path>, episodic/<address>, support/<tensor>, query/<tensor>, key and,
// if the learner reads it, progress. Results are <step>/<objective>/loss,
// .../prediction/<name> and .../metric/<name>/<i>; the metrics, by objective, say how
// their sums are finished.
func (m *Model) Evaluation(ctx context.Context, e Element, steps []int) (
	*Program, map[string][]head.Metric, error) {
	s, err := m.shape(ctx, e)
	if err != nil {
		return nil, nil, err
	}
	defer s.mu.Unlock()
	key := fmt.Sprint(steps)
	made, ok := s.evaluations[key]
	if !ok {
		made.program, err = m.config.make(m.config.Limit.Workers, func() (*graph.Func, error) {
			linked, err := s.linked.Evaluate(s.programs, steps)
			if err != nil {
				return nil, err
			}
			made.metrics = linked.Metrics
			return linked.Func, nil
		})
		if err != nil {
			return nil, nil, err
		}
		s.evaluations[key] = made
	}
	return made.program, made.metrics, nil
}

// Attention returns, for the shape of an element, the attention weights of the passes
// that heads make, after adaptation by each of the numbers of steps, ascending.
// Parameters are those of Evaluation, results <step>/<pass>/<layer> as link.Task.Attention
// states them.
func (m *Model) Attention(ctx context.Context, e Element, steps []int) (*Program, error) {
	s, err := m.shape(ctx, e)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	key := fmt.Sprint(steps)
	p := s.attention[key]
	p, err = m.once(&p, s, func(programs *meta.Programs) (*graph.Func, error) {
		return s.linked.Attention(programs, steps)
	})
	s.attention[key] = p
	return p, err
}

// Adapts reports whether the learner adapts to an element's support.
func (m *Model) Adapts(ctx context.Context, e Element) (bool, error) {
	s, err := m.shape(ctx, e)
	if err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	return s.programs.Adapt != nil, nil
}

// Episodic returns the leaves that are made anew for an element's episode, by
// episodic/<address>, which the programs of its shape may ask for. They follow from
// the seed, which is to differ between episodes, and the address.
func (m *Model) Episodic(ctx context.Context, e Element, seed uint64) (Values, error) {
	s, err := m.shape(ctx, e)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	values := Values{}
	for _, l := range s.linked.Episodic() {
		values["episodic/"+l.Address] = Dense(graph.Value{DType: graph.Float32, Shape: l.Shape},
			nn.InitialValue(seed, l), m.config.Precision)
	}
	return values, nil
}

// Compiled returns how many shapes of element have been traced.
func (m *Model) Compiled() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.shapes)
}
