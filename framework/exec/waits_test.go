package exec_test

import (
	"testing"

	"quickstudy/framework/exec"
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// TestWaitsDoNotMultiply: a loop that hands on many values, most of them unchanged, over
// many edges compiles in no time. What each waits for was once listed as often as there are
// ways to it, twenty times more at every edge.
func TestWaitsDoNotMultiply(t *testing.T) {
	f, err := graph.Trace("loop", func() *graph.Func {
		f := &graph.Func{Name: "loop"}
		var carried []*graph.Node
		for range 20 {
			p := graph.Param(string(rune('a'+len(carried))), graph.Float32, graph.Shape{8})
			f.Params, carried = append(f.Params, p), append(carried, p)
		}
		for k := range 30 {
			carried = graph.Edge(k+1, carried...)
			carried[0] = graph.Add(carried[0], carried[1])
		}
		f.Results = []graph.Result{{Name: "sum", Node: graph.Add(carried[0], carried[2])}}
		return f
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.Compile(f, exec.Options{ISA: kernel.Best()}); err != nil {
		t.Fatal(err)
	}
}
