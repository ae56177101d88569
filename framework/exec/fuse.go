package exec

import (
	"cmp"
	"slices"
)

// fusion makes one unit of clusters that are over one index space, so that what one of
// them makes and another reads stays in the first-level cache, and what several of them
// read comes from memory once. Which bits are computed does not depend on it.
type fusion struct {
	groups  []*group
	maker   map[*value]*group
	member  map[*value]*member // that makes a value
	readers map[*value][]*group
	origins map[*value][]*value // what values can be computed from
}

// group is units that run as one. Every value it reads is made by itself or by a group
// before it.
type group struct {
	into    *group // the group that this one has become a part of
	at      int    // its place in the order of execution
	units   []*unit
	members []*member // of a cluster
	space   indexSpace
	reads   []*value // that other groups make
	waits   []*value // likewise
	again   int      // how many members, the first, make what another group makes
}

// fuse puts clusters together, and lets them compute values again unless all are to be
// stored.
func (c *compiler) fuse(stored bool) {
	f := &fusion{maker: map[*value]*group{}, member: map[*value]*member{},
		readers: map[*value][]*group{}, origins: map[*value][]*value{}}
	for i, u := range c.units {
		f.add(u, i)
	}
	f.groups = slices.DeleteFunc(f.groups, func(g *group) bool { return g.into != nil })
	slices.SortFunc(f.groups, func(a, b *group) int { return cmp.Compare(a.at, b.at) })
	for _, g := range f.groups {
		if g.members != nil && !stored {
			f.recompute(g)
		}
	}
	f.sweep()
	c.units = f.units()
}

// add makes a group of a unit and puts it together with groups before it: with those that
// make what it reads, the nearest first, and with those that read the same.
func (f *fusion) add(u *unit, at int) {
	g := &group{at: at, units: []*unit{u}, members: u.members, waits: u.waits}
	for _, v := range u.reads {
		if !slices.Contains(g.reads, v) {
			g.reads = append(g.reads, v)
		}
	}
	for _, v := range u.writes {
		f.maker[v] = g
	}
	var before []*group
	if u.members != nil {
		u.members[0].merge()
		u.space = u.members[0].space()
		f.member[u.members[0].out.value] = u.members[0]
		g.space = u.space
		before = f.candidates(g)
	}
	for _, v := range slices.Concat(g.reads, g.waits) {
		f.readers[v] = append(f.readers[v], g)
	}
	f.groups = append(f.groups, g)
	for _, other := range before {
		f.unite(other.final(), g.final())
	}
}

// final returns the group that g is a part of by now.
func (g *group) final() *group {
	for g.into != nil {
		g = g.into
	}
	return g
}

// candidates returns clusters that it may pay to put g together with, the best first.
func (f *fusion) candidates(g *group) []*group {
	var makers, sharers []*group
	for _, v := range g.reads {
		if made := f.maker[v]; made != nil && made.final().members != nil {
			makers = append(makers, made.final())
		}
		if v.size < large {
			continue
		}
		for _, r := range slices.Backward(f.readers[v]) {
			if r.final().members != nil {
				sharers = append(sharers, r.final())
			}
			if len(sharers) >= maxSharers {
				break
			}
		}
	}
	latest := func(a, b *group) int { return cmp.Compare(b.at, a.at) }
	slices.SortFunc(makers, latest)
	slices.SortFunc(sharers, latest)
	return slices.Compact(append(slices.Compact(makers), slices.Compact(sharers)...))
}

// The bounds of a cluster: more would leave too small a block of every operand in the
// first-level cache.
const (
	maxSharers = 8
	maxMembers = 96
	maxReads   = 128
	maxRow     = 4096 // elements of a row that is not cut
)

// unite puts two clusters together if that changes no bit.
func (f *fusion) unite(a, b *group) {
	if a == b {
		return
	}
	if a.at > b.at {
		a, b = b, a
	}
	if len(a.members)+len(b.members) > maxMembers || len(a.reads)+len(b.reads) > maxReads {
		return
	}
	space, ok := a.space.join(b.space)
	if !ok || !space.holds(a.space) || !space.holds(b.space) {
		return
	}
	at, ok := f.meet(a, b)
	if !ok || !f.aligned(space, a, b) {
		return
	}
	b.into = a
	a.at, a.space = at, space
	a.waits = append(a.waits, b.waits...)
	a.units, a.members = append(a.units, b.units...), append(a.members, b.members...)
	for _, v := range b.reads {
		if f.maker[v] == nil || f.maker[v].final() != a {
			if !slices.Contains(a.reads, v) {
				a.reads = append(a.reads, v)
			}
		}
	}
}

// meet returns a place in the order of execution for both: that of b if nobody needs a
// before, or that of a if all that b needs is there before.
func (f *fusion) meet(a, b *group) (at int, ok bool) {
	delayed, hoisted := true, true
	for _, u := range a.units {
		for _, v := range u.writes {
			for _, r := range f.readers[v] {
				r = r.final()
				delayed = delayed && (r == a || r == b || r.at > b.at)
			}
		}
	}
	if delayed {
		return b.at, true
	}
	for _, v := range slices.Concat(b.reads, b.waits) {
		if made := f.maker[v]; made != nil {
			made = made.final()
			hoisted = hoisted && (made == a || made.at < a.at)
		}
	}
	return a.at, hoisted
}

// aligned reports whether at every point b reads what a makes at this point.
func (f *fusion) aligned(space indexSpace, a, b *group) bool {
	for _, m := range b.members {
		for _, x := range m.in {
			if made := f.maker[x.value]; made == nil || made.final() != a {
				continue
			}
			if f.member[x.value].accumulates() || !f.matches(space, m, x) {
				return false
			}
		}
	}
	return true
}

// sweep removes members whose results nobody reads any more, and finds out who reads what.
func (f *fusion) sweep() {
	clear(f.readers)
	for _, g := range slices.Backward(f.groups) {
		if g.members != nil {
			f.keep(g)
		}
		for _, v := range g.reads {
			f.readers[v] = append(f.readers[v], g)
		}
	}
	f.groups = slices.DeleteFunc(f.groups,
		func(g *group) bool { return g.members != nil && len(g.members) == 0 })
}

// keep keeps the members of a cluster that are of use to it or to a group after it.
func (f *fusion) keep(g *group) {
	var kept []*member
	within := map[*value]bool{}
	for _, m := range slices.Backward(g.members) {
		v := m.out.value
		if v.space == inArena && !within[v] && len(f.readers[v]) == 0 {
			continue
		}
		kept = append(kept, m)
		for _, x := range m.in {
			within[x.value] = true
		}
	}
	slices.Reverse(kept)
	g.members, g.reads = append([]*member{}, kept...), nil
	made := map[*value]bool{}
	for _, m := range g.members {
		for _, x := range m.in {
			if !made[x.value] && !slices.Contains(g.reads, x.value) {
				g.reads = append(g.reads, x.value)
			}
		}
		made[m.out.value] = true
		m.out.value.inside = m.out.value.space == inArena && !m.accumulates() &&
			len(f.readers[m.out.value]) == 0
	}
}

// units returns the groups as units.
func (f *fusion) units() []*unit {
	units := make([]*unit, len(f.groups))
	for i, g := range f.groups {
		units[i] = g.units[0]
		if g.members != nil {
			units[i] = &unit{node: g.units[len(g.units)-1].node, reads: g.reads,
				members: g.members, space: g.space}
			for _, m := range g.members {
				if !m.out.value.inside {
					units[i].writes = append(units[i].writes, m.out.value)
				}
			}
		}
	}
	return units
}
