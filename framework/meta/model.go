package meta

import (
	"slices"

	"quickstudy/framework/graph"
)

// Batch is one side of an episode: named tensors that only the host's functions
// read. The zero Batch is absent.
type Batch struct {
	side  string
	nodes []*graph.Node
	given []*graph.Node // of a query: the support, for heads that read it
}

// Absent reports whether there is no such side, as the support of an ordinary
// multi-task batch.
func (b Batch) Absent() bool { return len(b.nodes) == 0 }

// Episode is what the map step sees of one episode.
type Episode struct {
	Support, Query Batch
	// Weight (scalar) is the share of this episode: 1 over the number of the
	// task's episodes in the step. A part of an ordinary batch has the weight of
	// the whole, because its loss is already divided by the whole's examples. The
	// objectives' weights are in Model.Loss.
	Weight *graph.Node
}

// hook is the part of a learner that is being traced.
type hook string

const (
	inInit    hook = "Init"
	inStart   hook = "the start of Adapt"
	inStep    hook = "the step of Adapt"
	inEpisode hook = "Episode"
	inUpdate  hook = "Update"
	inAfter   hook = "after"
	inSettle  hook = "settle"
)

// Model is the learner's view of backbone and heads: parameters by address,
// losses by signature.
type Model struct {
	spec     Spec
	hook     hook
	t        *tracer // of the program that is being traced
	base     Params  // the state's parameters
	episodic Params  // made anew for this episode
	key      *graph.Node
	calls    int
	edges    int  // between steps of adaptation
	weigh    bool // the learner has Weigh

	signatures map[string]*graph.Signature // of the losses, by side
	slots      []graph.Result              // new values of the optimizer's slots
	optimized  []string                    // names that OptimizeAs has been called with
}

// Loss returns the scalar loss of the task on a batch. With L the mean of an
// objective over its labelled examples and w its weight, that of a query is Σ w L:
// weights say what a task and its objectives count for in the outer loss. That of a
// support is Σ w L / Σ w: a task that counts for little adapts as fast as any other,
// and only the proportions among its own objectives matter. A learner that trains on
// a support as on a query multiplies its loss by TaskWeight. Leaves that p lacks are
// the state's, or the episode's own. It traces a call of the host's function, with a
// random key of its own for dropout.
func (m *Model) Loss(p Params, b Batch) *graph.Node { return m.loss("meta.Loss", p, b)[0] }

// Losses returns the loss of every objective on a batch, [O] in the order of
// Objectives, before weights.
func (m *Model) Losses(p Params, b Batch) *graph.Node { return m.loss("meta.Losses", p, b)[1] }

func (m *Model) loss(op string, p Params, b Batch) []*graph.Node {
	if b.Absent() {
		graph.Failf(op, "the batch is absent; ordinary batches have a query only")
	}
	if m.key == nil {
		graph.Failf(op, "%s sees no batch", m.hook)
	}
	var args []*graph.Node
	for _, l := range m.fill(op, p).leaves {
		args = append(args, l.Node)
	}
	args = append(append(args, b.nodes...), b.given...)
	args = append(args, m.nextKey())
	if m.signatures == nil {
		m.signatures = map[string]*graph.Signature{}
	}
	if m.signatures[b.side] == nil {
		m.signatures[b.side] = m.spec.LossSignature(b.side)
	}
	return graph.Call(m.signatures[b.side], args...)
}

// Grad returns ∂y/∂p for every leaf of p.
func (m *Model) Grad(y *graph.Node, p Params) Params {
	nodes := make([]*graph.Node, len(p.leaves))
	for i, l := range p.leaves {
		nodes[i] = l.Node
	}
	out := p.Leaves()
	for i, g := range graph.Grad(y, nodes...) {
		out[i].Node = g
	}
	return Params{leaves: out}
}

// Objectives returns what is predicted of the task's examples, with weights.
func (m *Model) Objectives() []Objective { return slices.Clone(m.spec.Objectives) }

// TotalWeight returns Σ of the weights of all objectives of all tasks.
func (m *Model) TotalWeight() float64 { return m.spec.TotalWeight }

