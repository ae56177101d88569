package exec

import "slices"

const (
	// maxRoots bounds from how many values another one is computed again.
	maxRoots = 2
	// worth is how many operations may be done again for one value that does not go through
	// memory. What takes several times as long as a sum counts costly times.
	worth  = 12
	costly = 4
	// large is the elements of a value whose way through memory is worth avoiding.
	large = 1024
)

// roots returns from which values another one can be computed again, together with smaller
// ones and element by element. A value that cannot is its own root.
func (f *fusion) roots(v *value) []*value {
	roots, ok := f.origins[v]
	if !ok {
		if m := f.member[v]; m != nil && m.reduce == nil && v.size >= large {
			roots = f.traced(m)
		}
		if roots == nil {
			roots = []*value{v}
		}
		f.origins[v] = roots
	}
	return roots
}

// traced returns the roots of the result of an elementwise member, nil if there are too many
// or if it is read otherwise than point by point.
func (f *fusion) traced(m *member) []*value {
	var all []*value
	for _, x := range m.in {
		if x.value.size < m.out.value.size {
			continue
		}
		roots := f.roots(x.value)
		if roots[0] != x.value && !f.follows(m, x) {
			return nil
		}
		for _, r := range roots {
			if r.size != m.out.value.size {
				return nil
			}
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	if len(all) > maxRoots {
		return nil
	}
	return all
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

// recompute lets a cluster compute again what it would read, where that leaves fewer values
// to be read and stored.
func (f *fusion) recompute(g *group) {
	type bundle struct{ missing, values []*value } // values by what else must be read for them
	var bundles []*bundle
	for _, v := range g.reads {
		roots := f.roots(v)
		if roots[0] == v {
			continue
		}
		var missing []*value
		for _, r := range roots {
			if !slices.Contains(g.reads, r) {
				missing = append(missing, r)
			}
		}
		at := slices.IndexFunc(bundles, func(b *bundle) bool { return slices.Equal(b.missing, missing) })
		if at < 0 {
			at, bundles = len(bundles), append(bundles, &bundle{missing: missing})
		}
		bundles[at].values = append(bundles[at].values, v)
	}
	made := map[*value]*value{}
	for _, b := range bundles {
		gain := -len(b.missing)
		for _, v := range b.values {
			gain++
			if f.needless(v) {
				gain++
			}
		}
		if gain > 0 {
			f.again(g, &clones{fusion: f, made: made}, b.values, gain*worth)
		}
	}
}

// needless reports whether a value is stored for clusters alone.
func (f *fusion) needless(v *value) bool {
	return v.space == inArena && !slices.ContainsFunc(f.readers[v],
		func(r *group) bool { return r.final().members == nil })
}

// again makes g compute values itself, unless it reads them otherwise than they are made or
// it costs too much.
func (f *fusion) again(g *group, c *clones, values []*value, budget int) {
	for _, v := range values {
		c.add(v)
	}
	space, ok := g.space, c.cost <= budget && len(c.members)+len(g.members) <= maxMembers
	for _, m := range c.members {
		if ok {
			space, ok = space.join(m.space())
		}
	}
	ok = ok && space.holds(g.space) && space.size == g.space.size
	read := func(x view) bool { return slices.Contains(values, x.value) }
	for _, m := range g.members {
		ok = ok && !slices.ContainsFunc(m.in,
			func(x view) bool { return read(x) && !f.matches(space, m, x) })
	}
	if !ok {
		c.drop()
		return
	}
	for _, m := range g.members {
		for k, x := range m.in {
			if read(x) {
				m.in[k].value = c.made[x.value]
			}
		}
	}
	g.space, g.members = space, append(append(g.members[:g.again:g.again], c.members...),
		g.members[g.again:]...)
	g.again += len(c.members)
	for _, m := range c.members {
		f.member[m.out.value], f.maker[m.out.value] = m, g
	}
}

// clones is members that compute values again.
type clones struct {
	*fusion
	members []*member
	cost    int
	made    map[*value]*value // by what they are copies of
	added   []*value          // to made
}

// add adds the members that make v and returns the value that they make.
func (c *clones) add(v *value) *value {
	if c.roots(v)[0] == v {
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
	c.made[v], c.added = &again, append(c.added, v)
	c.cost++
	if m.unary != nil {
		c.cost += costly - 1
	}
	return &again
}

// drop forgets what was added.
func (c *clones) drop() {
	for _, v := range c.added {
		delete(c.made, v)
	}
}
