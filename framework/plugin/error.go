package plugin

import (
	"fmt"
	"strings"
)

// Error is the failure of a plugin: it could not be started, ended, did not
// answer, panicked, or reported a mistake. The command line exits with status
// 4 on it, unless the mistake is the experiment's.
type Error struct {
	Kind, Name string   // as in the plugins block: head "classification"
	Version    string   // of the plugin's module; "": of what was not started
	Path       string   // executable
	Call       string   // call in flight: "start", "Trace", ...
	Reason     string   // what happened: "exited with status 3"
	Stack      string   // when the plugin's code panicked
	Stderr     []string // its last lines, when it ended or never started
	Advice     string   // what to do
	// Answered: it works, and answered with an error of its author's, such as that a
	// file is missing.
	Answered bool
	Err      error // cause in the host, may be nil
}

// Error prints the failure in one line, followed by the stack, the last lines
// that the plugin wrote, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q", e.Kind, e.Name)
	if e.Version != "" {
		fmt.Fprintf(&b, " (%s)", strings.Trim(e.Version, "()")) // Go's (devel) has its own
	}
	fmt.Fprintf(&b, ": %s: %s", e.Call, e.Reason)
	if e.Stack != "" {
		b.WriteString("\n  stack of the plugin:")
		for line := range strings.Lines(e.Stack) {
			b.WriteString("\n    " + strings.TrimRight(line, "\n"))
		}
	}
	if len(e.Stderr) > 0 {
		b.WriteString("\n  last lines that it wrote:")
		for _, line := range e.Stderr {
			b.WriteString("\n    " + line)
		}
	}
	if e.Advice != "" {
		b.WriteString("\n  " + e.Advice)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }
