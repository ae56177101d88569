package meta

import "quickstudy/framework/graph"

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
	// Weight (scalar) is the episode's share of the outer loss: the task's weight
	// divided by the number of its episodes in the step.
	Weight *graph.Node
}

// Model is the learner's view of backbone and heads: parameters by address,
// losses by signature.
type Model struct {
	spec     Spec
	key      *graph.Node
	calls    int
	optimize *optimization // while Update is traced
}

// Loss returns the scalar loss of the task on a batch: Σ over objectives of
// weight times the weighted mean over examples. It traces a call of the host's
// function, with a random key of its own for dropout.
func (m *Model) Loss(p Params, b Batch) *graph.Node {
	if b.Absent() {
		graph.Failf("meta.Loss", "the batch is absent; ordinary batches have a query only")
	}
	args := m.arguments(p)
	args = append(append(args, b.nodes...), b.given...)
	args = append(args, m.nextKey())
	return graph.Call(m.spec.lossSignature(b), args...)[0]
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

// arguments orders p as the host's functions take their parameters.
func (m *Model) arguments(p Params) []*graph.Node {
	args := make([]*graph.Node, 0, len(m.spec.Leaves))
	for _, want := range m.spec.Leaves {
		n := p.Get(want.Name)
		if n == nil || !n.Shape().Equal(want.Shape) {
			graph.Failf("meta.Loss", "parameters lack leaf %v", want)
		}
		args = append(args, n)
	}
	if len(args) != p.Len() {
		graph.Failf("meta.Loss", "%d leaves, the model has %d", p.Len(), len(args))
	}
	return args
}

// nextKey derives the key of the next call from its place in the trace.
func (m *Model) nextKey() *graph.Node {
	m.calls++
	return graph.FoldKey(m.key, graph.Scalar(graph.Int32, float64(m.calls)))
}
