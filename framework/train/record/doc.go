// Package record keeps what a run leaves behind, one folder per run:
//
//	runs/<experiment>/<id>/
//	  run.json        what ran: seed, versions, arithmetic, status, times
//	  resolved.hcl    the experiment with every default and variable filled in
//	  plugins.json    the plugins, by digest
//	  data.json       what it learns from: each task's digest, origin and licence
//	  tokenizers/     <name>.json each, as package text saves them
//	  initial.safetensors  the values that it starts from, where these come from elsewhere
//	  metrics.jsonl   one JSON object a line, in the order of the steps
//	  encoding.json   what padding and truncation came to, and in how many shapes
//	  results.json    the final tables
//	  episodes.json   each evaluation episode's score, for paired comparisons
//	  checkpoints/    see package checkpoint
//	  single_task/    <task>/<objective>/ each, the checkpoints of a model of it alone
//	  lock            which process is writing here
//
// A process that trains creates the run, or opens and locks it to go on:
//
//	run, err := record.Open(dir)
//	data, err := run.Data()               // of a new run: run.WriteData(data, tokenizers)
//	err = run.Lock()                      // refused while another process holds it
//	err = run.Truncate(lines)             // drop those that will be written again
//	err = run.SetStatus(record.Running, nil)
//	err = run.Append(record.Line{Step: 501, Event: "train", Values: values})
//	err = run.Sync()                      // before each checkpoint
//	err = run.SetStatus(record.Done, nil)
//	err = run.Close()
//
// For a resumed run to leave the same metrics as one that never stopped, write
// the lines of a step, call Sync, and only then save the step's checkpoint, with
// the number of lines in it: those are then all there, and later ones are removed
// and written again.
//
// Files are replaced whole or appended to by the line, so that a reader never
// finds half of one; the last line of the metrics alone may be torn and is then
// left out. Whatever is read may come from elsewhere: sizes, versions, types and
// counts are checked, and a mistake is an error that names the file.
package record
