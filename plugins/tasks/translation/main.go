// Plugin translation is a task of sentences and their translations, in one or several pairs of
// languages, from a file for each language or one table.
//
//	task "translation" "captions" {
//	  pairs = ["en-de", "en-fr"]
//	  mark  = true
//	  path  = "data/multi30k/train.{}.gz"
//	  test  = "data/multi30k/test_2016_flickr.{}.gz"
//	  inputs "read"    { tokens = "source" }
//	  inputs "written" { tokens = "target" }
//	  predict "translation" { head = head.translation  target = "target" }
//	  batches { size = 64  by_length = true }
//	}
//
// A record has the texts "source" and "target", and the class "pair". With mark = true a source
// begins with a word that says which language is wanted, as by Johnson et al. 2017,
// https://arxiv.org/abs/1611.04558: to_de, to_fr.
//
// With shots the task makes episodes of one pair each: what is adapted on are sentences of the
// training files, what is judged is of the split's own. Pairs that are unseen are tested alone.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(translation) }
