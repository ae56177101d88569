package plugin

import (
	"os"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
	"quickstudy/framework/task"
)

// start launches the test binary as a plugin.
func start(b *testing.B, kind, name, role string) *Process {
	b.Helper()
	path, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	p, err := Launch(b.Context(), Command{Kind: kind, Name: name, Path: path},
		Options{Env: []string{roleVariable + "=" + role}})
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// BenchmarkLaunch starts a plugin, waits until it has described itself, and ends it.
func BenchmarkLaunch(b *testing.B) {
	for b.Loop() {
		start(b, KindTask, "numbers", "sources").Kill()
	}
}

// BenchmarkGet fetches what an episode of five ways with five support and five query records
// each has, texts of 40 bytes, from a plugin's process and, for comparison, from the function
// that it serves.
func BenchmarkGet(b *testing.B) {
	const records, size = 50, 40
	ids := make([]int64, records)
	for i := range ids {
		ids[i] = int64(7 * i)
	}
	get := func(b *testing.B, fetch func() ([]task.Record, error)) {
		for b.Loop() {
			if got, err := fetch(); err != nil || len(got) != records {
				b.Fatal(len(got), err)
			}
		}
	}
	b.Run("process", func(b *testing.B) {
		p := start(b, KindTask, "numbers", "sources")
		defer p.Kill()
		c := p.Task()
		if problems, err := c.Configure(b.Context(), configuration("", 1000, size)); err != nil ||
			len(problems) > 0 {
			b.Fatal(problems, err)
		}
		if _, _, err := c.Describe(b.Context()); err != nil {
			b.Fatal(err)
		}
		get(b, func() ([]task.Record, error) { return c.Get(b.Context(), ids) })
	})
	b.Run("function", func(b *testing.B) {
		c := testConfig{Count: 1000, Bytes: size}
		get(b, func() ([]task.Record, error) { return c.get(ids) })
	})
}

// BenchmarkWeigh is the one call that a learner may have in a step: of two tasks.
func BenchmarkWeigh(b *testing.B) {
	p := start(b, KindMetaLearner, "descent", "learner")
	defer p.Kill()
	c := p.Learner()
	value := cty.ObjectVal(map[string]cty.Value{"steps": cty.NumberIntVal(3)})
	if problems, err := c.Configure(b.Context(), value); err != nil || len(problems) > 0 {
		b.Fatal(problems, err)
	}
	leaf := graph.Value{Name: "backbone/w", DType: graph.Float32, Shape: graph.Shape{2}}
	programs, err := c.Trace(b.Context(), meta.Spec{Leaves: []graph.Value{leaf},
		Support: []graph.Value{leaf}, Query: []graph.Value{leaf}, Episodes: 2, Tasks: 2,
		Optimizer: &optim.Config{Kind: "sgd"}})
	if err != nil {
		b.Fatal(err)
	}
	weighing := meta.Weighing{Gram: [][]float64{{1, 0}, {0, 1}}, Losses: []float64{3, 4},
		Present: []bool{true, true}}
	for b.Loop() {
		if _, err := programs.Weigh(b.Context(), weighing); err != nil {
			b.Fatal(err)
		}
	}
}
