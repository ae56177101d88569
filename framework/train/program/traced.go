package program

import (
	"context"
	"fmt"

	"quickstudy/framework/link"
	"quickstudy/framework/meta"
)

// Traced returns what the programs for the shape of an element are linked from: the
// task's backbone and heads, and the learner's programs. For printing; it must not be
// used while other goroutines ask the model for programs.
func (m *Model) Traced(ctx context.Context, e Element) (*link.Task, *meta.Programs, error) {
	s, err := m.shape(ctx, e)
	if err != nil {
		return nil, nil, fmt.Errorf("task %q: %w", m.config.Tasks[e.Task].Name, err)
	}
	defer s.mu.Unlock()
	return s.linked, s.programs, nil
}

// Programs returns the learner's programs over all leaves, of which the model uses the
// first state and the update.
func (m *Model) Programs() *meta.Programs { return m.programs }
