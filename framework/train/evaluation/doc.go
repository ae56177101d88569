// Package evaluation scores states of a model on frozen episodes, beside the rows
// that they are read against.
//
//	frozen, err := evaluation.Freeze(data, sampling.Test, 600)
//	scores, err := evaluation.Run(ctx, evaluation.Request{Model: model, State: state,
//		Set: evaluation.Set{Data: data, Frozen: frozen}, Steps: []int{0, 1, 3, 5}})
//	accuracy := scores.Find("intent", "accuracy", 5)
//	fmt.Println(metric.Mean(accuracy.Draws)) // 0.8120 ± 0.0114
//
// Scores are made from sums over examples: those of an episode give the episode's
// score, the sums of all together the total. Dropout is off, the number of workers
// changes no bit, and every method is scored on the same draws, known by a hash.
//
// Validator is the score by which a state is chosen, on validation episodes and no
// others. Report scores the chosen state on the test's: against the same
// adaptation of untrained parameters, against methods that learn from the support
// alone, and by paired differences.
package evaluation
