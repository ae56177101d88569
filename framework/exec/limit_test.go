package exec_test

import (
	"strings"
	"testing"

	"quickstudy/framework/exec"
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// TestCompileRefusesTooMuchMemory: nothing of this size is allocated to find out.
func TestCompileRefusesTooMuchMemory(t *testing.T) {
	const side = 40000 // 6 GiB
	for results, want := range map[int]string{1: "", 3: "limit_test.go"} {
		f, err := graph.Trace("pairs", func() *graph.Func {
			x := graph.Param("x", graph.Float32, graph.Shape{side})
			f := &graph.Func{Params: []*graph.Node{x}}
			y := graph.Broadcast(graph.Reshape(x, side, 1), side, side)
			for i := range results {
				y = graph.Exp(graph.Add(y, graph.Transpose(y, 1, 0)))
				f.Results = append(f.Results, graph.Result{Name: string(rune('a' + i)), Node: y})
			}
			return f
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = exec.Compile(f, exec.Options{ISA: kernel.Best()})
		if want == "" {
			if err != nil {
				t.Errorf("%d results: %v", results, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), `compile "pairs": one run needs`) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%d results: got %v, want an error with %q", results, err, want)
		}
	}
}
