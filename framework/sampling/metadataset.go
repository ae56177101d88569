package sampling

import (
	"fmt"
	"math"
)

// MetaDataset describes episodes of variable way and shot, as Meta-Dataset draws them
// (Triantafillou et al. 2020, https://arxiv.org/abs/1903.03096, section 3.2 and appendix A;
// the fields are called as in its code, https://github.com/google-research/meta-dataset,
// data/sampling.py). Of an episode are drawn
//
//  1. its classes: where every class has a superclass one of these, uniformly, and then
//     N ~ U{MinWay..min(MaxWay, classes)} of its classes, or else of all;
//  2. q = min(MaxQuery, min ⌊|c|/2⌋) queries of every class;
//  3. the size of the support, S = min(MaxSupport, Σ ⌊β·min(MaxSupportPerClass, |c|-q) + 1⌋)
//     with β ~ U[0, 1);
//  4. the shots, min(⌊R·(S-N)⌋ + 1, |c|-q) with R = |c|·e^α / Σ |c|·e^α and of every class
//     α ~ U[MinLogWeight, MaxLogWeight). Their sum can be below S;
//  5. the records, without replacement. Every episode draws them anew, where the original
//     reads each class as a shuffled stream: the distribution of one episode is the same,
//     and any episode can be drawn alone.
//
// Several such tasks mixed uniformly (Plan) are its training on several data sets. Its third
// rule of classes, over a graph of concepts as ImageNet has it, is not here: a class has one
// superclass or none.
type MetaDataset struct {
	Way, Shot, Query   int // of all episodes; 0: drawn
	MinWay, MaxWay     int
	MaxQuery           int // of a class
	MaxSupport         int // of the episode
	MaxSupportPerClass int // what one class adds to the size of the support

	MinLogWeight, MaxLogWeight float64 // natural logarithms

	MinExamples     int     // classes with fewer records are left out; see Report
	IgnoreHierarchy float64 // the share of episodes that draw classes whatever their superclass
}

func (d MetaDataset) verify() error {
	switch {
	case d.Way < 0 || d.Way == 1 || d.Shot < 0 || d.Query < 0 || d.MinExamples < 0:
		return fmt.Errorf("meta_dataset: way %d, shot %d, query %d and min_examples %d, want a way "+
			"of 0 or at least 2, the others at least 0", d.Way, d.Shot, d.Query, d.MinExamples)
	case d.Way == 0 && (d.MinWay < 2 || d.MinWay > d.MaxWay):
		return fmt.Errorf("meta_dataset: min_way %d and max_way %d, want 2 ≤ min_way ≤ max_way",
			d.MinWay, d.MaxWay)
	case d.MaxQuery < 1 || d.MaxSupportPerClass < 1:
		return fmt.Errorf("meta_dataset: max_query %d and max_support_per_class %d, want at least 1",
			d.MaxQuery, d.MaxSupportPerClass)
	case d.Shot == 0 && d.MaxSupport < max(d.Way, d.MaxWay):
		return fmt.Errorf("meta_dataset: max_support %d, too few for one record of each of %d classes",
			d.MaxSupport, max(d.Way, d.MaxWay))
	case !(d.MinLogWeight <= d.MaxLogWeight) || math.Abs(d.MinLogWeight) > maxLogWeight ||
		math.Abs(d.MaxLogWeight) > maxLogWeight:
		return fmt.Errorf("meta_dataset: min_log_weight %v and max_log_weight %v, want them to "+
			"ascend, between -%[3]v and %[3]v", d.MinLogWeight, d.MaxLogWeight, maxLogWeight)
	case !(d.IgnoreHierarchy >= 0 && d.IgnoreHierarchy <= 1):
		return fmt.Errorf("meta_dataset: ignore_hierarchy %v, want from 0 to 1", d.IgnoreHierarchy)
	}
	return nil
}

// maxLogWeight keeps e^α and sums of it finite.
const maxLogWeight = 100.

// needs is the number of records a class must have: one of the support, one of the query.
func (d MetaDataset) needs() int { return max(d.Shot, 1) + max(d.Query, 1) }

// bilevel reports whether a superclass is drawn before the classes.
func (d MetaDataset) bilevel(m *members) bool { return m.supers != nil && d.IgnoreHierarchy < 1 }

// compose draws the classes, then the numbers of their records. It draws what is not fixed.
func (d MetaDataset) compose(s stream, m *members) composition {
	among := func(i int) int { return i } // positions among the classes that are drawn from
	n := len(m.classes)
	if d.bilevel(m) && (d.IgnoreHierarchy == 0 || s.float() >= d.IgnoreHierarchy) {
		classes := m.supers[s.below(len(m.supers))].classes
		among, n = func(i int) int { return classes[i] }, len(classes)
	}
	way := d.Way
	if way == 0 {
		way = d.MinWay + s.below(min(d.MaxWay, n)-d.MinWay+1)
	}
	var of composition
	var sizes []int
	for _, i := range s.choose(n, way) {
		of.classes = append(of.classes, among(i))
		sizes = append(sizes, len(m.classes[among(i)].ids))
	}
	if of.query = d.Query; of.query == 0 {
		of.query = d.queryCount(sizes)
	}
	if d.Shot > 0 {
		for range way {
			of.shots = append(of.shots, d.Shot)
		}
		return of
	}
	support := d.supportSize(s.float(), sizes, of.query)
	weights := make([]float64, way)
	for i := range weights {
		alpha := d.MinLogWeight + float64((d.MaxLogWeight-d.MinLogWeight)*s.float())
		weights[i] = math.Exp2(alpha * math.Log2E)
	}
	of.shots = shotCounts(weights, sizes, of.query, support)
	return of
}

// queryCount is the same for every class: at most half of the smallest class,
// or what the fixed shots leave of it.
func (d MetaDataset) queryCount(sizes []int) int {
	query := d.MaxQuery
	for _, n := range sizes {
		if d.Shot > 0 {
			query = min(query, n-d.Shot)
		} else {
			query = min(query, n/2)
		}
	}
	return query
}

// supportSize is S of β, at least one record of every class.
func (d MetaDataset) supportSize(beta float64, sizes []int, query int) int {
	total := 0
	for _, n := range sizes {
		total += int(float64(beta*float64(min(d.MaxSupportPerClass, n-query))) + 1)
	}
	return min(total, d.MaxSupport)
}

// shotCounts divides a support set among classes in proportion to their size
// and weight.
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
