package exec

import "slices"

// origin says from which value another one can be computed again, together with smaller
// ones and element by element. A value that cannot is its own root.
type origin struct {
	root *value
	cost int
}

const (
	// maxAgain bounds the cost of what is computed again for one value. Arithmetic has a
	// cost of 1, what takes several times as long one of costly.
	maxAgain = 48
	costly   = 4
)

// origin returns where a value comes from.
func (f *fusion) origin(v *value) origin {
	o, ok := f.origins[v]
	if !ok {
		o = origin{root: v}
		if m := f.member[v]; m != nil && m.reduce == nil {
			o = f.traced(m)
		}
		f.origins[v] = o
	}
	return o
}

// traced returns where the result of an elementwise member comes from.
func (f *fusion) traced(m *member) origin {
	own := origin{root: m.out.value}
	o := origin{cost: 1}
	if m.unary != nil {
		o.cost = costly
	}
	for _, x := range m.in {
		if x.value.size < m.out.value.size {
			continue
		}
		from := f.origin(x.value)
		if from.root != x.value && !f.follows(m, x) || o.root != nil && o.root != from.root {
			return own
		}
		o.root, o.cost = from.root, o.cost+from.cost
	}
	if o.root == nil || o.cost > maxAgain || o.root.size != m.out.value.size {
		return own
	}
	return o
}

// follows reports whether m reads x at every point where it is made.
func (f *fusion) follows(m *member, x view) bool {
	maker := f.member[x.value]
	space, ok := m.space().join(maker.space())
	return ok && f.matches(space, m, x)
}

// matches reports whether m reads at every point of a space what the member that makes x
// makes there.
func (f *fusion) matches(space indexSpace, m *member, x view) bool {
	maker := f.member[x.value]
	return x.offset == 0 &&
		slices.Equal(space.strides(maker, maker.out), space.strides(m, x))
}

// recompute lets clusters compute again what they would read, where fewer values are read or
// stored then.
func (f *fusion) recompute() {
	for _, g := range f.groups {
		if g.members == nil {
			continue
		}
		from := map[*value][]*value{}
		var roots []*value
		for _, v := range g.reads {
			root := f.origin(v).root
			if root == v || v.size < large {
				continue
			}
			if from[root] == nil {
				roots = append(roots, root)
			}
			from[root] = append(from[root], v)
		}
		for _, root := range roots {
			values := from[root]
			if len(values) > 1 || slices.Contains(g.reads, root) || f.needless(values[0]) {
				f.again(g, root, values)
			}
		}
	}
}

// needless reports whether a value is stored for clusters alone.
func (f *fusion) needless(v *value) bool {
	return v.space == inArena && !slices.ContainsFunc(f.readers[v],
		func(r *group) bool { return r.final().members == nil })
}

// again makes g compute values from their root, unless it reads them otherwise than they are
// made.
func (f *fusion) again(g *group, root *value, values []*value) {
	c := &clones{fusion: f, root: root, made: map[*value]*value{}}
	for _, v := range values {
		c.add(v)
	}
	if len(c.members)+len(g.members) > maxMembers {
		return
	}
	space, ok := g.space, true
	for _, m := range c.members {
		if space, ok = space.join(m.space()); !ok || !space.holds(g.space) ||
			space.size != g.space.size {
			return
		}
	}
	read := func(x view) bool { return slices.Contains(values, x.value) }
	for _, m := range g.members {
		if slices.ContainsFunc(m.in, func(x view) bool { return read(x) && !f.matches(space, m, x) }) {
			return
		}
	}
	for _, m := range g.members {
		for k, x := range m.in {
			if read(x) {
				m.in[k].value = c.made[x.value]
			}
		}
	}
	g.space, g.members = space, append(c.members, g.members...)
	for _, m := range c.members {
		f.member[m.out.value], f.maker[m.out.value] = m, g
	}
}

// clones is members that compute values again.
type clones struct {
	*fusion
	root    *value
	members []*member
	made    map[*value]*value // by what they are copies of
}

// add adds the members that make v and returns the value that they make.
func (c *clones) add(v *value) *value {
	if v == c.root || c.origin(v).root != c.root {
		return v
	}
	if again := c.made[v]; again != nil {
		return again
	}
	m := *c.member[v]
	m.in = slices.Clone(m.in)
	for k, x := range m.in {
		m.in[k].value = c.add(x.value)
	}
	again := *v
	again.space = inArena
	m.out.value = &again
	c.members = append(c.members, &m)
	c.made[v] = &again
	return &again
}
