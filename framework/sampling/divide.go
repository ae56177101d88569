package sampling

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strings"

	"quickstudy/framework/philox"
	"quickstudy/framework/task"
)

// divide gives every entry its split, "" to those that are beyond the share of training.
func (p *Pool) divide(entries []entry, d Division) error {
	var err error
	switch d.By {
	case ByClass, BySuperclass:
		err = p.divideByClass(entries, d)
	case ByRecord:
		divideByRecord(entries, d)
	default:
		err = p.divideBySource(entries, d)
	}
	for _, e := range entries {
		if err == nil && e.split == "" {
			p.report.Unused++
		}
	}
	return err
}

// divideByClass orders the classes, or their superclasses, by a hash of their names and cuts
// that order by the fractions. Which are held out depends on the seed and the names alone,
// not on the shots or on the order of the records.
func (p *Pool) divideByClass(entries []entry, d Division) error {
	field := p.description.Fields[p.classField]
	purpose, what := "class", "classes"
	name := func(class int) string { return field.Classes[class].Name }
	if d.By == BySuperclass {
		purpose, what = "superclass", "superclasses"
		name = func(class int) string { return field.Classes[class].Super }
	}
	first := make(map[string]int) // a class of each name
	var names []string
	for _, e := range entries {
		n := name(e.class)
		if n == "" {
			return fmt.Errorf("split: the class %q of %q has no superclass to divide by",
				field.Classes[e.class].Name, field.Name)
		}
		if _, seen := first[n]; !seen {
			names = append(names, n)
			first[n] = e.class
		} else {
			first[n] = min(first[n], e.class)
		}
	}
	rank := func(n string) uint64 { return philox.Derive(d.Seed, purpose, n, 0).Uint64(0) }
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(first[a], first[b]))
	})
	train, validation := cuts(len(names), d)
	if d.Validation > 0 && train == validation || d.Test > 0 && validation == len(names) ||
		train == 0 {
		return fmt.Errorf("split: %d %s with records are too few for fractions train %v, "+
			"validation %v, test %v", len(names), what, d.Train, d.Validation, d.Test)
	}
	splitOf := make(map[string]string, len(names))
	for i, n := range names {
		splitOf[n] = splitAt(i, train, validation)
	}
	for _, n := range names[d.used(train):train] {
		splitOf[n] = ""
	}
	for i := range entries {
		entries[i].split = splitOf[name(entries[i].class)]
	}
	return nil
}

// divideByRecord orders the records by a hash of their inputs, so that records
// with equal inputs are neighbours, and cuts that order by the fractions.
func divideByRecord(entries []entry, d Division) {
	train, validation := cuts(len(entries), d)
	for i, e := range ranked(entries, d.Seed) {
		e.split = splitAt(i, train, validation)
		if i >= d.used(train) && i < train {
			e.split = ""
		}
	}
}

// divideBySource takes the published splits, and of train the first in the order of ranked
// that its share allows.
func (p *Pool) divideBySource(entries []entry, d Division) error {
	if err := p.published(entries, d); err != nil || d.TrainShare == 0 {
		return err
	}
	train := slices.DeleteFunc(ranked(entries, d.Seed),
		func(e *entry) bool { return e.split != Train })
	for _, e := range train[d.used(len(train)):] {
		e.split = ""
	}
	return nil
}

// published divides as the data are published. Without a published validation
// split, the first of train in the order of ranked are it.
func (p *Pool) published(entries []entry, d Division) error {
	var names []string
	for _, s := range p.description.Splits {
		names = append(names, s.Name)
	}
	for _, name := range names {
		if !slices.Contains(splitNames, name) {
			return fmt.Errorf("split: the data is published as %s, not as train, validation and "+
				"test: divide it by %q or %q", strings.Join(names, ", "), ByRecord, ByClass)
		}
	}
	if !slices.Contains(names, Train) {
		return fmt.Errorf("split: the data is published as %s, without train: divide it by %q "+
			"or %q", strings.Join(names, ", "), ByRecord, ByClass)
	}
	var train []entry
	for i := range entries {
		entries[i].split = names[entries[i].published]
		if entries[i].split == Train {
			train = append(train, entries[i])
		}
	}
	if slices.Contains(names, Validation) {
		return nil
	}
	fraction := d.Validation
	if fraction == 0 {
		fraction = 0.1
	}
	order := ranked(train, d.Seed)
	held := make(map[int64]bool)
	for _, e := range order[:int(math.Round(fraction*float64(len(order))))] {
		held[e.id] = true
	}
	for i := range entries {
		if held[entries[i].id] {
			entries[i].split = Validation
		}
	}
	return nil
}

