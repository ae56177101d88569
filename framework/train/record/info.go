package record

import (
	"fmt"
	"regexp"
	"time"
)

// A Status says how far a run is.
type Status string

// The statuses of a run.
const (
	Running     Status = "running"
	Done        Status = "done"
	Failed      Status = "failed"
	Interrupted Status = "interrupted" // stopped by a signal, after saving
	// Killed is never written: it is what Run.State reports for a run that is
	// recorded as running although its process is gone.
	Killed Status = "killed"
)

// Info is what run.json holds.
type Info struct {
	Format     int    `json:"format"`
	Experiment string `json:"experiment"`
	ID         string `json:"id"`
	Seed       uint64 `json:"seed"`
	Runner     string `json:"runner"`     // version of the program
	Go         string `json:"go"`         // version of Go that built it
	Arithmetic string `json:"arithmetic"` // what decides about the bits
	Status     Status `json:"status"`
	Error      string `json:"error,omitempty"` // why it failed
	// Compiled is how many programs the process that ended the run compiled, and how long
	// that took.
	Compiled       int       `json:"compiled,omitempty"`
	CompileSeconds float64   `json:"compile_seconds,omitempty"`
	Started        time.Time `json:"started"`
	Ended          time.Time `json:"ended,omitzero"`
}

// folderName is what a path segment that we make may be.
var folderName = regexp.MustCompile(`^[\pL\pN_][\pL\pN_.+-]{0,99}$`)

func (i *Info) check() error {
	if err := checkFolderName("experiment", i.Experiment); err != nil {
		return err
	}
	if err := checkFolderName("id", i.ID); err != nil {
		return err
	}
	switch i.Status {
	case Running, Done, Failed, Interrupted:
	default:
		return fmt.Errorf("status %q, want %s, %s, %s or %s", i.Status, Running, Done, Failed,
			Interrupted)
	}
	if i.Started.IsZero() {
		return fmt.Errorf("the time it started is missing")
	}
	return nil
}

func checkFolderName(what, name string) error {
	if !folderName.MatchString(name) {
		return fmt.Errorf("%s %q cannot name a folder: want a letter, digit or \"_\", then at most 99 "+
			"of these, \".\", \"+\" and \"-\"", what, name)
	}
	return nil
}

// A Plugin is one that took part in a run.
type Plugin struct {
	Kind     string `json:"kind"` // task, head or metalearner
	Name     string `json:"name"`
	Version  string `json:"version"`
	Protocol int    `json:"protocol"`
	Digest   string `json:"digest"` // "go:" and that of its source, or "file:" and its executable's
	Source   string `json:"source"` // as the experiment names it
}

// pluginList is what plugins.json holds.
type pluginList struct {
	Format  int      `json:"format"`
	Plugins []Plugin `json:"plugins"`
}

func (l *pluginList) check() error {
	for i, p := range l.Plugins {
		if p.Kind == "" || p.Name == "" {
			return fmt.Errorf("plugin %d: kind %q and name %q, want both", i, p.Kind, p.Name)
		}
	}
	return nil
}
