package main

import "quickstudy/framework/task"

// config is the attributes of the plugin's block.
type config struct {
	Path       string   `config:"path,required,path" doc:"the file of the training split, or of all records" example:"data/train.jsonl"`
	Validation string   `config:"validation,path" doc:"the file of the validation split, if there is one"`
	Test       string   `config:"test,path" doc:"the file of the test split, if there is one"`
	Format     string   `config:"format" doc:"how the files are written; clinc150 is one file of all splits, dialogue JSON Lines of turns" oneof:"jsonl,csv,tsv,parquet,clinc150,dialogue,restaurants8k"`
	Header     bool     `config:"header" doc:"csv and tsv: the first line names the columns; otherwise their names are 1, 2, ..."`
	Text       string   `config:"text" doc:"the column or member that holds the text"`
	Labels     []string `config:"labels" doc:"the columns or members that hold classes; an empty one is not labelled"`
	Texts      []string `config:"texts" doc:"further columns that hold texts, such as the other of a pair"`
	Values     []string `config:"values" doc:"the columns that hold numbers; an empty one is not labelled"`
	LabelSets  []string `config:"label_sets" doc:"the columns that hold any number of classes"`
	Spans      []string `config:"spans" doc:"the columns that hold a span of the text, its start and end in characters, or nothing"`
	Words      string   `config:"words" doc:"the column that holds words; without a column of texts (text = \"\") they are the text"`
	Tags       string   `config:"tags" doc:"the column that holds a tag for every word"`
	Answers    []string `config:"answers" doc:"dialogue: the speakers whose turns are replies, to all that was said before"`
	Domains    string   `config:"domains,path" doc:"clinc150: the file that gives the intents of every domain"`
	OutOfScope string   `config:"out_of_scope" doc:"clinc150: out-of-scope queries have no intent and no domain, have an intent and a domain of their own, or are left out" oneof:"unlabelled,class,exclude"`
	Licence    string   `config:"licence" doc:"the licence of the data, for reports"`
	Origin     string   `config:"origin" doc:"who made the data and where it is found, for reports and for the message that a file is missing"`
}

var defaults = config{
	Format:     "jsonl",
	Header:     true,
	Text:       "text",
	Labels:     []string{"label"},
	Answers:    []string{"system"},
	OutOfScope: "unlabelled",
}

var text = task.Define(
	"text",
	"labelled texts, or dialogues, from JSON Lines, CSV, TSV, Parquet or published files",
	defaults,
	open,
)
