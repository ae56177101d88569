package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"

	"quickstudy/framework/plugin"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/record"
)

// versions is what is behind the numbers that a run leaves.
type versions struct {
	Version  string `json:"version"` // of the module
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"` // the revision was
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Protocol int    `json:"plugin_protocol"`
	Run      int    `json:"run_format"`
	Saved    int    `json:"checkpoint_format"`
}

func version() *command {
	var asJSON bool
	return &command{
		name:     "version",
		summary:  "print versions of the runner and of what it reads",
		examples: []string{"runner version -json"},
		flags:    func(f *flag.FlagSet) { jsonFlag(f, &asJSON) },
		run: func(_ context.Context, c *console, _ []string) error {
			v := thisVersion()
			if asJSON {
				return printJSON(c.stdout, v)
			}
			revision := ""
			if v.Revision != "" {
				revision = " at " + v.Revision
			}
			if v.Modified {
				revision += ", modified"
			}
			_, err := fmt.Fprintf(c.stdout, "runner %s%s\n%s %s\nplugin protocol %d\n"+
				"formats: run %d, checkpoint %d\n", v.Version, revision, v.Go, v.Platform, v.Protocol,
				v.Run, v.Saved)
			return err
		},
	}
}

func thisVersion() versions {
	v := versions{Version: "(devel)", Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Protocol: plugin.Protocol,
		Run: record.FormatVersion, Saved: checkpoint.FormatVersion}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}
