package exec_test

import (
	"testing"

	"quickstudy/framework/exec"
	"quickstudy/framework/graph"
	"quickstudy/framework/kernel"
)

// TestMemory: a chain of products has two values alive at once, whatever its length, and the
// plan comes near that.
func TestMemory(t *testing.T) {
	const side, bytes = 64, 64 * 64 * 4
	for _, length := range []int{3, 8} {
		f, err := graph.Trace("chain", func() *graph.Func {
			x := graph.Param("x", graph.Float32, graph.Shape{side, side})
			y := x
			for range length {
				y = graph.Dot(y, x)
			}
			return &graph.Func{Params: []*graph.Node{x}, Results: []graph.Result{{Name: "y", Node: y}}}
		})
		if err != nil {
			t.Fatal(err)
		}
		p, err := exec.Compile(f, exec.Options{ISA: kernel.Best()})
		if err != nil {
			t.Fatal(err)
		}
		m := p.Memory()
		scratch := m.Naive - int64(length-1)*bytes
		want := exec.Memory{Arena: 2*bytes + scratch, Alive: 2*bytes + scratch, Naive: m.Naive,
			Results: bytes}
		if m != want || scratch < 0 || scratch > bytes {
			t.Errorf("%d products: %+v, want %+v", length, m, want)
		}
	}
}
