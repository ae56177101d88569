package sampling

import (
	"fmt"
	"math"
)

// Draw names what one episode or batch is made of. It is small and
// self-contained: enough to encode the same episode again.
type Draw struct {
	Split string
	Index int64
	// Classes are the episode's classes as indices of the class field; the
	// position is the label. nil for batches and generated episodes.
	Classes []int `json:",omitempty"`
	// Support and Query are ids of records. A batch has no support; a
	// generated episode has neither, for its index says it all.
	Support []int64 `json:",omitempty"`
	Query   []int64 `json:",omitempty"`
}

// drawEpisode draws the classes, then the sizes, then the records. Records are
// shuffled, so that neither their position nor their order tells their class.
func (p *Pool) drawEpisode(seed uint64, split string, index int64, e Episodes) (Draw, error) {
	m := p.splits[split]
	if m == nil {
		return Draw{}, fmt.Errorf("there is no split %q, want %q, %q or %q", split, Train,
			Validation, Test)
	}
	e = e.withDefaults()
	way := e.Way
	if way == 0 {
		way = e.MinWay
	}
	if len(m.classes) < way {
		return Draw{}, fmt.Errorf("split %q has %d classes with at least %d records (support %d and "+
			"query %d), too few for %d ways", split, len(m.classes), e.needs(), max(e.Shot, 1),
			max(e.Query, 1), way)
	}
	s := newStream(seed, "episode/"+p.name, split, index)
	if e.Way == 0 {
		way += s.below(min(e.MaxWay, len(m.classes)) - e.MinWay + 1)
	}
	draw := Draw{Split: split, Index: index}
	sizes := make([]int, way)
	chosen := s.choose(len(m.classes), way)
	for label, i := range chosen {
		draw.Classes = append(draw.Classes, m.classes[i].class)
		sizes[label] = len(m.classes[i].ids)
	}
	shots, query := e.sizes(s, sizes)
	for label, i := range chosen {
		ids := m.classes[i].ids
		for j, k := range s.choose(len(ids), shots[label]+query) {
			if j < shots[label] {
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

// sizes returns the shots of each class and the queries of every class, for
// classes with these numbers of records. It draws only what is not fixed.
func (e Episodes) sizes(s stream, sizes []int) (shots []int, query int) {
	query = e.Query
	if query == 0 {
		query = e.queryCount(sizes)
	}
	if e.Shot > 0 {
		shots = make([]int, len(sizes))
		for i := range shots {
			shots[i] = e.Shot
		}
		return shots, query
	}
	support := e.supportSize(s.float(), sizes, query)
	weights := make([]float64, len(sizes))
	for i := range weights {
		// e^α with α uniform in [ln ½, ln 2], as a power of two.
		weights[i] = math.Exp2(2*s.float() - 1)
	}
	return shotCounts(weights, sizes, query, support), query
}

// queryCount is the same for every class: at most half of the smallest class,
// or what the fixed shots leave of it.
func (e Episodes) queryCount(sizes []int) int {
	query := e.MaxQuery
	for _, n := range sizes {
		if e.Shot > 0 {
			query = min(query, n-e.Shot)
		} else {
			query = min(query, n/2)
		}
	}
	return query
}

// supportSize is min(MaxSupport, Σ ⌊β·min(MaxSupportPerClass, |c|-query) + 1⌋)
// for β uniform in [0, 1), and at least one record of every class.
func (e Episodes) supportSize(beta float64, sizes []int, query int) int {
	total := 0
	for _, n := range sizes {
		total += int(beta*float64(min(e.MaxSupportPerClass, n-query))) + 1
	}
	return max(min(total, e.MaxSupport), len(sizes))
}

// shotCounts divides a support set among classes in proportion to their size
// and weight: min(⌊R·(S-N)⌋ + 1, |c|-query), where R is the class's share of
// Σ weight·|c|. Rounding down and the bound can leave fewer than S in all.
func shotCounts(weights []float64, sizes []int, query, support int) []int {
	var total float64
	for i, n := range sizes {
		total += float64(weights[i] * float64(n))
	}
	shots := make([]int, len(sizes))
	for i, n := range sizes {
		share := float64(weights[i]*float64(n)) / total
		shots[i] = min(int(share*float64(support-len(sizes)))+1, n-query)
	}
	return shots
}
