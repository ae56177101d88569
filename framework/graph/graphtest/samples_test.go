package graphtest

import (
	"testing"

	"quickstudy/framework/graph"
)

func TestEveryOperationHasASample(t *testing.T) {
	sampled := map[graph.Op]bool{graph.OpCall: true, graph.OpResult: true, graph.OpGrad: true} // never executed
	for _, s := range Samples() {
		sampled[s.Op] = true
	}
	for _, op := range graph.Ops() {
		if !sampled[op] {
			t.Errorf("operation %v has no sample", op)
		}
	}
}
