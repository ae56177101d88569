// Package trial is the run of an experiment: from a session to trained and evaluated
// states in a run's folder.
//
//	t, err := trial.Open(ctx, trial.Config{Session: s, Watch: watch})
//	defer t.Close()
//	err = t.Create(ctx, "runs")          // or t.Resume(ctx, run)
//	result, err := t.Run(stop)           // trains, evaluates, records
//
// It prints nothing. What a person may want to know while it works is an Event; what is
// wrong with the experiment is an *experiment.InvalidError; a run that was stopped from
// outside and is saved, an *InterruptedError.
package trial
