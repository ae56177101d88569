package meta

import (
	"slices"

	"quickstudy/framework/graph"
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
	return p.Map(func(x *graph.Node) *graph.Node { return graph.Mul(x, graph.Scalar(x.DType(), c)) })
}

// ScaleBy returns c·p for a scalar node c.
func (p Params) ScaleBy(c *graph.Node) Params {
	return p.Map(func(x *graph.Node) *graph.Node { return graph.Mul(x, c) })
}

// Stop holds every leaf constant in derivatives.
func (p Params) Stop() Params { return p.Map(graph.StopGradient) }

// Dot returns Σ p·q over all elements of all leaves, in leaf order.
func (p Params) Dot(q Params) *graph.Node {
	products := p.zip("Dot", q, func(x, y *graph.Node) *graph.Node { return graph.Sum(graph.Mul(x, y)) })
	if len(products.leaves) == 0 {
		graph.Failf("meta.Params.Dot", "no leaves")
	}
	sum := products.leaves[0].Node
	for _, l := range products.leaves[1:] {
		sum = graph.Add(sum, l.Node)
	}
	return sum
}

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
			graph.Failf("meta.Params.With", "no leaf %q of shape %v to replace", l.Address, l.Node.Shape())
		}
		out[i].Node = l.Node
	}
	return Params{leaves: out}
}
