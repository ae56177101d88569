// Package predict says what a trained run predicts of records that it has not seen.
//
//	t, err := trial.Open(ctx, trial.Config{Session: s})
//	state, err := t.Restore(ctx, run)
//	p, err := predict.New(ctx, t, state, predict.Options{Support: support})
//	lines := p.Lines("queries.jsonl", file)
//	for {
//		records, err := lines.Next(p.Most()) // io.EOF at the end
//		answers, err := p.Predict(ctx, records)
//	}
//
// Records are JSON Lines: an object in each, with a member for every field of the task's
// data that its inputs read. A support, which a few-shot run adapts to, has those that it
// predicts, too; whatever else is there is not read. What is wrong with a line is told with
// the name of the file and the line's number, and no line is left out.
package predict
