package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

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
