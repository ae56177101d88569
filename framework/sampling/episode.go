package sampling

import "fmt"

// Draw names what one episode or batch is made of. It is small and
// self-contained: enough to encode the same episode again.
type Draw struct {
	Split string
	Index int64
	// Classes are the episode's classes as indices of the class field; the
	// position is the label. nil for batches and generated episodes.
	Classes []int `json:",omitempty"`
	// Support and Query are ids of records. A batch has no support, nor has an episode
	// whose support is its classes' texts; a generated episode has neither, for its index
	// says it all.
	Support []int64 `json:",omitempty"`
	Query   []int64 `json:",omitempty"`
}

// composition is what an episode is made of before its records are drawn.
type composition struct {
	classes []int // positions among the split's classes; the position here is the label
	shots   []int // of each class
	query   int   // of every class
}

// drawEpisode draws the classes, then the sizes, then the records. Records are
// shuffled, so that neither their position nor their order tells their class.
func (p *Pool) drawEpisode(c Config, split string, index int64) (Draw, error) {
	m := p.splits[split]
	if m == nil {
		return Draw{}, fmt.Errorf("there is no split %q, want %q, %q or %q", split, Train,
			Validation, Test)
	}
	if err := m.enough(c); err != nil {
		return Draw{}, fmt.Errorf("split %q %w", split, err)
	}
	s := newStream(c.Seed, "episode/"+p.name, split, index)
	var of composition
	switch {
	case c.MetaDataset != nil:
		of = c.MetaDataset.compose(s, m)
	case c.ZeroShot != nil:
		of = c.ZeroShot.compose(s, m)
	default:
		of = c.Episodes.compose(s, m)
	}
	draw := Draw{Split: split, Index: index}
	for label, i := range of.classes {
		draw.Classes = append(draw.Classes, m.classes[i].class)
		ids := m.classes[i].ids
		for j, k := range s.choose(len(ids), of.shots[label]+of.query) {
			if j < of.shots[label] {
				draw.Support = append(draw.Support, ids[k])
			} else {
				draw.Query = append(draw.Query, ids[k])
			}
		}
	}
	s.shuffle(draw.Support)
	s.shuffle(draw.Query)
	return draw, nil
}

// enough says why no episode can be drawn, or nil.
func (m *members) enough(c Config) error {
	if len(m.small) > 0 {
		others := ""
		if n := len(m.small) - 1; n > 0 {
			others = fmt.Sprintf(", and %d more classes are too small", n)
		}
		small := m.small[0]
		return fmt.Errorf("has %d records of the class %q, too few for an episode, which takes "+
			"%d%s; ask for fewer, or leave such classes out by min_examples = %d", small.Records,
			small.Class, small.Need, others, small.Need)
	}
	way := c.fewestWays()
	if len(m.classes) < way {
		of := ""
		if _, fewest := c.needs(); fewest > 0 {
			of = fmt.Sprintf(" with at least %d records", fewest)
		}
		return fmt.Errorf("has %d classes%s, too few for %d ways", len(m.classes), of, way)
	}
	if c.MetaDataset == nil || !c.MetaDataset.bilevel(m) {
		return nil
	}
	for _, s := range m.supers {
		if len(s.classes) < way {
			return fmt.Errorf("has %d classes in the superclass %q, too few for %d ways; lower "+
				"min_way, or set ignore_hierarchy = 1 to draw classes whatever their superclass",
				len(s.classes), s.name, way)
		}
	}
	return nil
}

// compose draws the classes of an N-way K-shot episode.
func (e Episodes) compose(s stream, m *members) composition {
	way := e.Way
	if way == 0 {
		way = e.MinWay + s.below(min(e.MaxWay, len(m.classes))-e.MinWay+1)
	}
	of := composition{classes: s.choose(len(m.classes), way), query: e.Query}
	for range way {
		of.shots = append(of.shots, e.Shot)
	}
	return of
}
