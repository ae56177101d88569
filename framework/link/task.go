package link

import (
	"fmt"
	"slices"
	"strings"

	"quickstudy/backbone"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/meta"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
	"quickstudy/framework/passes"
)

// TraceHead traces a head for one use of it, in this process or another.
type TraceHead func(spec head.Spec) (*head.Traced, error)

// Objective is one thing that is predicted of a task's examples.
type Objective struct {
	Name   string  // prefix of its tensors: <name>/class, <name>/weight, ...
	Head   string  // the head's instance: its leaves are heads/<head>/...
	Weight float64 // of its loss, from 0; 0: not trained
	Target head.Target
	Trace  TraceHead
}

// Side is one half of an episode: its tensors by name, batch first. A nil Side is
// absent.
type Side struct {
	Values []graph.Value
}

// Task is one kind of episode, ready to be linked.
type Task struct {
	transformer *backbone.Transformer
	objectives  []Objective
	support     *Side
	query       *Side
	leaves      []nn.Leaf
	episodic    []nn.Leaf
	traced      map[use]*head.Traced
	options     passes.Options
}

// use is one way in which a head is traced.
type use struct {
	objective, side string
	train           bool
}

// sides names the two halves in signatures.
const (
	supportSide = "support"
	querySide   = "query"
)

// NewTask describes an episode kind. It traces every head once to learn its
// leaves; two objectives that share a head must ask for the same ones.
func NewTask(t *backbone.Transformer, objectives []Objective, support, query *Side) (*Task, error) {
	if query == nil || len(objectives) == 0 {
		return nil, fmt.Errorf("link: a task needs a query and at least one objective")
	}
	task := &Task{transformer: t, objectives: objectives, support: support, query: query,
		leaves: t.Leaves(), traced: map[use]*head.Traced{}}
	seen := map[string]nn.Leaf{}
	for _, o := range objectives {
		traced, err := task.traceHead(o, querySide, true)
		if err != nil {
			return nil, err
		}
		for _, l := range traced.Leaves {
			l.Address = "heads/" + o.Head + "/" + l.Address
			if old, ok := seen[l.Address]; ok {
				if !old.Shape.Equal(l.Shape) {
					return nil, fmt.Errorf("link: objective %q: head %q: leaf %s has shape %v here and "+
						"%v for another objective; give it a head of its own", o.Name, o.Head, l.Address,
						l.Shape, old.Shape)
				}
				continue
			}
			seen[l.Address] = l
			if l.Episodic {
				task.episodic = append(task.episodic, l)
			} else {
				task.leaves = append(task.leaves, l)
			}
		}
	}
	return task, nil
}

// Leaves returns the model's lasting leaves: the backbone's, then the heads'.
func (t *Task) Leaves() []nn.Leaf { return slices.Clone(t.leaves) }

// Episodic returns the leaves that are made anew for every episode: parameters
// episodic/<address> of its programs.
func (t *Task) Episodic() []nn.Leaf { return slices.Clone(t.episodic) }

// Coupled reports whether a head's loss of an example depends on other examples of the
// batch, which is then never to be cut.
func (t *Task) Coupled() bool {
	for _, traced := range t.traced {
		if traced.Coupled {
			return true
		}
	}
	return false
}

// Freeze holds the lasting leaves that match one of the patterns (nn.Match)
// constant, in adaptation too: their gradient is zero, and a learner that moves them
// without one moves nothing that is computed with.
func (t *Task) Freeze(patterns []string) {
	for i, l := range t.leaves {
		t.leaves[i].Frozen = l.Frozen || nn.MatchAny(patterns, l.Address)
	}
}

// Passes says which passes the task's programs are taken through; by default all are.
func (t *Task) Passes(o passes.Options) { t.options = o }

// Spec is what a learner is told: the leaves it learns, the tensors of both sides,
// the objectives. TotalWeight is that of this task; Task and TrainSteps are 0.
func (t *Task) Spec(optimizer *optim.Config, episodes, tasks int) meta.Spec {
	s := meta.Spec{Query: t.query.Values, Optimizer: optimizer, Episodes: episodes, Tasks: tasks}
	if t.support != nil {
		s.Support = t.support.Values
	}
	s.Leaves, s.Episodic = values(t.leaves), values(t.episodic)
	for _, o := range t.objectives {
		s.Objectives = append(s.Objectives, meta.Objective{Name: o.Name, Weight: o.Weight})
		s.TotalWeight += o.Weight
	}
	return s
}

func values(leaves []nn.Leaf) []graph.Value {
	var out []graph.Value
	for _, l := range leaves {
		out = append(out, graph.Value{Name: l.Address, DType: graph.Float32, Shape: l.Shape})
	}
	return out
}

func (t *Task) side(name string) *Side {
	if name == supportSide {
		return t.support
	}
	return t.query
}

// sets lists the encoded input sets of a side: <set>/mask is [B, T].
func (s *Side) sets() (sets []head.Length, batch int) {
	for _, v := range s.Values {
		if set, ok := strings.CutSuffix(v.Name, "/mask"); ok {
			sets = append(sets, head.Length{Set: set, Positions: v.Shape[1]})
			batch = v.Shape[0]
		}
	}
	return sets, batch
}

func (t *Task) traceHead(o Objective, side string, train bool) (*head.Traced, error) {
	u := use{o.Name, side, train}
	if traced := t.traced[u]; traced != nil {
		return traced, nil
	}
	traced, err := o.Trace(t.spec(o, side, train))
	if err != nil {
		return nil, fmt.Errorf("objective %q: head %q: %w", o.Name, o.Head, err)
	}
	t.traced[u] = traced
	return traced, nil
}

// spec is the use of an objective's head on a side.
func (t *Task) spec(o Objective, side string, train bool) head.Spec {
	sets, batch := t.side(side).sets()
	_, vocabulary := t.transformer.Embedding()
	spec := head.Spec{Width: t.transformer.Width(), Sets: sets, Batch: batch, Target: o.Target,
		Train: train, Vocabulary: vocabulary, Cache: t.transformer.Cache(),
		DecoderOnly: t.transformer.DecoderOnly()}
	if side == querySide && t.support != nil {
		sets, batch := t.support.sets()
		spec.Support = &head.Side{Batch: batch, Sets: sets}
	}
	return spec
}
