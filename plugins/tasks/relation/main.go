// Plugin relation is a task of sentences with two entities and the relation between them, as
// FewRel publishes them (Han et al. 2018, https://aclanthology.org/D18-1514, MIT licence).
//
//	task "relation" "wikipedia" {
//	  path = "data/fewrel/val_wiki.json"
//	  inputs { tokens = "words" }
//	  predict "relation" { head = head.relation  target = "relation" }
//	}
//
// A record has "words", the sentence with marker words around its entities (Baldini Soares
// et al. 2019, https://arxiv.org/abs/1906.03158, entity markers), the class "relation", and
// the texts "head" and "tail", the entities. Where an entity is mentioned several times the
// first mention is marked, or with markers = "all" each.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(relation) }
