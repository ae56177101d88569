package train_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"quickstudy/framework/optim"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train"
	"quickstudy/framework/train/program"
)

// TestMemoryOfSteps: what steps allocate does not grow with the model. Episodes and cut
// batches of tasks with heads of their own, of which a step draws some; an optimizer with
// slots; two workers.
func TestMemoryOfSteps(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // which empties pools
	small, large := tiny(0), tiny(0)
	large.Layers, large.Width, large.MLP = 4, 32, 128
	smallObjects, smallBytes, fewer := steadyStep(t, small)
	largeObjects, largeBytes, more := steadyStep(t, large)
	if more < 20*fewer {
		t.Fatalf("models of %d and %d parameters: choose others", fewer, more)
	}
	// Now and then more tensors are in use at a time than ever before, which costs bytes.
	if largeObjects > 1.02*smallObjects || largeBytes > smallBytes+2*float64(more) {
		t.Errorf("a step of a model with %d parameters allocates %.0f objects, %.0f bytes; with %d "+
			"parameters %.0f objects, %.0f bytes", fewer, smallObjects, smallBytes, more, largeObjects,
			largeBytes)
	}
}

// steadyStep returns what a step allocates when others came before it, and the number of
// parameters.
func steadyStep(t *testing.T, a architecture) (objects, bytes float64, parameters int) {
	t.Helper()
	const before, measured = 60, 60
	model := newModel(t, program.Config{
		Transformer: a.transformer(t),
		Tasks:       []program.Task{fewShot(t, "few"), labelled(t, "labels", 10, 4, topic, tone)},
		Learner:     maml(optimizer{LearningRate: 0.1, Steps: 1, SecondOrder: true}),
		Optimizer:   &optim.Config{Kind: "adamw", Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8},
		Episodes:    3,
	})
	for _, leaf := range model.Leaves() {
		parameters += leaf.Shape.Size()
	}
	var from, to runtime.MemStats
	through(t, train.Config{
		Model: model, Seed: 11, Steps: before + measured, Workers: 2, Rate: schema.Constant(1e-3),
		Plan: sampling.Plan{Seed: 3, Mix: sampling.Uniform, PerStep: 3, Sizes: []int{1, 1}},
		Progress: func(p train.Progress) {
			switch p.Step {
			case before:
				runtime.ReadMemStats(&from)
			case before + measured:
				runtime.ReadMemStats(&to)
			}
		},
	})
	return float64(to.Mallocs-from.Mallocs) / measured,
		float64(to.TotalAlloc-from.TotalAlloc) / measured, parameters
}
