package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"time"

	"github.com/rs/zerolog"
	"gorgonia.org/tensor"

	"quickstudy/framework/meta"
	"quickstudy/framework/sampling"
	"quickstudy/framework/schema"
	"quickstudy/framework/train/evaluation"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// ErrInterrupted is wrapped by the error of a run that was stopped from outside,
// after it has saved: Restore and Run go on where it was.
var ErrInterrupted = errors.New("interrupted")

// Config is a training run.
type Config struct {
	Model *program.Model
	Seed  uint64 // of initial values and random keys
	Plan  sampling.Plan
	Rate  schema.Schedule // of the optimizer
	// TaskRates are the tasks' own, by position in the model; nil: 1, all of them.
	TaskRates []TaskRates
	Steps     int
	// Workers is the number of elements computed at a time; 0: as many as there
	// are processors. It changes no bit of what is computed.
	Workers int
	// CheckpointEvery is the number of steps between checkpoints; 0: only at the
	// end and when interrupted. Keep is how many are kept, 0: all.
	CheckpointEvery, Keep int
	// Every is the number of steps between validations, and the last step is
	// validated too; 0: none. Validate scores a state, that after so many steps. It
	// is a pure function of both, so that the validation that an interruption cut short can be
	// made again; it should return soon after its context is cancelled.
	Every    int
	Validate func(ctx context.Context, state program.Values, step int) (Validation, error)
	// Initial replaces the initial values of leaves, by address.
	Initial map[string][]float64
	// Run receives metrics and checkpoints. It is locked, its metrics are written
	// by the loop alone while it runs, and its status is the caller's. nil: no metrics
	// are kept.
	Run *record.Run
	// Checkpoints is a folder for checkpoints, which the loop alone writes to; "": the
	// run's, or none without a run.
	Checkpoints string
	// Progress, unless nil, is told what each line of the metrics says.
	Progress func(Progress)
	Logger   zerolog.Logger
}

// Validation is how good a state is.
type Validation = evaluation.Validation

// Progress is what was measured at a step.
type Progress struct {
	Step, Steps int
	Event       string // "train" or "validation"
	Values      map[string]float64
	Selected    bool    // of a validation: the best so far
	Seconds     float64 // since Run was called
}

// Loop is a training run in progress. Its methods must not be called at the same
// time, except from Validate and Progress.
type Loop struct {
	config            Config
	leaves            []leaf
	trained           []taskLeaves
	own               [][]leaf // by task
	norms             []normField
	compared          []normField    // between tasks
	kinds, afterKinds kinds          // of the contributions of both rounds
	presence          program.Values // what present returns
	yes, no           *tensor.Dense
	spare             program.Spare

	position
	state, slots program.Values
	weighed      meta.Weighed          // in the last step, where the learner weighs tasks
	encoded      []sampling.Statistics // of all steps, by task
	best         selection
	saved        position // of the last checkpoint
	started      time.Time
	asked        bool // some of the workers that were asked for may have nothing to do
}

// position is where a run is: the numbers that a checkpoint keeps.
type position struct {
	step      int64 // steps done
	validated int64 // the last step that was validated
	lines     int64 // of the metrics
	episodes  int64 // and batches, over all steps
	tokens    int64
}

// selection is the state that validation chose.
type selection struct {
	state program.Values // nil: none yet
	step  int64
	score float64
}

// New checks the configuration and makes the first state.
func New(config Config) (*Loop, error) {
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	asked := config.Workers > 0
	if !asked {
		config.Workers = runtime.GOMAXPROCS(0)
	}
	if config.Checkpoints == "" && config.Run != nil {
		config.Checkpoints = config.Run.Checkpoints()
	}
	l := &Loop{config: config, asked: asked, leaves: leavesOf(config.Model),
		trained: trainedLeaves(config.Model), norms: normFields(config.Model),
		kinds:      kindsOf(config.Model.Reduced()),
		afterKinds: kindsOf(config.Model.AfterReduced()), presence: program.Values{},
		yes: program.Bool(true), no: program.Bool(false), saved: position{step: -1},
		encoded: make([]sampling.Statistics, len(config.Model.Tasks()))}
	var err error
	if l.own, err = l.ownLeaves(); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	if l.state, err = config.Model.Initial(config.Seed, config.Initial); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	l.slots = config.Model.Slots()
	l.compared = pairFields(config.Model, l.trained)
	if err := findNonFinite(l.state); err != nil {
		return nil, fmt.Errorf("train: initial values: %w", err)
	}
	return l, nil
}

