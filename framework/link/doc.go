// Package link joins what the parts trace into programs that can be executed:
// the backbone's passes, the heads' functions and the meta-learner's programs,
// each of which knows the others by signature only.
//
// A Task is one kind of episode: which tensors its support and query have, which
// objectives read them, and which leaves exist. From it come the learner's Spec,
// the linked episode and the evaluation program:
//
//	task, err := link.NewTask(transformer, objectives, support, query)
//	programs, err := learner.Trace(config, task.Spec(optimizer, episodes, tasks))
//	episode, err := task.Episode(programs)
//
// A Writer is how a head of tokens writes a text, one token after the other.
//
// Every program returned is verified, free of calls and grads, and has its equal
// nodes merged: ready for reference.Compile.
package link
