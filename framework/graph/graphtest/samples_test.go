package graphtest

import (
	"testing"

	"quickstudy/framework/graph"
)

func TestEveryOperationHasASample(t *testing.T) {
	for name, samples := range map[string][]Sample{
		"Samples": Samples(), "Varied": Varied(graph.Float32),
	} {
		// never executed
		sampled := map[graph.Op]bool{graph.OpCall: true, graph.OpResult: true, graph.OpGrad: true}
		for _, s := range samples {
			sampled[s.Op] = true
		}
		for _, op := range graph.Ops() {
			if !sampled[op] {
				t.Errorf("%s: operation %v has no sample", name, op)
			}
		}
	}
}
