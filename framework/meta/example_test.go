package meta_test

import (
	"fmt"

	"quickstudy/framework/graph"
	"quickstudy/framework/meta"
)

// A learner whose inner loop takes gradient steps. What leaves its process is the
// body of the loop once, whatever the number of steps.
func ExampleSteps() {
	step := func(m *meta.Model, theta meta.Params, support meta.Batch, _ *graph.Node) meta.Params {
		g := m.Grad(m.Loss(theta, support), theta) // ∇θ L(fθ)
		return theta.Sub(g.Scale(0.1))             // θ′ = θ − α ∇θ L(fθ)
	}
	learner := meta.Learner[meta.Params, meta.GradLoss]{
		Name: "descent", Adapt: meta.Steps(5, step),
	}
	x := []graph.Value{{Name: "x", DType: graph.Float32, Shape: graph.Shape{8, 3}}}
	adapt, err := meta.TraceAdapt(learner, meta.Spec{
		Leaves:  []graph.Value{{Name: "backbone/w", DType: graph.Float32, Shape: graph.Shape{3}}},
		Support: x, Query: x,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(adapt.Count, "steps of")
	for _, v := range adapt.Step.Signature().Params {
		fmt.Println(" ", v)
	}
	for _, v := range adapt.Step.Signature().Results {
		fmt.Println("  →", v)
	}
	// Output:
	// 5 steps of
	//   fast/backbone/w: f32[3]
	//   support/x: f32[8,3]
	//   key: i32[2]
	//   k: i32[]
	//   → fast/backbone/w: f32[3]
}
