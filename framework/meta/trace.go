package meta

import (
	"fmt"

	"quickstudy/framework/graph"
	"quickstudy/framework/optim"
)

// Spec is what the host tells a learner about one kind of episode: the model's
// leaves, and the tensors of support and query. Nothing in it says what the
// tensors mean.
type Spec struct {
	Leaves  []graph.Value // address, element type, shape
	Support []graph.Value // empty: absent
	Query   []graph.Value
	// Episodes and Tasks of a step are the leading axes of stacked contributions.
	Episodes, Tasks int
	// Optimizer is what Model.Optimize takes a step of; nil: the experiment has none.
	Optimizer *optim.Config
}

var keyValue = graph.Value{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}}

// LossName returns the name under which the host links the loss of one side,
// "support" or "query". Its parameters are the leaves, the side's tensors, for a
// query those of the support too, and a key; its result is a scalar of the leaves'
// type.
func LossName(side string) string { return "loss:" + side }

func (s Spec) lossSignature(b Batch) *graph.Signature {
	sig := &graph.Signature{Name: LossName(b.side), Params: append([]graph.Value(nil), s.Leaves...)}
	if b.side == "query" {
		sig.Params = append(sig.Params, s.Query...)
	}
	sig.Params = append(append(sig.Params, s.Support...), keyValue)
	sig.Results = []graph.Value{{Name: "loss", DType: s.dtype()}}
	return sig
}

func (s Spec) dtype() graph.DType {
	if len(s.Leaves) == 0 {
		return graph.Float32
	}
	return s.Leaves[0].DType
}

// tracer declares the parameters of a program in order.
type tracer struct{ f graph.Func }

func (t *tracer) param(prefix string, v graph.Value) *graph.Node {
	n := graph.Param(join(prefix, v.Name), v.DType, v.Shape)
	t.f.Params = append(t.f.Params, n)
	return n
}

func (t *tracer) batch(side string, values []graph.Value) Batch {
	b := Batch{side: side}
	for _, v := range values {
		b.nodes = append(b.nodes, t.param(side, v))
	}
	return b
}

// initial declares the model's leaves.
func (t *tracer) initial(spec Spec) Params {
	var leaves []Leaf
	for _, v := range spec.Leaves {
		leaves = append(leaves, Leaf{Address: v.Name, Node: t.param("initial", v)})
	}
	return Params{leaves: leaves}
}

// start traces Init into t and returns the state.
func (l Learner[S, C]) start(t *tracer, m *Model) S {
	initial := t.initial(m.spec)
	if l.Init != nil {
		return l.Init(m, initial)
	}
	s, ok := any(initial).(S)
	if !ok {
		graph.Failf("meta.Learner", "%s: Init is nil, so the state must be meta.Params; it is %T", l.Name, s)
	}
	return s
}

// state declares the learner's state: the structure that Init gives, each node a
// parameter of its own.
func (l Learner[S, C]) state(t *tracer, m *Model) S {
	structure := l.start(&tracer{}, m)
	return mapNodes(structure, func(path string, _ Reduction, n *graph.Node) *graph.Node {
		return t.param("state", graph.Value{Name: path, DType: n.DType(), Shape: n.Shape()})
	})
}

// TraceInit traces the first state. The program's parameters are
// initial/<address>, its results state/<path>.
func TraceInit[S, C any](l Learner[S, C], spec Spec) (*graph.Func, error) {
	f, err := graph.Trace(l.Name+".init", func() *graph.Func {
		t := &tracer{}
		mapNodes(l.start(t, &Model{spec: spec}), func(path string, _ Reduction, n *graph.Node) *graph.Node {
			t.f.Results = append(t.f.Results, graph.Result{Name: join("state", path), Node: n})
			return n
		})
		return &t.f
	})
	return f, wrap(l.Name, err)
}

// Reduced is the type of one reduced field of a contribution.
type Reduced struct {
	graph.Value
	Reduction Reduction
}

// TraceEpisode traces the map step. The program's parameters are
// state/<path>, support/<tensor>, query/<tensor>, weight and key; its results are
// contribution/<path>, whose reductions are returned in the same order. The
// losses are calls that the host links (LossName).
func TraceEpisode[S, C any](l Learner[S, C], spec Spec) (*graph.Func, []Reduced, error) {
	var reduced []Reduced
	f, err := graph.Trace(l.Name+".episode", func() *graph.Func {
		t := &tracer{}
		c := l.episode(t, spec)
		mapNodes(c, func(path string, r Reduction, n *graph.Node) *graph.Node {
			switch r {
			case Sum, Mean, Stack, Task:
			default:
				graph.Failf("meta.Learner", "%s: field %q of the contribution has reduce tag %q, want sum, mean, stack or task",
					l.Name, path, r)
			}
			name := join("contribution", path)
			t.f.Results = append(t.f.Results, graph.Result{Name: name, Node: n})
			reduced = append(reduced, Reduced{Value: graph.Value{Name: name, DType: n.DType(), Shape: n.Shape()}, Reduction: r})
			return n
		})
		return &t.f
	})
	if err != nil {
		return nil, nil, fmt.Errorf("learner %q: %w", l.Name, err)
	}
	return f, reduced, nil
}

// episode traces the map step into t and returns the contribution.
func (l Learner[S, C]) episode(t *tracer, spec Spec) C {
	m := &Model{spec: spec}
	s := l.state(t, m)
	ep := Episode{Support: t.batch("support", spec.Support), Query: t.batch("query", spec.Query)}
	ep.Query.given = ep.Support.nodes
	ep.Weight = t.param("", graph.Value{Name: "weight", DType: spec.dtype()})
	m.key = t.param("", keyValue)
	if l.Episode != nil {
		return l.Episode(m, s, ep)
	}
	return l.gradLoss(m, s, ep)
}

// gradLoss is the default Episode: ∇S of the weighted query loss after Adapt.
func (l Learner[S, C]) gradLoss(m *Model, s S, ep Episode) C {
	theta, ok := any(s).(Params)
	if !ok {
		graph.Failf("meta.Learner", "%s: Episode is nil, so the state must be meta.Params; it is %T", l.Name, s)
	}
	adapted := theta
	if !l.Adapt.none() && !ep.Support.Absent() {
		adapted = theta.With(l.Adapt.apply(m, s, ep.Support))
	}
	loss := graph.Mul(ep.Weight, m.Loss(adapted, ep.Query))
	c, ok := any(GradLoss{Grad: m.Grad(loss, theta), Loss: loss}).(C)
	if !ok {
		graph.Failf("meta.Learner", "%s: Episode is nil, so the contribution must be meta.GradLoss; it is %T", l.Name, c)
	}
	return c
}
