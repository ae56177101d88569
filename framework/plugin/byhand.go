package plugin

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"quickstudy/framework/plugin/wire"
)

// byHand is what a plugin does when no host has started it: status 0 when asked
// for help or a description, 2 otherwise.
func byHand(b *backend, args []string, stdout, stderr io.Writer) int {
	d, err := b.description()
	if err != nil {
		fmt.Fprintf(stderr, "%s %q: the configuration cannot be described: %v\n", b.kind, b.name,
			err)
		return 1
	}
	command := ""
	if len(args) > 1 {
		command = args[1]
	}
	switch command {
	case "describe":
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(describedByHand{Describe(d), ThisBuild()}); err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
		return 0
	case "help", "-h", "-help", "--help":
		page(stdout, d, args[0])
		return 0
	}
	page(stderr, d, args[0])
	return 2
}

// page tells a person what this executable is.
func page(w io.Writer, d wire.Description, path string) {
	name := filepath.Base(path)
	fmt.Fprintf(w, `%s is the %s plugin %q of quickstudy, version %s, protocol %d.
%s

It is started by the runner, for an experiment that names it:

    plugins {
      %s %q { source = %q }
    }

By hand:

    %s describe                   what it is and what its block may hold, as JSON
    runner plugins describe %s    the same for reading
`, name, d.Kind, d.Name, d.Version, d.Protocol, d.Doc, d.Kind, d.Name, path, path, path)
}

// describedByHand is what the argument "describe" prints.
type describedByHand struct {
	Described
	Build Build `json:"build"`
}
