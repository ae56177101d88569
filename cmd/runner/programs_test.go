package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestCosts: every line has numbers, and the last one their sums.
func TestCosts(t *testing.T) {
	stdout, stderr, status := execute(t, "runner graph waves.hcl -costs")
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	table, _, ok := strings.Cut(stdout, "\narena of ")
	if !ok {
		t.Error("nothing about memory")
	}
	lines := strings.Split(table, "\n")[1:]
	var sums, last [3]float64
	for i, line := range lines {
		var unit string
		if _, err := fmt.Sscan(line, &last[0], &last[1], &last[2], &unit); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if i < len(lines)-1 {
			for k, x := range last {
				sums[k] += x
			}
		}
	}
	for k, digit := range []float64{1e-3, 1e-1, 1e-1} { // of the last place, to which all are rounded
		want := sums[k]
		if !(want > 0) || math.Abs(last[k]-want) > digit/2*float64(len(lines)) {
			t.Errorf("column %d ends with %v, the lines before have %v", k, last[k], want)
		}
	}
}

// TestEveryProgramPrints: each is printed in every form that it has, and a form that it
// does not have is a mistake in the command line.
func TestEveryProgramPrints(t *testing.T) {
	absent := []string{"weighing", "after", "settle"} // the learner has none of them
	for _, p := range programKinds {
		for linked, exists := range map[bool]bool{true: p.linked != nil, false: p.traced != nil} {
			t.Run(fmt.Sprintf("%s/linked=%v", p.name, linked), func(t *testing.T) {
				t.Parallel()
				stdout, stderr, status := execute(t, fmt.Sprintf(
					"runner graph waves.hcl -program %s -linked=%v", p.name, linked))
				if exists && !slices.Contains(absent, p.name) {
					if status != 0 || !strings.HasPrefix(stdout, "func ") {
						t.Errorf("status %d, printed %.40q, said %s", status, stdout, stderr)
					}
				} else if status != statusUsage || !strings.Contains(stderr, p.name) {
					t.Errorf("status %d, want %d: %s", status, statusUsage, stderr)
				}
			})
		}
	}
}
