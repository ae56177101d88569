package graph

import "slices"

// Result is a named output of a function.
type Result struct {
	Name string
	Node *Node
}

// Func is a traced function. Params are its parameter nodes in the order in
// which arguments are passed; every parameter that a result depends on is
// among them.
type Func struct {
	Name    string
	Params  []*Node
	Results []Result
}

// Signature returns the function's type.
func (f *Func) Signature() *Signature {
	s := &Signature{Name: f.Name}
	for _, p := range f.Params {
		s.Params = append(s.Params, Value{Name: p.attrs.Name, DType: p.dtype, Shape: p.shape})
	}
	for _, r := range f.Results {
		s.Results = append(s.Results, Value{Name: r.Name, DType: r.Node.dtype, Shape: r.Node.shape})
	}
	return s
}

// Result returns the node of the named result, or nil.
func (f *Func) Result(name string) *Node {
	for _, r := range f.Results {
		if r.Name == name {
			return r.Node
		}
	}
	return nil
}

// Nodes returns every node that the results depend on and every parameter, in
// post-order: operands before their users, first result first. Two functions
// built by the same calls list the same nodes, whatever the process.
func (f *Func) Nodes() []*Node {
	roots := slices.Clone(f.Params)
	for _, r := range f.Results {
		roots = append(roots, r.Node)
	}
	return PostOrder(roots...)
}

// PostOrder lists all nodes that roots depend on, operands before users. The
// walk is iterative: a graph's depth is bounded by memory, not by the stack.
func PostOrder(roots ...*Node) []*Node {
	type frame struct {
		node *Node
		next int
	}
	var order []*Node
	seen := map[*Node]bool{}
	var stack []frame
	for _, root := range roots {
		if seen[root] {
			continue
		}
		seen[root] = true
		stack = append(stack, frame{node: root})
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next < len(top.node.inputs) {
				in := top.node.inputs[top.next]
				top.next++
				if !seen[in] {
					seen[in] = true
					stack = append(stack, frame{node: in})
				}
				continue
			}
			order = append(order, top.node)
			stack = stack[:len(stack)-1]
		}
	}
	return order
}

// Substitute rebuilds f with nodes replaced: replace maps a node of f to its
// substitute, and every user of it is rebuilt. Parameters stay parameters.
func (f *Func) Substitute(replace map[*Node]*Node) *Func {
	done := make(map[*Node]*Node, len(replace))
	for _, n := range f.Nodes() {
		if r, ok := replace[n]; ok {
			done[n] = r
			continue
		}
		inputs := make([]*Node, len(n.inputs))
		for i, in := range n.inputs {
			inputs[i] = done[in]
		}
		done[n] = n.WithInputs(inputs)
	}
	g := &Func{Name: f.Name, Params: f.Params, Results: slices.Clone(f.Results)}
	for i := range g.Results {
		g.Results[i].Node = done[g.Results[i].Node]
	}
	return g
}
