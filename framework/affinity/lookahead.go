package affinity

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/train/program"
)

// shared are the leaves that every task is predicted with, by patterns.
var shared = []string{"backbone/**", "adapters/**"}

// state is the model's parameters, and the shared ones after a step for each task alone,
// every leaf [T, ...].
type state struct{ Theta, Ahead meta.Params }

// contribution is a task's loss and its gradient.
type contribution struct {
	Shared meta.Params `reduce:"task"`
	Own    meta.Params `reduce:"sum"`
	Loss   *graph.Node `reduce:"task"`
}

// ahead are a task's losses with the shared parameters of each task's step, by its position.
type ahead struct {
	Losses meta.Params `reduce:"task"`
}

// lookahead is multi-task learning along the sum of the tasks' gradients that also takes the
// steps for one task alone, of rate α.
func lookahead(alpha float64) program.Learner {
	learner := meta.Learner[state, contribution]{
		Name: "look-ahead", Doc: "the effect of a step for one task on the losses of all",
		Init: func(m *meta.Model, initial meta.Params) state {
			return state{initial, initial.Match(shared...).Map(func(x *graph.Node) *graph.Node {
				return repeat(x, m.Tasks())
			})}
		},
		Episode: func(m *meta.Model, s state, ep meta.Episode) contribution {
			loss := m.Loss(s.Theta, ep.Query)
			g, common := m.Grad(loss, s.Theta), s.Theta.Match(shared...)
			return contribution{Shared: g.Only(common), Loss: loss,
				Own: g.Where(func(address string) bool { return common.Get(address) == nil }).
					ScaleBy(ep.Weight)}
		},
		Update: func(m *meta.Model, s state, c contribution) state {
			all := c.Shared.Map(func(g *graph.Node) *graph.Node { return graph.Sum(g, 0) })
			each := s.Theta.Only(all).Map(func(x *graph.Node) *graph.Node {
				return repeat(x, m.Tasks())
			})
			return state{m.Optimize(s.Theta, all.Join(c.Own).Only(s.Theta)),
				each.Sub(c.Shared.Scale(alpha))}
		},
		Settle: meta.Settle(func(m *meta.Model, before, after state, ep meta.Episode) ahead {
			var losses []meta.Leaf
			for i := range m.Tasks() {
				theta := before.Theta.With(after.Ahead.At(i))
				losses = append(losses,
					meta.Leaf{Address: strconv.Itoa(i), Node: m.Loss(theta, ep.Query)})
			}
			return ahead{meta.NewParams(losses...)}
		}, func(_ *meta.Model, s state, _ ahead) state { return s }),
	}
	return program.Learner{Name: learner.Name,
		Trace: func(_ context.Context, spec meta.Spec) (*meta.Programs, error) {
			return meta.Trace(learner, spec)
		}}
}

// repeat returns n times x along a new leading axis.
func repeat(x *graph.Node, n int) *graph.Node {
	one := graph.Reshape(x, append([]int{1}, x.Shape()...)...)
	return graph.Broadcast(one, append([]int{n}, x.Shape()...)...)
}

// step is what one step measured.
type step struct {
	effects [][]float64 // row i: of a step for task i
	cosines [][]float64 // between gradients, 0 with one that is zero
	norms   [][]float64 // of gradients, one row
}

// moves reports whether a task has a gradient over what is shared.
func (s step) moves() bool {
	return slices.ContainsFunc(s.norms[0], func(norm float64) bool { return norm != 0 })
}

// stepOf reads it from the metrics.
func stepOf(measured map[string]float64, tasks []string) (step, error) {
	n := len(tasks)
	s := step{square(n), square(n), [][]float64{make([]float64, n)}}
	for j, task := range tasks {
		before, ok := measured["loss/"+task]
		if !ok {
			return s, fmt.Errorf("the loss of task %q was not measured", task)
		}
		for i := range tasks {
			after, ok := measured[fmt.Sprintf("after/losses/%d/%s", i, task)]
			if !ok {
				return s, fmt.Errorf("the loss of task %q after a step for %q was not measured", task,
					tasks[i])
			}
			if before != 0 {
				s.effects[i][j] = 1 - after/before
			}
		}
		s.norms[0][j], s.cosines[j][j] = measured["norm/shared/"+task], 1
		for i := range j {
			cosine := measured["cosine/shared/"+tasks[i]+"/"+task]
			s.cosines[i][j], s.cosines[j][i] = cosine, cosine
		}
	}
	return s, nil
}

func square(n int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, n)
	}
	return rows
}
