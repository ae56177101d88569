// Plugin question-answering is a task of questions about passages, whose answers are spans of
// them: SQuAD 1.1 and 2.0 (Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250, and 2018,
// https://arxiv.org/abs/1806.03822), the slots of RESTAURANTS-8K (Coope et al. 2020,
// https://arxiv.org/abs/2005.08866), or passages that are made up, in which no sentence
// answers the question alone.
//
//	task "question-answering" "squad" {
//	  path = "data/squad/train-v2.0.json"
//	  test = "data/squad/dev-v2.0.json"
//	  inputs { tokens = ["question", "passage"] }
//	  predict "answer" { head = head.answer  target = "answer" }
//	}
//
// A record has the texts "question" and "passage", the span "answer" of the passage, or none
// where it does not answer, and a class: "title", the article of a passage; "slot", what
// is asked for of an utterance; "kind", whether a passage that is made up has the answer. Of
// these a record has also the spans "thing", "holder" and "person", which lead to the answer.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(questionAnswering) }
