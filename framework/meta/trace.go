package meta

import (
	"slices"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/optim"
)

// Spec is what the host tells a learner about one kind of episode: the model's
// leaves, and the tensors of support and query. Nothing in it says what the
// tensors mean.
//
// Init and Update are traced with the leaves of all tasks (and the tensors of any
// one of them, with a support if any task has one), Adapt and Episode with those
// of one task: the backbone's and its own heads'. States and contributions of the
// two are matched by path; what a contribution lacks adds nothing.
type Spec struct {
	Leaves   []graph.Value // address, element type, shape
	Episodic []graph.Value // leaves that are made anew for every episode
	Support  []graph.Value // empty: absent
	Query    []graph.Value

	Objectives  []Objective // of this task
	TotalWeight float64     // Σ of the weights of all objectives of all tasks
	Task        int         // position among the tasks

	// Episodes and Tasks of a step are the leading axes of stacked contributions.
	Episodes, Tasks int
	// TrainSteps is the length of training, over which rates are scheduled.
	TrainSteps int
	// Optimizer is what Model.Optimize takes a step of; nil: the experiment has none.
	Optimizer *optim.Config
}

// Objective is one thing that is predicted of a task's examples.
type Objective struct {
	Name   string
	Weight float64 // of its loss
}

var keyValue = graph.Value{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}}

// LossName returns the name under which the host links the loss of one side,
// "support" or "query".
func LossName(side string) string { return "loss:" + side }

// LossSignature returns the type of the loss of one side. Its parameters are the
// leaves, the episodic leaves, the side's tensors, for a query those of the
// support too, and a key. Its results, of the leaves' type, are loss, a scalar, and
// losses L, one for every objective. The loss of a query is Σ w L by the objectives'
// weights w; that of a support is Σ w L / Σ w, or 0 where all weights are 0.
func (s Spec) LossSignature(side string) *graph.Signature {
	sig := &graph.Signature{Name: LossName(side), Params: slices.Concat(s.Leaves, s.Episodic)}
	if side == "query" {
		sig.Params = append(sig.Params, s.Query...)
	}
	sig.Params = append(append(sig.Params, s.Support...), keyValue)
	sig.Results = []graph.Value{
		{Name: "loss", DType: s.dtype()},
		{Name: "losses", DType: s.dtype(), Shape: graph.Shape{max(1, len(s.Objectives))}},
	}
	return sig
}

func (s Spec) dtype() graph.DType {
	if len(s.Leaves) == 0 {
		return graph.Float32
	}
	return s.Leaves[0].DType
}

// tracer declares the parameters of a program in order.
type tracer struct {
	f    graph.Func
	made map[string]*graph.Node // by once
}

func (t *tracer) param(prefix string, v graph.Value) *graph.Node {
	n := graph.Param(join(prefix, v.Name), v.DType, v.Shape)
	t.f.Params = append(t.f.Params, n)
	return n
}

// once declares a parameter at its first use.
func (t *tracer) once(v graph.Value) *graph.Node {
	if n := t.made[v.Name]; n != nil {
		return n
	}
	if t.made == nil {
		t.made = map[string]*graph.Node{}
	}
	t.made[v.Name] = t.param("", v)
	return t.made[v.Name]
}

func (t *tracer) batch(side string, values []graph.Value) Batch {
	b := Batch{side: side}
	for _, v := range values {
		b.nodes = append(b.nodes, t.param(side, v))
	}
	return b
}

// params declares a set of leaves.
func (t *tracer) params(prefix string, values []graph.Value) Params {
	var leaves []Leaf
	for _, v := range values {
		leaves = append(leaves, Leaf{Address: v.Name, Node: t.param(prefix, v)})
	}
	return Params{leaves: leaves}
}

// tree declares a value of the given structure, each node a parameter.
func (t *tracer) tree(prefix string, structure any) any {
	return mapTree(structure, func(path string, _ Reduction, n *graph.Node) *graph.Node {
		return t.param(prefix, graph.Value{Name: path, DType: n.DType(), Shape: n.Shape()})
	})
}

// results adds every node of v as <prefix>/<path>.
func (t *tracer) results(prefix string, v any) {
	mapTree(v, func(path string, _ Reduction, n *graph.Node) *graph.Node {
		t.f.Results = append(t.f.Results, graph.Result{Name: join(prefix, path), Node: n})
		return n
	})
}

// prune drops the parameters of the state and the episode that no result needs.
func (t *tracer) prune() {
	var roots []*graph.Node
	for _, r := range t.f.Results {
		roots = append(roots, r.Node)
	}
	needed := map[*graph.Node]bool{}
	for _, n := range graph.PostOrder(roots...) {
		needed[n] = true
	}
	t.f.Params = slices.DeleteFunc(t.f.Params, func(p *graph.Node) bool {
		name := p.Attrs().Name
		return !needed[p] && (strings.HasPrefix(name, "state/") ||
			strings.HasPrefix(name, "episodic/"))
	})
}

// trace traces one program of the learner.
func (l Learner[S, C]) trace(name string, in hook, spec Spec, build func(t *tracer, m *Model)) (
	*graph.Func, error) {
	f, err := graph.Trace(l.Name+"."+name, func() *graph.Func {
		t := &tracer{}
		build(t, l.model(t, in, spec))
		return &t.f
	})
	return f, wrap(l.Name, err)
}

