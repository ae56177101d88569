package meta

import (
	"slices"

	"quickstudy/framework/graph"
	"quickstudy/framework/nn"
	"quickstudy/framework/optim"
)

// Leaf is one named parameter.
type Leaf struct {
	Address string // "backbone/layers/0/attention/q/w", "heads/intent/b"
	Node    *graph.Node
}

// Params is an ordered, immutable set of parameters, addressed by name.
// Arithmetic combines leaves of the same address; combining sets with different
// addresses is a misuse that panics with *graph.Error and names the first
// difference.
type Params struct {
	leaves []Leaf
}

// NewParams collects leaves in the given order. Addresses must be unique.
func NewParams(leaves ...Leaf) Params {
	seen := map[string]bool{}
	for _, l := range leaves {
		if l.Node == nil || seen[l.Address] {
			graph.Failf("meta.NewParams", "leaf %q is nil or given twice", l.Address)
		}
		seen[l.Address] = true
	}
	return Params{leaves: slices.Clone(leaves)}
}

// Leaves returns the leaves in order.
func (p Params) Leaves() []Leaf { return slices.Clone(p.leaves) }

// Len returns the number of leaves.
func (p Params) Len() int { return len(p.leaves) }

// Get returns the leaf at an address, or nil.
func (p Params) Get(address string) *graph.Node {
	for _, l := range p.leaves {
		if l.Address == address {
			return l.Node
		}
	}
	return nil
}

// Map applies f to every leaf.
func (p Params) Map(f func(x *graph.Node) *graph.Node) Params {
	out := make([]Leaf, len(p.leaves))
	for i, l := range p.leaves {
		out[i] = Leaf{Address: l.Address, Node: f(l.Node)}
	}
	return Params{leaves: out}
}

func (p Params) zip(op string, q Params, f func(x, y *graph.Node) *graph.Node) Params {
	if len(p.leaves) != len(q.leaves) {
		graph.Failf("meta.Params."+op, "%d leaves and %d leaves", len(p.leaves), len(q.leaves))
	}
	out := make([]Leaf, len(p.leaves))
	for i, l := range p.leaves {
		r := q.leaves[i]
		if l.Address != r.Address || !l.Node.Shape().Equal(r.Node.Shape()) {
			graph.Failf("meta.Params."+op, "leaf %d is %q %v and %q %v",
				i, l.Address, l.Node.Shape(), r.Address, r.Node.Shape())
		}
		out[i] = Leaf{Address: l.Address, Node: f(l.Node, r.Node)}
	}
	return Params{leaves: out}
}

// Add returns p + q, leaf by leaf.
func (p Params) Add(q Params) Params { return p.zip("Add", q, graph.Add) }

// Sub returns p − q, leaf by leaf.
func (p Params) Sub(q Params) Params { return p.zip("Sub", q, graph.Sub) }

// Mul returns p · q, element by element.
func (p Params) Mul(q Params) Params { return p.zip("Mul", q, graph.Mul) }

// Scale returns c·p.
func (p Params) Scale(c float64) Params {
	return p.Map(func(x *graph.Node) *graph.Node {
		return graph.Mul(x, graph.Scalar(x.DType(), c))
	})
}

// ScaleBy returns c·p for a scalar node c.
func (p Params) ScaleBy(c *graph.Node) Params {
	return p.Map(func(x *graph.Node) *graph.Node { return graph.Mul(x, c) })
}

// Zeros returns a set of zeros of p's types.
func (p Params) Zeros() Params {
	return p.Map(func(x *graph.Node) *graph.Node { return graph.ConstLike(x, 0) })
}

// Stop holds every leaf constant in derivatives.
func (p Params) Stop() Params { return p.Map(graph.StopGradient) }

// Dot returns Σ p·q over all elements of all leaves, in leaf order.
func (p Params) Dot(q Params) *graph.Node {
	products := p.zip("Dot", q, func(x, y *graph.Node) *graph.Node {
		return graph.Sum(graph.Mul(x, y))
	})
	if len(products.leaves) == 0 {
		graph.Failf("meta.Params.Dot", "no leaves")
	}
	sum := products.leaves[0].Node
	for _, l := range products.leaves[1:] {
		sum = graph.Add(sum, l.Node)
	}
	return sum
}

// Norm returns √(p·p) over all leaves, with derivative 0 where p is zero.
func (p Params) Norm() *graph.Node {
	square := p.Dot(p)
	zero := graph.Eq(square, graph.ConstLike(square, 0))
	root := graph.Sqrt(graph.Select(zero, graph.ConstLike(square, 1), square))
	return graph.Select(zero, graph.ConstLike(square, 0), root)
}

