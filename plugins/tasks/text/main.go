// Plugin text is a task of labelled texts read from files: JSON Lines, CSV,
// tab-separated values without quotes (as GLUE publishes them), Parquet, and the JSON of
// CLINC150 with its out-of-scope queries and domains.
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
package main

import "quickstudy/framework/plugin"

func main() { plugin.Serve(text) }
