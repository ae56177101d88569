// Package sampling turns a task's records into the episodes and batches that a
// step trains on, as named host arrays.
//
// Everything drawn is a pure function of (seed, split, index): any worker can
// draw any episode, in any order, before or after a restart, and gets the same
// records. There is no generator to advance and no position to save.
//
//	pool, err := sampling.NewPool(data, config)           // reads, divides, removes duplicates
//	texts, err := pool.Texts("train", "text")             // what a vocabulary may be trained on
//	config.Inputs[0].Tokenizer, err = text.Train(options, slices.Values(texts))
//	task, err := sampling.NewTask(pool, config)
//	draw, err := task.Draw("train", 17)                   // ids of episode or batch 17
//	episode, err := task.Encode(draw)                     // its arrays, tokenised and padded
//
// An ordinary batch is an episode without support. Its arrays are cut into the
// elements of a step by Batch.Cut; sums over the elements equal sums over the
// batch, because every mean is a sum of weights times an inverse that is
// computed over the whole batch.
//
// Shapes are padded to buckets that grow by factors of two, so that few
// programs are compiled: Statistics counts how many, and what padding costs.
package sampling
