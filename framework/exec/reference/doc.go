// Package reference interprets a traced function over tensor.Dense values, one
// kernel a node: the oracle, in single or double precision.
//
//	p, err := reference.Compile(f, reference.Single)
//	results, err := p.Run(args)
//
// Calls must have been linked and gradients expanded. Every primitive rounds
// once, reductions and scatters run in a fixed order, and a program computes
// the same bits however many goroutines run it at once. Double precision runs
// the same function with every Float32 widened.
//
// A broadcast is never stored: operations read their operands through strides.
// Memory is planned when compiling: a value whose last use has passed gives its
// memory to later ones, at once if an elementwise operation can write where it
// reads, and a run takes the memory of an earlier one that has ended.
package reference
