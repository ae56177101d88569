package reference

import (
	_ "go4.org/unsafe/assume-no-moving-gc" // gorgonia.org/tensor panics at start with an older one
	"testing"

	"quickstudy/framework/graph"
)

func TestEveryOperationHasARule(t *testing.T) {
	for _, op := range graph.Ops() {
		if rules[op] == nil {
			t.Errorf("operation %v has no rule", op)
		}
	}
}
