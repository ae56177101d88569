package metatest

import (
	"strings"
	"testing"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
	"quickstudy/framework/optim"
	"quickstudy/framework/passes"
)

// Bowl is the smallest problem: one parameter w, whose loss on a side of an episode
// is ½ (w − x)², on the query times its weight. What a learner does with it can be
// calculated by hand.
type Bowl struct {
	W, Support, Query float64 // w, and x of both sides
	Progress          float64
	Weight            float64 // of the bowl's one objective; 0 means 1
	TotalWeight       float64 // of all objectives of all tasks
	Tasks             int     // of which the bowl is one; 0 means 1
}

// BowlStep takes one step of a learner with this one episode, the optimizer's step
// being plain descent at rate 1. It returns by name what the episode contributes, the next
// state, and the next w as "state/w". K is the plugin's configuration.
func BowlStep[K any](t *testing.T, plugin meta.Plugin, configure func(*K),
	b Bowl) map[string]float64 {
	t.Helper()
	config := plugin.New().(*K)
	if configure != nil {
		configure(config)
	}
	if b.Weight == 0 {
		b.Weight = 1
	}
	b.Tasks = max(b.Tasks, 1)
	x := []graph.Value{{Name: "x", DType: graph.Float32}}
	spec := meta.Spec{
		Leaves:  []graph.Value{{Name: "w", DType: graph.Float32}},
		Support: x, Query: x, Objectives: []meta.Objective{{Name: "bowl", Weight: b.Weight}},
		TotalWeight: b.TotalWeight, Episodes: 1, Tasks: b.Tasks, TrainSteps: 100,
		Optimizer: &optim.Config{Kind: "sgd"},
	}
	programs, err := plugin.Trace(config, spec)
	if err != nil {
		t.Fatal(err)
	}
	loss := func(weight float64) passes.Body {
		return func(args []*graph.Node) ([]*graph.Node, error) {
			e := graph.Sub(args[0], args[1])
			l := graph.Mul(graph.Scalar(graph.Float32, 0.5), graph.Mul(e, e))
			return []*graph.Node{graph.Mul(l, graph.Scalar(graph.Float32, weight)),
				graph.Reshape(l, 1)}, nil
		}
	}
	bodies := map[string]passes.Body{
		meta.LossName("support"): loss(1), meta.LossName("query"): loss(b.Weight),
	}
	args := values{
		"initial/w": {b.W}, "support/x": {b.Support}, "query/x": {b.Query}, "weight": {1},
		"key": {0, 0}, "progress": {b.Progress}, "present/w": {1}, "present": {1},
		"rate": {1}, "step": {1},
	}
	for _, f := range []*graph.Func{programs.Init, programs.Episode, programs.Update} {
		program, err := link(f, bodies)
		if err != nil {
			t.Fatal(err)
		}
		out, err := program.run(args)
		if err != nil {
			t.Fatal(err)
		}
		args.add(out)
	}
	out := map[string]float64{}
	for _, v := range programs.Init.Signature().Results {
		out[v.Name] = args[v.Name][0]
	}
	for _, v := range programs.Init.Signature().Results {
		// The model's w is in the first field that has one, whatever its name.
		if strings.HasSuffix(v.Name, "/w") {
			out["state/w"] = args[v.Name][0]
			break
		}
	}
	for _, r := range programs.Reduced {
		if data := args[r.Name]; len(data) > 0 {
			out[r.Name] = data[0]
		}
	}
	return out
}
