// Package metatest is the conformance suite of meta-learner plugins. It traces a
// learner for several kinds of episode, sends its programs over the wire's
// encoding, and trains a toy model with them in double precision: two tasks that
// share a layer and have heads of their own, with dropout on.
//
//	func TestConformance(t *testing.T) {
//		metatest.Run(t, plugin, func(c *config) { c.InnerSteps = 2 }, metatest.Claims{
//			Gradient: "grad", Loss: "loss",
//		})
//	}
//
// What is checked, with the promise that rests on it:
//
//   - The defaults are valid, two traces are the same, programs that were sent are
//     those that were traced: any process may trace.
//   - States and contributions of one task are among those of all tasks: the host
//     matches them by path.
//   - What is claimed to be a gradient is one, by central differences.
//   - Parts of an ordinary batch contribute what the whole does: batches are cut.
//   - Nothing is infinite where no example counts, nor after more inner steps than
//     the learner takes itself.
//   - Without steps the parameters are those of the state.
//   - Contributions do not depend on the order in which episodes run.
//   - The leaves of an absent task, and their slots, stay as they are, bit by bit.
package metatest
