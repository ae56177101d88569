package head

import (
	"fmt"
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// Tracer is a head's view of one batch while it is traced.
type Tracer struct {
	spec    Spec
	f       graph.Func
	leaves  []nn.Leaf
	key     *graph.Node
	params  map[string]*graph.Node
	coupled bool
	draws   int
}

// Encoded is what the backbone makes of an input set: Hidden [B, T, D], Mask
// [B, T] (1 real, 0 padding), Pooled [B, D].
type Encoded struct{ Hidden, Mask, Pooled *graph.Node }

// Labels is a class target: IDs Int32 [B], Mask [Classes] (1: the class exists in
// this episode), Weight [B] (0: padding or unlabelled).
type Labels struct {
	IDs, Mask, Weight *graph.Node
	Classes           int
	VariableWay       bool
}

// Values is a real target: Values and Weight [B], or [B, T] for every position.
type Values struct{ Values, Weight *graph.Node }

// Support is the support of the episode.
type Support struct {
	t *Tracer
}

// EncodeName is the function that encodes an input set of a side, "data" or
// "support". Its parameter is a key, its results Hidden, Mask and Pooled.
func EncodeName(side, set string) string { return "encode:" + side + ":" + set }

// Batch returns B.
func (t *Tracer) Batch() int { return t.spec.Batch }

// Width returns D.
func (t *Tracer) Width() int { return t.spec.Width }

// Train reports whether the trace is for training, with dropout on.
func (t *Tracer) Train() bool { return t.spec.Train }

// Encode runs the backbone on an input set. Several heads that encode the same
// set of one batch share the pass.
func (t *Tracer) Encode(set string) Encoded {
	return t.encode("data", set, t.spec.Sets, t.spec.Batch)
}

func (t *Tracer) encode(side, set string, sets []Length, batch int) Encoded {
	for _, l := range sets {
		if l.Set != set {
			continue
		}
		sig := &graph.Signature{
			Name:   EncodeName(side, set),
			Params: []graph.Value{{Name: "key", DType: graph.Int32, Shape: graph.Shape{2}}},
			Results: []graph.Value{
				{Name: "hidden", DType: graph.Float32, Shape: graph.Shape{batch, l.Positions, t.spec.Width}},
				{Name: "mask", DType: graph.Float32, Shape: graph.Shape{batch, l.Positions}},
				{Name: "pooled", DType: graph.Float32, Shape: graph.Shape{batch, t.spec.Width}},
			},
		}
		r := graph.Call(sig, t.key)
		return Encoded{Hidden: r[0], Mask: r[1], Pooled: r[2]}
	}
	var names []string
	for _, l := range sets {
		names = append(names, l.Set)
	}
	graph.Failf("head.Encode", "no input set %q; the task has %s", set, strings.Join(names, ", "))
	panic("unreachable")
}

// Param declares a parameter. Asking twice for the same one returns it.
func (t *Tracer) Param(name string, shape graph.Shape, init nn.Init) *graph.Node {
	return t.param(nn.Leaf{Address: name, Shape: shape.Clone(), Init: init, Role: role(shape), Layer: -1})
}

// EpisodicParam declares a parameter that is made anew in every episode and
// neither reduced nor saved, so that its shape may depend on the number of classes.
func (t *Tracer) EpisodicParam(name string, shape graph.Shape, init nn.Init) *graph.Node {
	return t.param(nn.Leaf{Address: name, Shape: shape.Clone(), Init: init, Role: role(shape), Layer: -1, Episodic: true})
}

func role(shape graph.Shape) string {
	if len(shape) < 2 {
		return "bias"
	}
	return "weight"
}

func (t *Tracer) param(leaf nn.Leaf) *graph.Node {
	name := "param/" + leaf.Address
	if leaf.Address == "" || strings.Contains(leaf.Address, "*") {
		graph.Failf("head.Param", "a parameter is called %q", leaf.Address)
	}
	if n := t.params[name]; n != nil {
		if !n.Shape().Equal(leaf.Shape) {
			graph.Failf("head.Param", "%q has shape %v, then %v", leaf.Address, n.Shape(), leaf.Shape)
		}
		return n
	}
	t.leaves = append(t.leaves, leaf)
	return t.declare(name, graph.Float32, leaf.Shape)
}

// declare returns the parameter of that name, made at the first call.
func (t *Tracer) declare(name string, dtype graph.DType, shape graph.Shape) *graph.Node {
	if n := t.params[name]; n != nil {
		return n
	}
	n := graph.Param(name, dtype, shape)
	t.params[name] = n
	t.f.Params = append(t.f.Params, n)
	return n
}

// Labels returns the class target. A head that is used with another target is a
// misuse.
func (t *Tracer) Labels() Labels { return t.labels("data", t.spec.Batch) }

func (t *Tracer) labels(side string, batch int) Labels {
	t.want("head.Labels", ClassTarget)
	c := t.spec.Target.Classes
	return Labels{
		IDs:         t.declare(side+"/class", graph.Int32, graph.Shape{batch}),
		Mask:        t.declare("data/class_mask", graph.Float32, graph.Shape{c}),
		Weight:      t.declare(side+"/weight", graph.Float32, graph.Shape{batch}),
		Classes:     c,
		VariableWay: t.spec.Target.VariableWay,
	}
}

// Values returns the real target.
func (t *Tracer) Values() Values {
	t.want("head.Values", ValueTarget)
	shape := graph.Shape{t.spec.Batch}
	if t.spec.Target.PerPosition {
		shape = append(shape, t.spec.Sets[0].Positions)
	}
	return Values{
		Values: t.declare("data/value", graph.Float32, shape),
		Weight: t.declare("data/weight", graph.Float32, shape),
	}
}

// PerPosition reports whether the target has a value for every position.
func (t *Tracer) PerPosition() bool { return t.spec.Target.PerPosition }

func (t *Tracer) want(op string, kind TargetKind) {
	if t.spec.Target.Kind != kind {
		graph.Failf(op, "the target is a %s, the head wants a %s", t.spec.Target.Kind, kind)
	}
}

// Key returns a new random key, the same in every trace of this head.
func (t *Tracer) Key() *graph.Node {
	t.draws++
	return graph.FoldKey(t.key, graph.Scalar(graph.Int32, float64(t.draws)))
}

// Support returns the support of the episode, or nil when there is none. A head
// that reads it makes its loss depend on the support's examples.
func (t *Tracer) Support() *Support {
	if t.spec.Support == nil {
		return nil
	}
	return &Support{t}
}

// Encode runs the backbone on an input set of the support.
func (s *Support) Encode(set string) Encoded {
	return s.t.encode("support", set, s.t.spec.Support.Sets, s.t.spec.Support.Batch)
}

// Labels returns the class target of the support.
func (s *Support) Labels() Labels { return s.t.labels("support", s.t.spec.Support.Batch) }

// Coupled says that the loss of an example depends on other examples of the
// batch, which is then never cut.
func (t *Tracer) Coupled() { t.coupled = true }

// Trace traces a head for one use of it.
func Trace(name string, trace func(t *Tracer) Outputs, spec Spec) (*Traced, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	var metrics []Metric
	t := &Tracer{spec: spec, params: map[string]*graph.Node{}}
	f, err := graph.Trace(name, func() *graph.Func {
		t.key = graph.Param("key", graph.Int32, graph.Shape{2})
		out := trace(t)
		t.check(out)
		t.f.Params = append(t.f.Params, t.key)
		t.f.Results = []graph.Result{{Name: "loss", Node: out.Loss}}
		for _, p := range out.Predictions {
			t.f.Results = append(t.f.Results, graph.Result{Name: "prediction/" + p.Name, Node: p.Node})
		}
		for _, m := range out.Metrics {
			for i, sum := range m.Sums {
				t.f.Results = append(t.f.Results, graph.Result{Name: fmt.Sprintf("metric/%s/%d", m.Name, i), Node: sum})
			}
			m.Sums = nil
			metrics = append(metrics, m)
		}
		return &t.f
	})
	if err != nil {
		return nil, fmt.Errorf("head %q: %w", name, err)
	}
	return &Traced{Func: f, Leaves: t.leaves, Metrics: metrics, Coupled: t.coupled}, nil
}

// check holds the outputs to their shapes.
func (t *Tracer) check(out Outputs) {
	want := graph.Shape{t.spec.Batch}
	if t.spec.Target.PerPosition {
		want = append(want, t.spec.Sets[0].Positions)
	}
	if out.Loss == nil || out.Loss.DType() != graph.Float32 || !out.Loss.Shape().Equal(want) {
		graph.Failf("head", "the loss is %v, want f32%v: one for every example", out.Loss, want)
	}
	for _, p := range out.Predictions {
		if p.Node == nil || p.Node.Shape().Rank() < 1 || p.Node.Shape()[0] != t.spec.Batch {
			graph.Failf("head", "prediction %q is %v, want a leading axis of %d examples", p.Name, p.Node, t.spec.Batch)
		}
	}
	for _, m := range out.Metrics {
		if n := m.Finish.Sums(); n == 0 || n != len(m.Sums) {
			graph.Failf("head", "metric %q is a %s of %d sums, want %d", m.Name, m.Finish, len(m.Sums), n)
		}
	}
}
