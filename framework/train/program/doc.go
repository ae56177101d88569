// Package program turns the parts of an experiment into programs that run: one
// for the first state and one for the update, and for every shape of episode
// one map step and its evaluations.
//
//	model, err := program.New(ctx, program.Config{Transformer: ..., Tasks: ..., Learner: ...})
//	state, err := model.Initial(seed, nil)                   // Values, by state/<path>
//	episode, err := model.Tasks()[0].Encode(draw)
//	elements := model.Elements(0, episode)
//	step, err := model.Map(ctx, elements[0])                 // compiled once per shape
//	contribution, err := step.Run(state, elements[0].Values, ...)
//
// Arguments and results are found by name, never by position. Shapes are padded
// to buckets when episodes are encoded, so that few programs are compiled; how
// many is told by Compiled.
package program
