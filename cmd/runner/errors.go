package main

import (
	"errors"
	"fmt"

	"quickstudy/framework/experiment"
	"quickstudy/framework/plugin"
	"quickstudy/framework/terminal"
)

// Statuses to exit with; an interrupted process adds the signal's number to 128.
const (
	statusFailed  = 1
	statusUsage   = 2
	statusInvalid = 3
	statusPlugin  = 4
)

// usageError is a wrong command line.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// quietError has a status, and has been reported already.
type quietError struct{ status int }

func (e quietError) Error() string { return fmt.Sprintf("status %d", e.status) }

// tell prints an error, whose text may hold what others wrote.
func (c *console) tell(err error) {
	fmt.Fprintf(c.screen, "runner: %s\n", terminal.Text(err.Error()))
}

// report prints why the work ended, unless it is done, and returns the status.
func (c *console) report(err error) int {
	c.screen.Status("")
	var usage usageError
	var invalid *experiment.InvalidError
	var failure *plugin.Error
	var quiet quietError
	var stopped *interruptedError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &quiet):
		return quiet.status
	case errors.As(err, &stopped) && c.signal.Load() != 0:
		c.tell(err)
		return 128 + int(c.signal.Load())
	case errors.As(err, &usage):
		c.tell(err)
		return statusUsage
	case c.signal.Load() != 0 && c.context.Err() != nil: // whatever broke off first
		fmt.Fprintln(c.screen, "runner: interrupted")
		return 128 + int(c.signal.Load())
	case errors.As(err, &invalid):
		if err := c.diagnose(invalid.Diagnostics, invalid.Files); err != nil {
			return statusFailed
		}
		if invalid.Failure != nil {
			c.tell(invalid.Failure)
		}
		return statusInvalid
	case errors.As(err, &failure):
		c.tell(err)
		return statusPlugin
	}
	c.tell(err)
	return statusFailed
}