// Gram returns the inner products [T, T] of the sets in p, each leaf [T, ...].
func (p Params) Gram() *graph.Node {
	var sum *graph.Node
	for _, l := range p.leaves {
		flat := graph.Reshape(l.Node, p.leading("Gram"), -1) // [T, n]
		products := graph.DotT(flat, flat, false, true)      // [T, T]
		if sum == nil {
			sum = products
		} else {
			sum = graph.Add(sum, products)
		}
	}
	if sum == nil {
		graph.Failf("meta.Params.Gram", "no leaves")
	}
	return sum
}

// Contract returns Σ w_t p_t of the sets in p, each leaf [T, ...]. w: [T].
func (p Params) Contract(w *graph.Node) Params {
	t := p.leading("Contract")
	if len(p.leaves) > 0 && !w.Shape().Equal(graph.Shape{t}) {
		graph.Failf("meta.Params.Contract", "weights %v for %d sets", w.Shape(), t)
	}
	return p.Map(func(x *graph.Node) *graph.Node {
		shape := x.Shape()[1:]
		return graph.Reshape(graph.Dot(graph.Reshape(w, 1, t), graph.Reshape(x, t, -1)), shape...)
	})
}

// At returns set i of the sets in p, each leaf [T, ...].
func (p Params) At(i int) Params {
	if t := p.leading("At"); len(p.leaves) > 0 && (i < 0 || i >= t) {
		graph.Failf("meta.Params.At", "set %d of %d", i, t)
	}
	return p.Map(func(x *graph.Node) *graph.Node {
		return graph.Reshape(graph.Slice(x, 0, i, i+1), x.Shape()[1:]...)
	})
}

// leading returns the common leading axis.
func (p Params) leading(op string) int {
	n := 0
	for _, l := range p.leaves {
		shape := l.Node.Shape()
		if len(shape) == 0 || n != 0 && shape[0] != n {
			graph.Failf("meta.Params."+op, "leaf %q is %v, want a leading axis common to all leaves",
				l.Address, shape)
		}
		n = shape[0]
	}
	return n
}

// Descend returns p after one step of an optimizer along g, and the optimizer's
// new slots, as many as config.Slots names. rate and step are scalars of p's
// type, step counting from 1.
func (p Params) Descend(config optim.Config, g Params, slots []Params,
	rate, step *graph.Node) (Params, []Params) {
	for _, s := range append([]Params{g}, slots...) {
		p.zip("Descend", s, func(x, _ *graph.Node) *graph.Node { return x }) // or a misuse
	}
	next, after := p.Leaves(), make([]Params, len(slots))
	for i, l := range p.leaves {
		old := make([]*graph.Node, len(slots))
		for k, s := range slots {
			old[k] = s.leaves[i].Node
		}
		var moved []*graph.Node
		next[i].Node, moved = config.Update(l.Node, g.leaves[i].Node, old, rate, step)
		for k, n := range moved {
			after[k].leaves = append(after[k].leaves, Leaf{Address: l.Address, Node: n})
		}
	}
	return Params{leaves: next}, after
}

// Match returns the leaves whose address matches one of the patterns, by the
// language of nn.Match, in order.
func (p Params) Match(patterns ...string) Params {
	return p.Where(func(address string) bool { return nn.MatchAny(patterns, address) })
}

// Only returns the leaves of p whose address q has too, in q's order.
func (p Params) Only(q Params) Params {
	var out []Leaf
	for _, l := range q.leaves {
		if n := p.Get(l.Address); n != nil {
			out = append(out, Leaf{Address: l.Address, Node: n})
		}
	}
	return Params{leaves: out}
}

// Join returns the leaves of p, then those of q; no address may be in both.
func (p Params) Join(q Params) Params { return NewParams(slices.Concat(p.leaves, q.leaves)...) }

// Where returns the leaves whose address keep accepts, in order.
func (p Params) Where(keep func(address string) bool) Params {
	var out []Leaf
	for _, l := range p.leaves {
		if keep(l.Address) {
			out = append(out, l)
		}
	}
	return Params{leaves: out}
}

// With returns p with the leaves of q in place of its own; every address of q
// must be one of p's.
func (p Params) With(q Params) Params {
	out := slices.Clone(p.leaves)
	for _, l := range q.leaves {
		i := slices.IndexFunc(out, func(o Leaf) bool { return o.Address == l.Address })
		if i < 0 || !out[i].Node.Shape().Equal(l.Node.Shape()) {
			graph.Failf("meta.Params.With", "no leaf %q of shape %v to replace", l.Address,
				l.Node.Shape())
		}
		out[i].Node = l.Node
	}
	return Params{leaves: out}
}
