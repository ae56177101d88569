package main

import (
	"fmt"
	"math"
	"sync"
	"time"

	"quickstudy/framework/train"
	"quickstudy/framework/trial"
)

// A meter tells what a trial does: how far it is in one line that is rewritten on a
// terminal, elsewhere in a line every so often.
type meter struct {
	c    *console
	stop func() // stops the trial softly

	mu   sync.Mutex
	last time.Time // that something was told
}

// Time between lines where nothing can be rewritten, and between those that are.
const (
	plainEvery  = 10 * time.Second
	statusEvery = 100 * time.Millisecond
)

func newMeter(c *console) *meter { return &meter{c: c, last: time.Now()} }

// watch tells of an event.
func (m *meter) watch(e trial.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.c.screen
	switch e := e.(type) {
	case trial.Warned:
		_ = m.c.diagnose(e.Diagnostics, e.Files) // warnings are not worth an error
	case trial.Initialized:
		fmt.Fprintf(out, "initial values: %v\n", e.Loaded)
	case trial.Created:
		fmt.Fprintf(out, "run %s\n", shown(e.Dir))
	case trial.Resumed:
		if e.Saved {
			fmt.Fprintf(out, "run %s, after step %d\n", shown(e.Dir), e.Step)
		} else {
			fmt.Fprintf(out, "run %s has no checkpoint to go on from and starts anew\n", shown(e.Dir))
		}
	case trial.Advanced:
		m.advanced(e)
	case trial.Trained:
		m.trained(e)
	case trial.Scored:
		if e.Done == e.Total {
			out.Status("")
			return
		}
		m.tell(fmt.Sprintf("%s: %d of %d", e.Part, e.Done, e.Total))
	case trial.Encoded:
		for _, one := range e.Data {
			fmt.Fprintf(out, "%v\n", one)
		}
		fmt.Fprintf(out, "shapes compiled: %d\n", e.Shapes)
	}
}

// advanced tells of a step of training or a validation.
func (m *meter) advanced(e trial.Advanced) {
	alone := ""
	if e.Alone != "" {
		alone = e.Alone + " alone, "
	}
	if e.Event == "validation" {
		selected := ""
		if e.Selected {
			selected = ", the best so far"
		}
		fmt.Fprintf(m.c.screen, "%sstep %d: validation %.4f%s\n", alone, e.Step, e.Values["score"],
			selected)
		return
	}
	m.step(alone, e.First, e.Progress)
}

// step tells of a step of training; what is before it.
func (m *meter) step(what string, first int, p train.Progress) {
	text := fmt.Sprintf("%sstep %d of %d", what, p.Step, p.Steps)
	if loss, ok := p.Values["loss"]; ok {
		text += fmt.Sprintf(", loss %.4f", loss)
	}
	m.tell(text + ", " + left(p.Seconds, p.Step-first, p.Steps-p.Step))
}

// benched tells of a step that is measured.
func (m *meter) benched(what string, p train.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.step(what, 0, p)
}

// trained tells of the end of training. A signal now breaks off the evaluation.
func (m *meter) trained(e trial.Trained) {
	m.c.soften(m.stop, "the training is saved, and runner resume evaluates it again")
	if e.Steps > 0 {
		fmt.Fprintf(m.c.screen, "trained %d steps in %v; compiled %d programs in %.2g s\n", e.Steps,
			e.Took.Round(time.Second), e.Compilations.Compiled, e.Compilations.Seconds)
	}
	if e.Chosen < e.Last {
		fmt.Fprintf(m.c.screen, "evaluating the state after step %d, the best on validation\n",
			e.Chosen)
	}
}

// left estimates how long the rest takes.
func left(seconds float64, done, rest int) string {
	each := seconds / math.Max(1, float64(done))
	return fmt.Sprintf("%.3g s a step, %v left", each,
		time.Duration(each*float64(rest)*float64(time.Second)).Round(time.Second))
}

// tell shows a line; m.mu is held.
func (m *meter) tell(text string) {
	every := plainEvery
	if m.c.screen.terminal {
		every = statusEvery
	}
	if time.Since(m.last) < every {
		return
	}
	m.last = time.Now()
	if m.c.screen.terminal {
		m.c.screen.Status(text)
	} else {
		fmt.Fprintln(m.c.screen, text)
	}
}
