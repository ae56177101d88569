package plugin

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"quickstudy/framework/plugin/wire"
	"quickstudy/framework/schema"
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
		if err := encoder.Encode(describe(d)); err != nil {
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

// buildVersion is the version of the plugin's module as it was built.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// The description as JSON; cty types and values are printed, not encoded.
type describedPlugin struct {
	Kind         string               `json:"kind"`
	Name         string               `json:"name"`
	Version      string               `json:"version"`
	Doc          string               `json:"doc"`
	Protocol     int                  `json:"protocol"`
	Capabilities []string             `json:"capabilities"`
	Attributes   []describedAttribute `json:"attributes"`
	Build        describedBuild       `json:"build"`
}

type describedAttribute struct {
	Name     string               `json:"name"`
	Type     string               `json:"type"`
	Required bool                 `json:"required"`
	Default  json.RawMessage      `json:"default,omitempty"`
	Min      *float64             `json:"min,omitempty"`
	Max      *float64             `json:"max,omitempty"`
	MinOpen  bool                 `json:"min_open,omitempty"`
	MaxOpen  bool                 `json:"max_open,omitempty"`
	OneOf    []string             `json:"one_of,omitempty"`
	Unit     string               `json:"unit,omitempty"`
	Doc      string               `json:"doc,omitempty"`
	Example  string               `json:"example,omitempty"`
	Nested   []describedAttribute `json:"nested,omitempty"`
}

type describedBuild struct {
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Module   string `json:"module,omitempty"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"`
}

func describe(d wire.Description) describedPlugin {
	build := describedBuild{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		build.Module = info.Main.Path
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				build.Revision = s.Value
			case "vcs.modified":
				build.Modified = s.Value == "true"
			}
		}
	}
	return describedPlugin{
		Kind: d.Kind, Name: d.Name, Version: d.Version, Doc: d.Doc, Protocol: d.Protocol,
		Capabilities: append([]string{}, d.Capabilities...),
		Attributes:   describeAttributes(d.Schema.Attributes), Build: build,
	}
}

func describeAttributes(attributes []schema.Attribute) []describedAttribute {
	out := []describedAttribute{}
	for _, a := range attributes {
		kind := a.Type.FriendlyName()
		if a.Schedule && a.Type.Equals(schema.ScheduleType) {
			kind = "schedule"
		}
		described := describedAttribute{
			Name: a.Name, Type: kind, Required: a.Required, Min: a.Min, Max: a.Max,
			MinOpen: a.MinOpen, MaxOpen: a.MaxOpen, OneOf: a.OneOf, Unit: a.Unit, Doc: a.Doc,
			Example: a.Example,
		}
		if a.Default != cty.NilVal {
			if text, err := ctyjson.Marshal(a.Default, a.Type); err == nil {
				described.Default = text
			}
		}
		if len(a.Nested) > 0 {
			described.Nested = describeAttributes(a.Nested)
		}
		out = append(out, described)
	}
	return out
}
