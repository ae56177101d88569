package main

import (
	"fmt"
	"math"
	"sync"
	"time"

	"quickstudy/framework/train"
)

// A meter tells how far the work is: in one line that is rewritten on a terminal,
// elsewhere in a line every so often.
type meter struct {
	c     *console
	what  string // before what is told
	first int    // the step at which training begins or goes on

	mu   sync.Mutex
	last time.Time // that something was told
}

// Time between lines where nothing can be rewritten, and between those that are.
const (
	plainEvery  = 10 * time.Second
	statusEvery = 100 * time.Millisecond
)

func newMeter(c *console, what string) *meter { return &meter{c: c, what: what, last: time.Now()} }

// progress tells of a step of training or a validation.
func (m *meter) progress(p train.Progress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p.Event == "validation" {
		selected := ""
		if p.Selected {
			selected = ", the best so far"
		}
		fmt.Fprintf(m.c.screen, "%sstep %d: validation %.4f%s\n", m.what, p.Step, p.Values["score"],
			selected)
		return
	}
	text := fmt.Sprintf("%sstep %d of %d", m.what, p.Step, p.Steps)
	if loss, ok := p.Values["loss"]; ok {
		text += fmt.Sprintf(", loss %.4f", loss)
	}
	m.tell(text + ", " + left(p.Seconds, p.Step-m.first, p.Steps-p.Step))
}

// left estimates how long the rest takes.
func left(seconds float64, done, rest int) string {
	each := seconds / math.Max(1, float64(done))
	return fmt.Sprintf("%.3g s a step, %v left", each,
		time.Duration(each*float64(rest)*float64(time.Second)).Round(time.Second))
}

// part tells of draws scored.
func (m *meter) part(done, total int) { m.report(m.what, done, total) }

// report tells of draws scored in a part of a report.
func (m *meter) report(part string, done, total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text := fmt.Sprintf("%s: %d of %d", part, done, total)
	if done == total {
		m.c.screen.Status("")
		return
	}
	m.tell(text)
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
