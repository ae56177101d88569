package evaluation

import (
	"quickstudy/framework/head"
	"quickstudy/framework/philox"
)

// part is what a record adds to one of the sums of a measure: to a row of those that its Finish
// names, and a class of the row, 0 where there are none.
type part struct {
	row, class int
	amount     float64
}

// parts are those of sums of one class each.
func parts(sums ...float64) []part {
	var all []part
	for row, amount := range sums {
		all = append(all, part{row, 0, amount})
	}
	return all
}

// mostGroups is into how many groups the records of a test set are put. Records up to as many
// are groups of their own.
const mostGroups = 1000

// groups are the sums of groups of records, by which a score that is no mean over records has
// an interval: by group, row and class. Which group a record is in follows from its position
// among those that have a target, and from nothing else, so that methods can be paired.
type groups [][][]float64

// groupOf returns the group of a record. A test set may be sorted, by its classes or by the
// lengths of texts, so the group is drawn.
func groupOf(position int) int {
	if position < mostGroups {
		return position
	}
	drawn := philox.Block([4]uint32{uint32(position), uint32(position >> 32)}, [2]uint32{1, 1})
	return int(drawn[0] % mostGroups)
}

// add adds what the record at a position contributes.
func (g groups) add(f head.Finish, position int, record []part) groups {
	at := groupOf(position)
	for len(g) <= at {
		g = append(g, make([][]float64, len(f.Sums())))
	}
	for _, p := range record {
		for len(g[at][p.row]) <= p.class {
			g[at][p.row] = append(g[at][p.row], 0)
		}
		g[at][p.row][p.class] += p.amount
	}
	return g
}

// mostSums is how many sums of a measure are kept for comparisons with other runs.
const mostSums = 1 << 17

// size is how many sums there are.
func (g groups) size() int {
	if len(g) == 0 {
		return 0
	}
	return len(g) * len(g[0]) * g.classes()
}

// sums returns the sums of every group, row-major, with as many classes each, at least so many.
func (g groups) sums(classes int) [][]float64 {
	classes = max(classes, g.classes())
	all := make([][]float64, len(g))
	for i, rows := range g {
		all[i] = make([]float64, len(rows)*classes)
		for row, sums := range rows {
			copy(all[i][row*classes:], sums)
		}
	}
	return all
}

// classes is the most classes of a row.
func (g groups) classes() int {
	most := 1
	for _, rows := range g {
		for _, sums := range rows {
			most = max(most, len(sums))
		}
	}
	return most
}
