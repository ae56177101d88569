package affinity

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// divisions calls f with every division of n tasks.
func divisions(n int, f func([][]int)) {
	var extend func(next int, groups [][]int)
	extend = func(next int, groups [][]int) {
		if next == n {
			f(groups)
			return
		}
		for i := range groups {
			before := groups[i]
			groups[i] = append(before[:len(before):len(before)], next)
			extend(next+1, groups)
			groups[i] = before
		}
		extend(next+1, append(groups, []int{next}))
	}
	extend(0, nil)
}

// TestGroupings compares with all divisions, of effects of either sign.
func TestGroupings(t *testing.T) {
	draws := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 7; n++ {
		for range 5 {
			effect := square(n)
			for _, row := range effect {
				for j := range row {
					row[j] = draws.NormFloat64()
				}
			}
			best := make([]float64, n)
			for k := range best {
				best[k] = math.Inf(-1)
			}
			count := 0
			divisions(n, func(groups [][]int) {
				count++
				best[len(groups)-1] = max(best[len(groups)-1], score(effect, groups))
			})
			if bell := []int{1, 2, 5, 15, 52, 203, 877}[n-1]; count != bell {
				t.Fatalf("%d divisions of %d tasks, want %d", count, n, bell)
			}
			got := Groupings(effect)
			if len(got) != n {
				t.Fatalf("%d groupings of %d tasks, want one for each number of groups", len(got), n)
			}
			for k, g := range got {
				if len(g.Groups) != k+1 || math.Abs(g.Score-best[k]) > 1e-12 ||
					math.Abs(score(effect, g.Groups)-g.Score) > 1e-12 {
					t.Errorf("%d tasks in %d groups: %v scores %v, the best %v", n, k+1, g.Groups, g.Score,
						best[k])
				}
			}
		}
	}
}

// TestTwoGroups: tasks that help their own kind and hurt the other are told apart, and of
// tasks that do nothing to each other no more groups are proposed than one.
func TestTwoGroups(t *testing.T) {
	s := newSamples(4, 4)
	for k := range 3 {
		m := square(4)
		for i, row := range m {
			for j := range row {
				row[j] = 1 + 0.1*float64(k)
				if (i+j)%2 != 0 {
					row[j] = -1
				}
			}
		}
		s.add(m)
	}
	m := s.matrix()
	if diff := cmp.Diff([][]int{{0, 2}, {1, 3}}, m.Groupings[m.Proposed].Groups); diff != "" {
		t.Errorf("groups (-want +got)\n%s", diff)
	}
	if beside := m.Groupings[1].Beside; math.Abs(float64(beside.Mean)-(1.1+0.9/3)) > 1e-12 ||
		beside.N != 3 || !(beside.HalfWidth > 0) {
		t.Errorf("beside one group: %+v", beside)
	}

	// A score that no record has, as a loss that overflows, is no number.
	for _, x := range []float64{math.NaN(), math.Inf(-1)} {
		unknown, row := newSamples(2, 2), square(2)
		row[0][1] = x
		unknown.add(row)
		m := unknown.matrix()
		r := Report{Tasks: []string{"a", "b"}, LookAhead: m}
		if notes := r.Tables()[0].Notes; m.Groupings != nil || len(notes) != 2 ||
			!strings.Contains(notes[1], "finite") {
			t.Errorf("with an effect of %v: %v, %q", x, m.Groupings, notes)
		}
	}

	nothing := newSamples(3, 3)
	nothing.add(square(3))
	if m := nothing.matrix(); m.Proposed != 0 {
		t.Errorf("proposed %v of tasks without effects", m.Groupings[m.Proposed])
	}
}
