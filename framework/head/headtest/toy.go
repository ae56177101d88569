package headtest

import (
	"fmt"
	"slices"
	"strings"

	"quickstudy/framework/exec/exectest"
	"quickstudy/framework/graph"
	"quickstudy/framework/head"
	"quickstudy/framework/nn"
	"quickstudy/framework/passes"
)

// program is a head in one use, linked to the toy backbone and differentiated. Its
// parameters beside the head's are the backbone's (w, table) and, for every input set,
// features, mask and tokens; along/X is the direction in which X is differentiated. Its
// results beside the head's are total, the weighted loss, gradient/X, and first and
// second, the derivatives of total along the direction.
type program struct {
	spec   head.Spec
	traced *head.Traced
	f      *graph.Func
	xs     []string // what is differentiated: leaves and the backbone
}

// toy is the backbone while it is linked: parameters by name.
type toy struct {
	spec   head.Spec
	params map[string]*graph.Node
	order  []*graph.Node
}

func (b *toy) param(name string, dtype graph.DType, shape ...int) *graph.Node {
	if n := b.params[name]; n != nil {
		return n
	}
	n := graph.Param(name, dtype, shape)
	b.params[name] = n
	b.order = append(b.order, n)
	return n
}

func (b *toy) w() *graph.Node     { return b.param("w", graph.Float32, width, width) }
func (b *toy) table() *graph.Node { return b.param("table", graph.Float32, vocabulary, width) }

// mean is the mean of what is remembered, [B, D].
func mean(memory []*graph.Node) *graph.Node { return nn.MeanPool(memory[0], memory[1]) }

// bodies are the backbone's functions.
func (b *toy) bodies() map[string]passes.Body {
	bodies := map[string]passes.Body{
		head.EmbeddingName: func([]*graph.Node) ([]*graph.Node, error) {
			return []*graph.Node{b.table()}, nil
		},
		head.StartName: func(args []*graph.Node) ([]*graph.Node, error) {
			m := mean(args[1:])
			return []*graph.Node{graph.Concat(1, graph.ConstLike(m, 0), m)}, nil
		},
		head.StepName: func(args []*graph.Node) ([]*graph.Node, error) {
			sum, m := graph.Slice(args[1], 1, 0, width), graph.Slice(args[1], 1, width, cache)
			sum = graph.Add(sum, graph.Gather(b.table(), args[2])) // [B, D]
			count := graph.Convert(args[3], graph.Float32)
			count = graph.Reshape(graph.Add(count, graph.Scalar(graph.Float32, 1)), -1, 1) // [B, 1]
			return []*graph.Node{b.written(sum, count, m), graph.Concat(1, sum, m)}, nil
		},
	}
	for _, side := range []string{"data", "support"} {
		batch, sets := b.spec.Batch, b.spec.Sets
		if side == "support" {
			if b.spec.Support == nil {
				continue
			}
			batch, sets = b.spec.Support.Batch, b.spec.Support.Sets
		}
		for _, l := range sets {
			at := side + "/" + l.Set
			mask := func() *graph.Node { return b.param("mask/"+at, graph.Float32, batch, l.Positions) }
			bodies[head.EncodeName(side, l.Set)] = func([]*graph.Node) ([]*graph.Node, error) {
				x := b.param("features/"+at, graph.Float32, batch, l.Positions, width)
				hidden := nn.Linear(x, b.w(), nil) // [B, T, D]
				return []*graph.Node{hidden, mask(), nn.MeanPool(hidden, mask())}, nil
			}
			bodies[head.DecodeName(side, l.Set)] = func(args []*graph.Node) ([]*graph.Node, error) {
				tokens := b.param("tokens/"+at, graph.Int32, batch, l.Positions)
				sum := graph.CumSum(graph.Gather(b.table(), tokens), 1, false) // [B, T, D]
				count := graph.Iota(graph.Float32, graph.Shape{batch, l.Positions, 1}, 1)
				count = graph.Add(count, graph.Scalar(graph.Float32, 1))
				m := graph.Const(graph.Float32, graph.Shape{batch, 1, width}, []float64{0})
				if !b.spec.DecoderOnly {
					m = graph.Reshape(mean(args[1:]), batch, 1, width)
				}
				return []*graph.Node{b.written(sum, count, m), mask()}, nil
			}
		}
	}
	return bodies
}

// written is what the decoder makes of the tokens up to a position: the mean of their
// embeddings, mapped, and the memory.
func (b *toy) written(sum, count, memory *graph.Node) *graph.Node {
	return graph.Tanh(graph.Add(nn.Linear(graph.Div(sum, count), b.w(), nil), memory))
}

// link traces the head in a use and links it.
func (s *suite) link(spec head.Spec) (*program, error) {
	traced, err := s.trace(spec)
	if err != nil {
		return nil, err
	}
	p := &program{spec: spec, traced: traced}
	f, err := graph.Trace(s.plugin.Name, func() *graph.Func {
		b := &toy{spec: spec, params: map[string]*graph.Node{}, order: slices.Clone(traced.Func.Params)}
		for _, n := range b.order {
			b.params[n.Attrs().Name] = n
		}
		linked, err := passes.Inline(traced.Func, b.bodies())
		if err != nil {
			graph.Failf("headtest", "%v", err)
		}
		g := &graph.Func{Results: slices.Clone(linked.Results)}
		if !spec.Next {
			g.Results = append(g.Results, p.derivatives(b, linked.Result("loss"))...)
		}
		g.Params = b.order
		return g
	})
	if err != nil {
		return nil, err
	}
	p.f, err = graph.ExpandGrads(f)
	return p, err
}

// derivatives returns the weighted loss and its derivatives.
func (p *program) derivatives(b *toy, loss *graph.Node) []graph.Result {
	weight := b.param("data/weight", graph.Float32, loss.Shape()...)
	total := graph.Mul(graph.Sum(graph.Mul(loss, weight)), b.param("inverse_weight", graph.Float32))
	results := []graph.Result{{Name: "total", Node: total}}
	var xs []*graph.Node
	for _, n := range slices.Clone(b.order) {
		name := n.Attrs().Name
		if strings.HasPrefix(name, "param/") || name == "w" || name == "table" {
			xs, p.xs = append(xs, n), append(p.xs, name)
		}
	}
	along := func(value *graph.Node, name string) *graph.Node {
		d := graph.Scalar(graph.Float32, 0)
		for i, g := range graph.Grad(value, xs...) {
			v := b.param("along/"+p.xs[i], graph.Float32, g.Shape()...)
			d = graph.Add(d, graph.Sum(graph.Mul(g, v)))
			if name == "first" {
				results = append(results, graph.Result{Name: "gradient/" + p.xs[i], Node: g})
			}
		}
		results = append(results, graph.Result{Name: name, Node: d})
		return d
	}
	along(along(total, "first"), "second")
	return results
}

// run executes the program; parameters that values lack are an error.
func (p *program) run(values exectest.Values) (exectest.Values, error) {
	var args [][]float64
	for _, v := range p.f.Signature().Params {
		a, ok := values[v.Name]
		if !ok || len(a) != v.Shape.Size() {
			return nil, fmt.Errorf("headtest: %d numbers for %v", len(a), v)
		}
		args = append(args, a)
	}
	out, err := exectest.Eval(p.f, args)
	if err != nil {
		return nil, err
	}
	results := exectest.Values{}
	for i, r := range p.f.Results {
		results[r.Name] = out[i]
	}
	return results, nil
}