func (c *Config) check() error {
	for _, n := range []struct {
		name  string
		value int
	}{{"steps", c.Steps}, {"workers", c.Workers}, {"steps between checkpoints", c.CheckpointEvery},
		{"checkpoints kept", c.Keep}, {"steps between validations", c.Every}} {
		if n.value < 0 {
			return fmt.Errorf("%s: %d, want at least 0", n.name, n.value)
		}
	}
	if c.Every > 0 && c.Validate == nil {
		return fmt.Errorf("a validation every %d steps, and nothing to validate by", c.Every)
	}
	if got, want := len(c.Plan.Sizes), len(c.Model.Tasks()); got != want {
		return fmt.Errorf("the plan is for %d tasks, the model has %d", got, want)
	}
	if got, want := len(c.TaskRates), len(c.Model.Tasks()); got != 0 && got != want {
		return fmt.Errorf("rates of %d tasks, the model has %d", got, want)
	}
	leaves := map[string]bool{}
	for _, l := range c.Model.Leaves() {
		leaves[l.Address] = true
	}
	for address := range c.Initial {
		if !leaves[address] {
			return fmt.Errorf("an initial value is given for %q, which is no leaf of the model", address)
		}
	}
	picks, err := c.Plan.Step(0)
	if err != nil {
		return err
	}
	for _, v := range c.Model.Update().Params() {
		for _, r := range c.Model.Reduced() {
			if r.Name == v.Name && r.Reduction == meta.Stack && v.Shape[0] != len(picks) {
				return fmt.Errorf("a step has %d episodes, the model was made for %d", len(picks),
					v.Shape[0])
			}
		}
	}
	return nil
}

// Run trains from the present step to the last one. When ctx is cancelled it
// finishes the step, saves and returns an error that wraps ErrInterrupted. Run
// may be called again after that.
func (l *Loop) Run(ctx context.Context) error {
	l.started = time.Now()
	if l.config.Run != nil {
		if err := l.config.Run.Truncate(l.lines); err != nil {
			return fmt.Errorf("train: %w", err)
		}
	}
	runtime.GC() // of what the programs and the first state were made from
	w := newWorkers(l.config.Workers)
	defer w.close()
	f := newFeed(l.config, l.step, int64(l.config.Steps), l.config.Workers, l.ahead())
	defer f.close()
	for {
		err := l.validate(ctx)
		if err == nil {
			err = l.saveIfDue()
		}
		if err == nil && l.step == int64(l.config.Steps) {
			return nil
		}
		if err == nil && ctx.Err() == nil {
			err = l.advance(context.WithoutCancel(ctx), f, w)
		}
		if ctx.Err() != nil {
			return l.interrupted(ctx, err)
		}
		if err != nil {
			return err
		}
	}
}

// ahead is how many picks are prepared in advance: about a step, which hides the
// time of a task's process behind the computation.
func (l *Loop) ahead() int {
	const most = 64 // encoded episodes held in memory
	picks, _ := l.config.Plan.Step(0)
	return min(max(len(picks), 2*l.config.Workers), most)
}

// interrupted saves the last finished step. The step or validation under way may
// have failed because of what interrupted it, such as a signal to all processes.
func (l *Loop) interrupted(ctx context.Context, failed error) error {
	if err := l.save(); err != nil {
		// What was under way is not wrapped: it may be ctx's end, and then this error
		// would pass for a stop without a loss.
		err = fmt.Errorf("stopped after step %d, which could not be saved: %w", l.step, err)
		if failed != nil {
			err = fmt.Errorf("%w (stopped in: %v)", err, failed)
		}
		return err
	}
	if failed != nil && !errors.Is(failed, ctx.Err()) {
		return fmt.Errorf("%w after step %d: %w", ErrInterrupted, l.step, failed)
	}
	return fmt.Errorf("%w after step %d", ErrInterrupted, l.step)
}

// State returns the present state, state/<path>, which later steps leave as it is.
func (l *Loop) State() program.Values { return l.state.Clone() }

// Step returns how many steps have been done.
func (l *Loop) Step() int { return int(l.step) }

// Encoded returns what encoding the episodes and batches of all steps has come to, by task.
// Prepared ones that no step has used are not counted.
func (l *Loop) Encoded() []sampling.Statistics {
	encoded := make([]sampling.Statistics, len(l.encoded))
	for i, s := range l.encoded {
		encoded[i].Join(s)
	}
	return encoded
}

// Best returns the state that validation selected and its step; without a
// validation, the present ones.
func (l *Loop) Best() (state program.Values, step int) {
	if l.best.state == nil {
		return l.State(), l.Step()
	}
	return maps.Clone(l.best.state), int(l.best.step)
}
