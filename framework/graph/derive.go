package graph

import "slices"

// ExpandGrads returns f with every grad node replaced by the nodes that compute
// it, innermost first, in reverse mode and only for the nodes asked for. Calls
// must have been linked: a derivative cannot look into a call. Parameters and
// results keep their order and names.
//
// Nodes keep their identity unless an operand changed, so a derivative shares
// the forward values, random draws included, with what it differentiates.
func ExpandGrads(f *Func) (*Func, error) {
	if err := Verify(f); err != nil {
		return nil, err
	}
	return expand(f)
}

func expand(f *Func) (g *Func, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *Error:
			g, err = nil, p
		default:
			panic(p)
		}
	}()
	order := f.Nodes()
	asked := map[*Node][]*Node{}       // y → every x
	differentiated := map[*Node]bool{} // every x
	for _, n := range order {
		if n.op == OpGrad {
			y, x := n.inputs[0], n.inputs[1]
			if !slices.Contains(asked[y], x) {
				asked[y] = append(asked[y], x)
			}
			differentiated[x] = true
		}
	}
	done := make(map[*Node]*Node, len(order))
	adjoints := map[*Node]map[*Node]*Node{} // y → x → ∂y/∂x, all in terms of new nodes
	for _, n := range order {
		if n.op != OpGrad {
			inputs := make([]*Node, len(n.inputs))
			for i, in := range n.inputs {
				inputs[i] = done[in]
			}
			done[n] = n.WithInputs(inputs)
			continue
		}
		y, x := n.inputs[0], n.inputs[1]
		if adjoints[y] == nil {
			var xs []*Node
			for _, x := range asked[y] {
				if done[x] != nil { // anything y depends on comes before y
					xs = append(xs, done[x])
				}
			}
			if adjoints[y], err = reverse(done[y], xs); err != nil {
				return nil, err
			}
		}
		d := adjoints[y][done[x]]
		if d == nil {
			d = ConstLike(done[x], 0)
		}
		if differentiated[n] {
			// A derivative may be the very node of another value; whoever
			// differentiates with respect to it means this occurrence only.
			d = Identity(d)
		}
		done[n] = d
	}
	g = &Func{Name: f.Name, Params: f.Params, Results: slices.Clone(f.Results)}
	for i := range g.Results {
		g.Results[i].Node = done[g.Results[i].Node]
	}
	return g, nil
}

// reverse returns ∂y/∂x for those xs that y depends on differentiably.
func reverse(y *Node, xs []*Node) (map[*Node]*Node, error) {
	order := PostOrder(y)
	reaches := make(map[*Node]bool, len(order)) // nodes through which some x influences y
	for _, x := range xs {
		reaches[x] = true
	}
	for _, n := range order {
		if reaches[n] || !n.dtype.Float() && n.op != OpCall {
			continue
		}
		for _, in := range n.inputs {
			if !reaches[in] {
				continue
			}
			if n.op == OpResult {
				return nil, n.errorf("the derivative passes through the call of %q, which must be linked first",
					in.attrs.Sig.Name)
			}
			if table[n.op].grad != nil || n.op == OpCall {
				reaches[n] = true
				break
			}
		}
	}
	cotangents := map[*Node]*Node{}
	place := newPlacer(order)
	if reaches[y] {
		cotangents[y] = ConstLike(y, 1)
		place.at(y, cotangents[y])
	}
	for _, n := range slices.Backward(order) {
		g := cotangents[n]
		if g == nil || table[n.op].grad == nil ||
			!slices.ContainsFunc(n.inputs, func(in *Node) bool { return reaches[in] }) {
			continue
		}
		for i, d := range table[n.op].grad(n, g) {
			in := n.inputs[i]
			if d == nil || !reaches[in] {
				continue
			}
			if sum := cotangents[in]; sum != nil {
				d = Add(sum, d)
			}
			place.at(n, d)
			cotangents[in] = d
		}
	}
	out := map[*Node]*Node{}
	for _, x := range xs {
		out[x] = cotangents[x]
	}
	return out, nil
}

// placer gives the nodes of a derivative the author's line of what they are derived from.
type placer struct {
	placed map[*Node]bool
	stack  []*Node
}

// newPlacer leaves the nodes given as they are.
func newPlacer(nodes []*Node) *placer {
	p := &placer{placed: make(map[*Node]bool, 3*len(nodes))}
	for _, n := range nodes {
		p.placed[n] = true
	}
	return p
}

// at places d and those operands of it that are new where n is.
func (p *placer) at(n, d *Node) {
	pos := n.Pos()
	p.stack = append(p.stack[:0], d)
	for len(p.stack) > 0 {
		m := p.stack[len(p.stack)-1]
		p.stack = p.stack[:len(p.stack)-1]
		if p.placed[m] {
			continue
		}
		p.placed[m] = true
		m.pos, m.pcs = pos, [depth]uintptr{}
		p.stack = append(p.stack, m.inputs...)
	}
}
