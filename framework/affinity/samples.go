package affinity

import (
	"math"

	"quickstudy/framework/train/metric"
)

// mean is that of a matrix that steps measured, element by element.
func mean(steps []step, of func(step) [][]float64) [][]float64 {
	var m [][]float64
	for _, row := range of(steps[0]) {
		m = append(m, make([]float64, len(row)))
	}
	for _, s := range steps {
		for i, row := range of(s) {
			for j, x := range row {
				m[i][j] += x / float64(len(steps))
			}
		}
	}
	return m
}

// samples are measurements of a matrix, by row and column.
type samples [][][]float64

func newSamples(rows, columns int) samples {
	s := make(samples, rows)
	for i := range s {
		s[i] = make([][]float64, columns)
	}
	return s
}

func (s samples) add(m [][]float64) {
	for i, row := range m {
		for j, x := range row {
			s[i][j] = append(s[i][j], x)
		}
	}
}

// effects are the means of the measurements.
func (s samples) effects() [][]Effect {
	var all [][]Effect
	for _, row := range s {
		var effects []Effect
		for _, x := range row {
			effects = append(effects, newEffect(metric.Mean(x)))
		}
		all = append(all, effects)
	}
	return all
}

// matrix is the mean of the measurements, and what groups follow from it where all are finite.
func (s samples) matrix() Matrix {
	m := Matrix{Effects: s.effects()}
	effect, finite := square(len(s)), true
	for i, row := range m.Effects {
		for j, e := range row {
			effect[i][j] = float64(e.Mean)
			finite = finite && math.Abs(effect[i][j]) <= math.MaxFloat64
		}
	}
	if len(s) > MaxGrouped || !finite {
		return m
	}
	m.Groupings = Groupings(effect)
	for k, g := range m.Groupings {
		if g.Score > m.Groupings[m.Proposed].Score {
			m.Proposed = k
		}
		m.Groupings[k].Beside = s.beside(g.Groups)
	}
	return m
}

// beside is by how much a division scores more than all tasks together.
func (s samples) beside(groups [][]int) Effect {
	all := [][]int{{}}
	for i := range s {
		all[0] = append(all[0], i)
	}
	var differences []float64
	for k := range s[0][0] {
		one := square(len(s))
		for i, row := range s {
			for j := range row {
				one[i][j] = s[i][j][k]
			}
		}
		differences = append(differences, score(one, groups)-score(one, all))
	}
	return newEffect(metric.Mean(differences))
}
