// Plugin text is a task of labelled texts read from files: JSON Lines, CSV,
// tab-separated values without quotes (as GLUE publishes them), Parquet, dialogues, and the JSON
// of CLINC150 with its out-of-scope queries and domains, and of RESTAURANTS-8K.
//
//	task "text" "intents" {
//	  format  = "clinc150"
//	  path    = "data/clinc150/data_full.json"
//	  domains = "data/clinc150/domains.json"
//	  ...
//	}
//
// A record has the field "text" and one class field for every label; and, by the names of
// their columns, further texts, numbers, sets of classes, spans of the text, and words with
// tags. A list is one of JSON, or a string whose items white space separates:
//
//	{"text": "book a table for two", "words": ["book", "a", "table", "for", "two"],
//	 "tags": "O O O O B-people", "topics": ["food"], "party": [17, 20], "rating": 0.5}
//
// With format = "dialogue" a line is a dialogue, of which every turn of a speaker who answers is
// a record: "text" is what was said before, each turn after a word that stands for its speaker
// ("xxuser"), and "reply" is the turn. A head that writes and reads both learns the reply alone:
//
//	{"turns": [{"speaker": "user", "text": "hello"}, {"speaker": "system", "text": "hi"}]}
//
//	inputs { tokens = ["text", "reply"] }
//	predict "answer" { head = head.writer  target = "reply" }
//
// format = "restaurants8k" makes such dialogues of RESTAURANTS-8K's utterances (Coope et al.
// 2020, https://arxiv.org/abs/2005.08866), whose reply names the slots; "words" and "tags" are
// those of the utterance.
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(text) }
