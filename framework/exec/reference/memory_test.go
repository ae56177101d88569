package reference_test

import (
	"strings"
	"testing"

	"quickstudy/framework/exec/reference"
	"quickstudy/framework/graph"
)

// TestCompileRefusesTooMuchMemory: nothing of this size is allocated to find out.
func TestCompileRefusesTooMuchMemory(t *testing.T) {
	const side = 40000 // 6 GiB in float32
	for _, test := range []struct {
		name      string
		results   int
		precision reference.Precision
		want      string // "": it compiles
	}{
		{"a large one", 1, reference.Single, ""},
		{"in double", 1, reference.Double, "24414 MiB"}, // a value and its copy
		{"several", 3, reference.Single, "memory_test.go"},
	} {
		f, err := graph.Trace("pairs", func() *graph.Func {
			x := graph.Param("x", graph.Float32, graph.Shape{side})
			f := &graph.Func{Params: []*graph.Node{x}}
			y := graph.Broadcast(graph.Reshape(x, side, 1), side, side)
			for i := range test.results {
				y = graph.Exp(y)
				f.Results = append(f.Results, graph.Result{Name: string(rune('a' + i)), Node: y})
			}
			return f
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = reference.Compile(f, test.precision)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), `compile "pairs": one run needs`) ||
			!strings.Contains(err.Error(), "[40000,40000]") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
}
