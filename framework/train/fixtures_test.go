package train_test

import (
	"path/filepath"
	"testing"

	"quickstudy/framework/head"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/traintest"
)

// TestAgainstPyTorch trains as PyTorch did and compares losses and parameters.
func TestAgainstPyTorch(t *testing.T) {
	parts := traintest.Parts{Learner: learnerOf,
		Trace: func(o traintest.Objective) func(head.Spec) (*head.Traced, error) {
			return objective(o).link().Trace
		}}
	for _, p := range traintest.Precisions {
		for _, name := range []string{"maml", "fomaml", "mtl", "maml_two_tasks", "reptile_sgd",
			"reptile_adam"} {
			t.Run(name+"/"+p.Name, func(t *testing.T) {
				run := traintest.Load(t, filepath.Join("testdata", "fixtures", name+".json"))
				traintest.Replay(t, run, parts, p.Precision, p.Tolerance)
			})
		}
	}
}

// learnerOf returns the learner that made a run.
func learnerOf(r *traintest.Run) program.Learner {
	switch {
	case r.Outer.Optimizer == "interpolation":
		return reptile(optimizer(*r.Inner), r.Outer.LearningRate)
	case r.Inner != nil:
		return maml(optimizer(*r.Inner))
	}
	return joint()
}
