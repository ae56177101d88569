package trial

import (
	"context"
	"errors"
	"fmt"

	"quickstudy/framework/train"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// Restored is a state of a run.
type Restored struct {
	State program.Values
	Step  int // of training that made it
	// Last is the step of the checkpoint: the run was trained no further, and the state was
	// the best on validation until then.
	Last int
}

// Restore makes the model of a run and loads the state that is evaluated: the best on
// validation, or the last where none is chosen. The run is only read, and may be under
// way. Its plugins and data must be those that it began with. A state that was computed by
// another arithmetic will do.
func (t *Trial) Restore(ctx context.Context, run *record.Run) (*Restored, error) {
	found, err := checkpoint.Latest(run.Checkpoints())
	if errors.Is(err, checkpoint.ErrNone) {
		return nil, fmt.Errorf("run %s has no checkpoint yet: there is no state to take (%w)", run.Dir(),
			err)
	}
	if err != nil {
		return nil, err
	}
	for _, err := range found.Skipped {
		t.config.Logger.Warn().Err(err).Msg("a later checkpoint is passed over")
	}
	t.run = run
	if err := t.samePlugins("predict"); err != nil {
		return nil, err
	}
	if err := t.sameData(); err != nil {
		return nil, err
	}
	if err := t.Trace(ctx); err != nil {
		return nil, err
	}
	found.Arithmetic = t.model.Arithmetic()
	loop, err := train.New(t.Training(t.model))
	if err != nil {
		return nil, err
	}
	if err := loop.Restore(found.Checkpoint); err != nil {
		return nil, err
	}
	state, step := loop.Best()
	return &Restored{State: state, Step: step, Last: loop.Step()}, nil
}