func ranked(entries []entry, seed uint64) []*entry {
	type key struct {
		rank uint64
		e    *entry
	}
	keys := make([]key, len(entries))
	for i := range entries {
		keys[i] = key{philox.Derive(seed, "record", string(entries[i].digest[:]), 0).Uint64(0),
			&entries[i]}
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), bytes.Compare(a.e.digest[:], b.e.digest[:]),
			cmp.Compare(a.e.id, b.e.id))
	})
	order := make([]*entry, len(keys))
	for i, k := range keys {
		order[i] = k.e
	}
	return order
}

// cuts returns where train and validation end among n: test and validation
// have their rounded share, train the rest.
func cuts(n int, d Division) (train, validation int) {
	test := int(math.Round(d.Test * float64(n)))
	validation = max(n-test, 0)
	train = max(validation-int(math.Round(d.Validation*float64(n))), 0)
	return train, validation
}

// used returns how many of n classes or records of the training split take part: their share,
// and one at least.
func (d Division) used(n int) int {
	if d.TrainShare == 0 {
		return n
	}
	return min(n, max(1, int(math.Round(d.TrainShare*float64(n)))))
}

func splitAt(i, train, validation int) string {
	switch {
	case i < train:
		return Train
	case i < validation:
		return Validation
	}
	return Test
}

// gather removes duplicates and collects the members of every split.
func (p *Pool) gather(entries []entry, c Config) {
	holder := make(map[[sha256.Size]byte]string, len(entries)) // the split that keeps an input
	for _, split := range []string{Test, Validation, Train} {
		for _, e := range entries {
			if _, held := holder[e.digest]; !held && e.split == split {
				holder[e.digest] = split
			}
		}
	}
	var classes []task.Class
	if p.classField >= 0 {
		classes = p.description.Fields[p.classField].Classes
	}
	p.splits = make(map[string]*members, len(splitNames))
	for _, split := range splitNames {
		m := &members{present: make([]bool, len(classes))}
		groups := make([][]int64, len(classes))
		seen := make(map[[sha256.Size]byte]bool)
		for i, e := range entries {
			if e.split != split {
				continue
			}
			if holder[e.digest] != split {
				p.report.Duplicates++
				entries[i].split = ""
				continue
			}
			m.ids = append(m.ids, e.id)
			if e.class >= 0 {
				m.present[e.class] = true
			}
			if seen[e.digest] {
				p.report.Repeats++
				continue
			}
			seen[e.digest] = true
			if e.class >= 0 {
				groups[e.class] = append(groups[e.class], e.id)
			}
		}
		if c.episodic() {
			p.keepLarge(m, split, classes, groups, c)
		}
		p.splits[split] = m
		p.report.Splits = append(p.report.Splits, SplitReport{split, len(m.ids), len(m.classes)})
	}
}

// keepLarge keeps the classes that episodes draw from, and reports those left out.
func (p *Pool) keepLarge(m *members, split string, classes []task.Class, groups [][]int64,
	c Config) {
	need, fewest := c.needs()
	known := map[string]int{} // position in m.supers, by name
	hierarchy := true
	for class, ids := range groups {
		if !m.present[class] {
			continue
		}
		small := DroppedClass{split, classes[class].Name, len(ids), need}
		if len(ids) < fewest {
			small.Need = fewest
			p.report.Dropped = append(p.report.Dropped, small)
			continue
		}
		if len(ids) < need {
			m.small = append(m.small, small)
		}
		name := classes[class].Super
		at, seen := known[name]
		if !seen {
			at = len(m.supers)
			known[name] = at
			m.supers = append(m.supers, super{name: name})
		}
		m.supers[at].classes = append(m.supers[at].classes, len(m.classes))
		hierarchy = hierarchy && name != ""
		m.classes = append(m.classes, group{class, ids})
	}
	if !hierarchy {
		m.supers = nil
	}
}
