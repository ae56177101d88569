package head

import (
	"strings"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
)

// Tracer is a head's view of one batch while it is traced.
type Tracer struct {
	side
	spec    Spec
	f       graph.Func
	leaves  []nn.Leaf
	key     *graph.Node
	params  map[string]*graph.Node
	coupled bool
	draws   int
}

// Width returns D.
func (t *Tracer) Width() int { return t.spec.Width }

// Train reports whether the trace is for training, with dropout on.
func (t *Tracer) Train() bool { return t.spec.Train }

// Target says what is predicted, for a head that serves targets of several kinds.
func (t *Tracer) Target() Target { return t.spec.Target }

// PerPosition reports whether there is an answer for every position.
func (t *Tracer) PerPosition() bool { return t.spec.Target.everyPosition() }

// Set returns the input set whose positions the target means: the first unless the
// target names one.
func (t *Tracer) Set() string {
	if set := t.spec.Target.Set; set != "" {
		return set
	}
	return t.spec.Sets[0].Set
}

// Key returns a new random key, the same in every trace of this head.
func (t *Tracer) Key() *graph.Node {
	t.draws++
	return graph.FoldKey(t.key, graph.Scalar(graph.Int32, float64(t.draws)))
}

// Coupled says that the loss of an example depends on other examples of the
// batch, which is then never cut.
func (t *Tracer) Coupled() { t.coupled = true }

// Param declares a parameter. Asking twice for the same one returns it.
func (t *Tracer) Param(name string, shape graph.Shape, init nn.Init) *graph.Node {
	return t.param(name, shape, init, false)
}

// EpisodicParam declares a parameter that is made anew in every episode and
// neither reduced nor saved, so that its shape may depend on the number of classes.
func (t *Tracer) EpisodicParam(name string, shape graph.Shape, init nn.Init) *graph.Node {
	return t.param(name, shape, init, true)
}

func (t *Tracer) param(name string, shape graph.Shape, init nn.Init, episodic bool) *graph.Node {
	if name == "" || len(name) > maxName || strings.ContainsAny(name, "*{}") {
		graph.Failf("head.Param", "a parameter is called %.80q: empty, too long, or with one of *{}",
			name)
	}
	if n := t.params["param/"+name]; n != nil {
		if !n.Shape().Equal(shape) {
			graph.Failf("head.Param", "%q has shape %v, then %v", name, n.Shape(), shape)
		}
		return n
	}
	role := "weight"
	if len(shape) < 2 {
		role = "bias"
	}
	t.leaves = append(t.leaves, nn.Leaf{
		Address: name, Shape: shape.Clone(), Init: init, Role: role, Layer: -1, Episodic: episodic,
	})
	return t.declare("param/"+name, graph.Float32, shape)
}

// tensor returns one of the tensors of the use.
func (t *Tracer) tensor(name string) *graph.Node {
	for _, v := range t.spec.tensors() {
		if v.Name == name {
			return t.declare(name, v.DType, v.Shape)
		}
	}
	graph.Failf("head", "there is no %q in this use", name)
	panic("unreachable")
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
