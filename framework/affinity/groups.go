package affinity

import (
	"math"
	"math/bits"
	"slices"
)

// MaxGrouped is the most tasks of which all divisions are looked at.
const MaxGrouped = 14

// Grouping is a division of tasks, by position, into groups that train a model each.
type Grouping struct {
	Groups [][]int `json:"groups"`
	// Score is the mean over all tasks of the mean effect of the others in a task's group,
	// which is 0 for a task alone.
	Score float64 `json:"score"`
	// Beside is how much more that is than with all tasks in one group.
	Beside Effect `json:"beside_one_group"`
}

// Groupings returns, for every number of groups from 1 to T, the division of T tasks with the
// highest score; effect[i][j], finite, is that of task i on task j. T is at most MaxGrouped.
func Groupings(effect [][]float64) []Grouping {
	n := len(effect)
	worth := worths(effect)
	// best[k][s] is the highest worth of the set s divided into k+1 groups, and first[k][s]
	// the group of its first task.
	best, first := make([][]float64, n), make([][]int, n)
	for k := range best {
		best[k], first[k] = make([]float64, 1<<n), make([]int, 1<<n)
		for s := 1; s < 1<<n; s++ {
			if k == 0 {
				best[k][s], first[k][s] = worth[s], s
				continue
			}
			best[k][s] = math.Inf(-1)
			lowest := s & -s
			rest := s &^ lowest
			for others := rest; ; others = (others - 1) & rest { // subsets of the rest
				if group := others | lowest; group != s {
					if w := worth[group] + best[k-1][s&^group]; w > best[k][s] {
						best[k][s], first[k][s] = w, group
					}
				}
				if others == 0 {
					break
				}
			}
		}
	}
	var all []Grouping
	for k := range n {
		g := Grouping{Score: best[k][1<<n-1] / float64(n)}
		left := 1<<n - 1
		for j := k; j >= 0; j-- {
			group := first[j][left]
			g.Groups = append(g.Groups, members(group))
			left &^= group
		}
		slices.SortFunc(g.Groups, func(a, b []int) int { return a[0] - b[0] })
		all = append(all, g)
	}
	return all
}

// worths returns for every set of tasks the sum over its members of the mean effect of the
// others.
func worths(effect [][]float64) []float64 {
	worth := make([]float64, 1<<len(effect))
	for s := range worth {
		others := float64(bits.OnesCount(uint(s)) - 1)
		if others < 1 {
			continue
		}
		for _, j := range members(s) {
			for _, i := range members(s) {
				if i != j {
					worth[s] += effect[i][j] / others
				}
			}
		}
	}
	return worth
}

// members are the positions of the bits of a set.
func members(set int) []int {
	var all []int
	for ; set != 0; set &= set - 1 {
		all = append(all, bits.TrailingZeros(uint(set)))
	}
	return all
}

// score is that of a division.
func score(effect [][]float64, groups [][]int) float64 {
	sum := 0.0
	for _, group := range groups {
		for _, j := range group {
			for _, i := range group {
				if i != j {
					sum += effect[i][j] / float64(len(group)-1)
				}
			}
		}
	}
	return sum / float64(len(effect))
}
