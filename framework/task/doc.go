// Package task is what the author of a task plugin writes against: the records
// a data set is made of, their description, and the two ways of supplying
// them.
//
// A Source has a fixed number of records and hands them out by id. A Generator
// invents whole episodes, as a pure function of (seed, split, index). Neither
// composes batches: which records meet in an episode, how they are split,
// tokenised and padded belongs to the core (package sampling), so that every
// source can serve every learner.
//
//	var plugin = task.Define("reviews", "film reviews with a sentiment", config{},
//		func(c config) (task.Dataset, error) {
//			reviews, err := read(c.Path)
//			if err != nil {
//				return task.Dataset{}, err
//			}
//			source := &task.Source{Describe: reviews.describe, Get: reviews.get}
//			return task.Dataset{Source: source}, nil
//		})
//
// The description and every record of it cross a process boundary. The
// receiving side calls Description.Verify and Record.Verify before it trusts a
// length or an index; authors call them too, through the conformance suite in
// package tasktest.
package task
