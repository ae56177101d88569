// Package train trains an experiment's model: each step maps episodes to what
// they contribute, reduces the contributions in a fixed order and updates the
// state.
//
//	loop, err := train.New(train.Config{Model: model, Seed: 7, Plan: plan, Steps: 2000, Run: run})
//	found, err := checkpoint.Latest(run.Checkpoints())  // when going on after a stop
//	err = loop.Restore(found.Checkpoint)
//	err = loop.Run(ctx)
//	state, step := loop.Best()
//
// Every bit of what a run leaves, but for times, follows from the experiment:
// episodes and random keys are functions of the seed and the step, contributions
// are added in the order of a tree that the episodes alone decide, and a
// checkpoint holds all that later steps depend on. So the number of workers, and
// how often a run was stopped and resumed, change nothing.
package train
