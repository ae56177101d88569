// Plugin semantic-parsing is a task of sentences and what they mean, written in a language of
// actions or of logic: SCAN (Lake & Baroni 2018, https://arxiv.org/abs/1711.00350), which is made
// from its grammar and needs no data, files of columns such as those of COGS (Kim & Linzen 2020,
// https://arxiv.org/abs/2010.05465), and the logical forms of GeoQuery (Zelle & Mooney 1996) as
// published by Finegan-Dollak et al. 2018, https://arxiv.org/abs/1806.09029.
//
//	task "semantic-parsing" "commands" {
//	  division = "addprim_jump"
//	  inputs "command" { tokens = "input" }
//	  inputs "written" { tokens = "output" }
//	  predict "actions" { head = head.actions  target = "output" }
//	  batches { size = 64 }
//	}
//
// A record has the texts "input" and "output", and, of a file with three columns, the class
// "type". With permuted = true the task makes episodes in which the four primitive commands
// of SCAN change their meanings (Lake 2019, https://arxiv.org/abs/1906.05381), and a record has
// those of its episode in the text "support", too.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(semanticParsing) }
