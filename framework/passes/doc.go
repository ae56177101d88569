// Package passes turns a traced function into one that computes the same values and that
// an executor takes:
//
//	f, err := passes.Run(traced, bodies, passes.Options{})
//
// The passes are a list (All), each with what must have run before it and why. Every one
// is verified after it ran, and those that only save time or memory can be left out, to
// find the one that is at fault.
//
// Nodes that no result depends on are never visited, so there is no separate
// pass that removes them.
package passes