// TaskWeight returns Σ of the weights of the task's objectives, by which the loss of
// a support is divided.
func (m *Model) TaskWeight() float64 {
	sum := 0.0
	for _, o := range m.spec.Objectives {
		sum += o.Weight
	}
	return sum
}

// Task returns the position of the task among the experiment's, below Tasks.
func (m *Model) Task() int { return m.spec.Task }

// Tasks returns how many tasks the experiment has: the leading axis of
// contributions by task.
func (m *Model) Tasks() int { return m.spec.Tasks }

// Episodic returns the parameters that are made anew for this episode; none
// in Init, Update and settle.
func (m *Model) Episodic() Params { return m.episodic }

// Fast returns theta and the episode's own parameters: where an inner loop that
// adapts everything starts.
func (m *Model) Fast(theta Params) Params { return theta.Join(m.episodic) }

// Progress returns how far training is, a scalar from 0 to below 1. In evaluation it is
// what it was in the last step that made the state, and 0 of one that is not trained.
func (m *Model) Progress() *graph.Node {
	if m.hook == inInit {
		graph.Failf("meta.Progress", "is not for Init")
	}
	return m.t.once(graph.Value{Name: "progress", DType: m.spec.dtype()})
}

// Present returns which tasks had an episode in this step, Bool [Tasks]. It is
// for Update and settle: what an absent task contributes is zero, which is not
// the same as a gradient of zero.
func (m *Model) Present() *graph.Node {
	if m.hook != inUpdate && m.hook != inSettle {
		graph.Failf("meta.Present", "is for Update and settle only, not for %s", m.hook)
	}
	return m.t.once(
		graph.Value{Name: "present", DType: graph.Bool, Shape: graph.Shape{m.spec.Tasks}})
}

// Weights returns what Weigh has chosen for this step, [Tasks]. It is for Update.
func (m *Model) Weights() *graph.Node {
	if m.hook != inUpdate || !m.weigh {
		graph.Failf("meta.Weights", "is for Update of a learner with Weigh")
	}
	return m.t.once(
		graph.Value{Name: "weights", DType: m.spec.dtype(), Shape: graph.Shape{m.spec.Tasks}})
}

// fill orders p as the host's functions take their parameters: the spec's leaves,
// then the episode's own. What p lacks comes from the state and the episode.
func (m *Model) fill(op string, p Params) Params {
	var out []Leaf
	found := 0
	for _, want := range slices.Concat(m.spec.Leaves, m.spec.Episodic) {
		n := p.Get(want.Name)
		if n != nil {
			found++
		} else if n = m.base.Get(want.Name); n == nil {
			n = m.episodic.Get(want.Name)
		}
		if n == nil || n.DType() != want.DType || !n.Shape().Equal(want.Shape) {
			graph.Failf(op, "leaf %v is needed, there is %s", want, describe(n))
		}
		out = append(out, Leaf{Address: want.Name, Node: n})
	}
	if found != p.Len() {
		for _, l := range p.leaves {
			if !slices.ContainsFunc(out, func(o Leaf) bool { return o.Address == l.Address }) {
				graph.Failf(op, "the model has no leaf %q", l.Address)
			}
		}
	}
	return Params{leaves: out}
}

func describe(n *graph.Node) string {
	if n == nil {
		return "none"
	}
	return n.DType().String() + n.Shape().String()
}

// nextKey derives the key of the next call from its place in the trace.
func (m *Model) nextKey() *graph.Node {
	m.calls++
	return graph.FoldKey(m.key, graph.Scalar(graph.Int32, float64(m.calls)))
}

// edge marks that a step of adaptation ends with a, or begins with it.
func (m *Model) edge(a any) any {
	m.edges++
	var nodes []*graph.Node
	mapTree(a, func(_ string, _ Reduction, n *graph.Node) *graph.Node {
		nodes = append(nodes, n)
		return n
	})
	nodes = graph.Edge(m.edges, nodes...)
	return mapTree(a, func(string, Reduction, *graph.Node) *graph.Node {
		n := nodes[0]
		nodes = nodes[1:]
		return n
	})
}
