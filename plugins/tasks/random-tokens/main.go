// Plugin random-tokens is a task with nothing to learn: sequences of random words,
// each of a random class. Its shapes are chosen to the token, so that the time of a
// step can be measured and compared without any data. With rule = 1, 2, ... about half of
// a sequence's words tell its class: tasks of one rule can learn from each other, tasks of
// different rules cannot.
//
//	task "random-tokens" "noise" {
//	  classes    = 5
//	  vocabulary = 998
//	  length     = 32
//	  ...
//	}
//
// A record has the fields "tokens", words w0, w1, ... drawn uniformly, and "class",
// c0, c1, ..., all equally frequent. It is a function of the seed and its id alone.
// The splits are published: split { by = "source" } keeps every class in each.
//
// The tokenizer's vocabulary holds two entries beside the words, so that
// vocabulary = 998 makes an embedding of exactly 1000 rows, provided that there are
// enough training records for every word to occur.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(randomTokens) }
