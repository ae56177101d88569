package trial_test

import (
	"context"
	"fmt"
	"log"

	"quickstudy/framework/session"
	"quickstudy/framework/trial"
)

// A run of an experiment, told step by step, whose tables are taken as values.
func Example() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop() // before the end of Run: the step under way is finished and saved
	s, diags, err := session.Open(ctx, "few_shot.hcl", session.Options{})
	if err != nil || diags.HasErrors() {
		s.Close()
		log.Print(diags, err)
		return
	}
	defer s.Close()
	t, err := trial.Open(ctx, trial.Config{Session: s, Watch: func(e trial.Event) {
		if e, ok := e.(trial.Advanced); ok {
			fmt.Println(e.Step, e.Values["loss"])
		}
	}})
	if err != nil {
		log.Print(err)
		return
	}
	defer t.Close()
	if err := t.Create(ctx, "runs"); err != nil {
		log.Print(err)
		return
	}
	result, err := t.Run(ctx)
	if err != nil {
		log.Print(err)
		return
	}
	for _, table := range result.Tables {
		fmt.Println(table.Title, len(table.Rows))
	}
}