func (l Learner[S, C]) model(t *tracer, in hook, spec Spec) *Model {
	return &Model{spec: spec, hook: in, t: t, weigh: l.Weigh != nil}
}

// start traces Init into t and returns the state.
func (l Learner[S, C]) start(t *tracer, spec Spec) S {
	initial := t.params("initial", spec.Leaves)
	if l.Init != nil {
		return l.Init(l.model(t, inInit, spec), initial)
	}
	s, ok := any(initial).(S)
	if !ok {
		graph.Failf("meta.Learner", "%s: Init is nil, so the state must be meta.Params; it is %T",
			l.Name, s)
	}
	return s
}

// state declares the learner's state: the structure that Init gives, each node a
// parameter of its own.
func (l Learner[S, C]) state(t *tracer, m *Model, prefix string) S {
	s, _ := t.tree(prefix, l.start(&tracer{}, m.spec)).(S)
	m.base = parameters(s)
	return s
}

// TraceInit traces the first state. The program's parameters are
// initial/<address>, its results state/<path>.
func TraceInit[S, C any](l Learner[S, C], spec Spec) (*graph.Func, error) {
	return l.trace("init", inInit, spec, func(t *tracer, _ *Model) {
		t.results("state", l.start(t, spec))
	})
}

// Reduced is the type of one reduced field of a contribution.
type Reduced struct {
	graph.Value
	Reduction Reduction
}

// Over returns the type of the field once it is reduced over a step of the spec.
func (r Reduced) Over(spec Spec) graph.Value {
	v := r.Value
	switch r.Reduction {
	case Stack:
		v.Shape = append(graph.Shape{spec.Episodes}, v.Shape...)
	case Task:
		v.Shape = append(graph.Shape{spec.Tasks}, v.Shape...)
	}
	return v
}

// contribution adds what an episode contributes to the results.
func (t *tracer) contribution(learner string, c any) (reduced []Reduced) {
	mapTree(c, func(path string, r Reduction, n *graph.Node) *graph.Node {
		switch r {
		case Sum, Mean, Stack, Task:
		default:
			graph.Failf("meta.Learner", "%s: field %q of the contribution has reduce tag %q, want "+
				"sum, mean, stack or task", learner, path, r)
		}
		name := join("contribution", path)
		t.f.Results = append(t.f.Results, graph.Result{Name: name, Node: n})
		reduced = append(reduced, Reduced{Value: graph.Value{Name: name, DType: n.DType(),
			Shape: n.Shape()}, Reduction: r})
		return n
	})
	return reduced
}

// reduced declares a contribution of the given structure as it is after REDUCE.
func (t *tracer) reduced(spec Spec, structure any) any {
	return mapTree(structure, func(path string, r Reduction, n *graph.Node) *graph.Node {
		v := graph.Value{Name: path, DType: n.DType(), Shape: n.Shape()}
		return t.param("contribution", Reduced{v, r}.Over(spec))
	})
}

// TraceEpisode traces the map step. The program's parameters are state/<path>,
// episodic/<address>, support/<tensor>, query/<tensor>, weight, key and, if it is
// used, progress; its results are contribution/<path>, whose reductions are
// returned in the same order. The losses are calls that the host links (LossName).
func TraceEpisode[S, C any](l Learner[S, C], spec Spec) (*graph.Func, []Reduced, error) {
	var reduced []Reduced
	f, err := l.trace("episode", inEpisode, spec, func(t *tracer, m *Model) {
		reduced = t.contribution(l.Name, l.episode(t, m))
	})
	return f, reduced, err
}

// look declares an episode and what goes with it.
func (t *tracer) look(m *Model) Episode {
	m.episodic = t.params("episodic", m.spec.Episodic)
	ep := Episode{Support: t.batch("support", m.spec.Support),
		Query: t.batch("query", m.spec.Query)}
	ep.Query.given = ep.Support.nodes
	ep.Weight = t.param("", graph.Value{Name: "weight", DType: m.spec.dtype()})
	m.key = t.param("", keyValue)
	return ep
}

// episode traces the map step into t and returns the contribution.
func (l Learner[S, C]) episode(t *tracer, m *Model) C {
	s := l.state(t, m, "state")
	ep := t.look(m)
	if l.Episode != nil {
		return l.Episode(m, s, ep)
	}
	return l.gradLoss(m, s, ep)
}

// gradLoss is the default Episode: ∇S of the weighted query loss after Adapt.
func (l Learner[S, C]) gradLoss(m *Model, s S, ep Episode) C {
	theta, ok := any(s).(Params)
	if !ok {
		graph.Failf("meta.Learner", "%s: Episode is nil, so the state must be meta.Params; it is %T",
			l.Name, s)
	}
	adapted := theta
	if !l.Adapt.none() && !ep.Support.Absent() {
		adapted = l.Adapt.Run(m, s, ep.Support)
	}
	loss := graph.Mul(ep.Weight, m.Loss(adapted, ep.Query))
	c, ok := any(GradLoss{Grad: m.Grad(loss, theta), Loss: loss}).(C)
	if !ok {
		graph.Failf("meta.Learner", "%s: Episode is nil, so the contribution must be "+
			"meta.GradLoss; it is %T", l.Name, c)
	}
	return c
}
