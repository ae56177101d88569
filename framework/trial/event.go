package trial

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/train"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// An Event is something that happened in a trial: one of the types below.
type Event interface{ event() }

// Warned is about what the experiment or its data have that does no harm.
type Warned struct {
	Diagnostics hcl.Diagnostics
	Files       map[string]*hcl.File // for rendering
}

// Initialized says which initial values come from elsewhere.
type Initialized struct{ Loaded *train.Loaded }

// Created tells of the folder of a new run.
type Created struct{ Dir string }

// Resumed tells of a run that goes on.
type Resumed struct {
	Dir string
	// Saved is whether there is a checkpoint to go on from; Step is its step, and 0
	// where the run starts anew.
	Saved bool
	Step  int
}

// Advanced tells of a step of training or of a validation.
type Advanced struct {
	Alone string // the objective that a model is trained for alone; "": all
	First int    // the step at which training began or went on
	train.Progress
}

// Trained tells of the end of training, before the evaluation.
type Trained struct {
	Steps  int // done since it began or went on
	Took   time.Duration
	Last   int // the number of the last step
	Chosen int // the step whose state is evaluated, the best on validation
	// Compilations are those until then.
	Compilations program.Compilations
}

// Scored tells of draws that were scored for a part of the report, for the validation, or
// of settings that were checked before training.
type Scored struct {
	Part        string
	Done, Total int
}

// Encoded says at the end of a run what encoding its data has come to.
type Encoded struct {
	Data   []record.Encoding
	Shapes int // of an element that programs were made for, here, since the run began or went on
}

func (Warned) event()      {}
func (Initialized) event() {}
func (Created) event()     {}
func (Resumed) event()     {}
func (Advanced) event()    {}
func (Trained) event()     {}
func (Scored) event()      {}
func (Encoded) event()     {}

// InterruptedError is why a run was stopped from outside: it is saved and can be
// resumed. It wraps train.ErrInterrupted.
type InterruptedError struct {
	Dir  string // of the run
	Step int    // the last one that is done
}

func (e *InterruptedError) Error() string {
	return fmt.Sprintf("interrupted after step %d, and saved", e.Step)
}

func (e *InterruptedError) Unwrap() error { return train.ErrInterrupted }
