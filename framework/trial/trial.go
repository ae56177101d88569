package trial

import (
	"context"
	"runtime"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/rs/zerolog"

	"quickstudy/framework/experiment"
	"quickstudy/framework/session"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/program"
	"quickstudy/framework/train/record"
)

// Config is what is run, and how.
type Config struct {
	Session *session.Session // open, without errors; closed by whoever opened it
	// Workers is the number of elements computed at a time; 0: one for each processor.
	// It changes no bit of the result.
	Workers int
	// OtherArithmetic has Resume go on with what was computed by another arithmetic: the
	// run is then no longer, to the last bit, one that never stopped.
	OtherArithmetic bool
	Watch           func(Event) // told what happens, by one goroutine at a time; nil: nobody
	Logger          zerolog.Logger
}

// Trial is an experiment that is about to be run, or is. Its methods must not be called
// at the same time.
type Trial struct {
	config  Config
	asked   int             // workers; 0: the choice was left to the trial
	context context.Context // of what is asked of plugins
	data    *session.Data
	model   *program.Model
	initial map[string][]float64 // values from elsewhere, by address; nil: none
	singles []single             // what the single-task row is trained as
	run     *record.Run          // nil until there is one
	from    *checkpoint.Checkpoint
}

// Open opens the experiment's data. ctx bounds all that is asked of plugins until the
// trial is closed.
func Open(ctx context.Context, config Config) (*Trial, error) {
	asked := config.Workers
	if config.Workers == 0 {
		config.Workers = runtime.GOMAXPROCS(0)
	}
	t := &Trial{config: config, asked: asked, context: ctx}
	data, diags, err := config.Session.Data(ctx)
	if err := t.judge(diags, err); err != nil {
		return nil, err
	}
	data.Limit = program.Limit{Bytes: freeMemory(), Workers: config.Workers}
	t.data = data
	return t, nil
}

// Prepare makes the model, and whatever would stop the run after training stops it now.
// Create and Resume do it.
func (t *Trial) Prepare(ctx context.Context) error {
	model, diags, err := t.data.Model(ctx)
	if model == nil || err != nil {
		return t.judge(diags, err)
	}
	t.model = model
	more, err := t.prepareRows(ctx)
	if diags = append(diags, more...); err != nil {
		return t.judge(diags, err)
	}
	loaded, more := t.loadInitial()
	if err := t.judge(append(diags, more...), nil); err != nil {
		return err
	}
	t.adopt(loaded)
	return nil
}

// Trace makes the model alone, without a look at what comes after training.
func (t *Trial) Trace(ctx context.Context) error {
	model, diags, err := t.data.Model(ctx)
	t.model = model
	return t.judge(diags, err)
}

// Data returns the experiment's data.
func (t *Trial) Data() *session.Data { return t.data }

// Model returns the experiment's programs, nil before Trace.
func (t *Trial) Model() *program.Model { return t.model }

// Close closes the run's folder and gives its lock back.
func (t *Trial) Close() error {
	if t.run == nil {
		return nil
	}
	return t.run.Close()
}

func (t *Trial) experiment() *experiment.Experiment { return t.config.Session.Experiment }

func (t *Trial) tell(e Event) {
	if t.config.Watch != nil {
		t.config.Watch(e)
	}
}

// judge makes one error of diagnostics and a failure, and tells of warnings.
func (t *Trial) judge(diags hcl.Diagnostics, failure error) error {
	if diags.HasErrors() {
		return &experiment.InvalidError{Diagnostics: diags, Files: t.config.Session.Files,
			Failure: failure}
	}
	if len(diags) > 0 {
		t.tell(Warned{Diagnostics: diags, Files: t.config.Session.Files})
	}
	return failure
}

// resolved is the text of the experiment as it is run. The micro-batch is written as it
// was chosen, when all tasks have the same: the order of sums must not change with a
// later version's choice.
func (t *Trial) resolved() []byte {
	exp := *t.experiment()
	var chosen []int
	for _, task := range t.data.Tasks {
		if task.Batched() {
			chosen = append(chosen, task.MicroBatch())
		}
	}
	if chosen = slices.Compact(chosen); len(chosen) == 1 {
		exp.Train.MicroBatch = chosen[0]
	}
	return experiment.Resolved(&exp)
}
