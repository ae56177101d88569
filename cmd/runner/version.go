package main

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"quickstudy/framework/kernel"
	"quickstudy/framework/plugin"
	"quickstudy/framework/train/checkpoint"
	"quickstudy/framework/train/record"
)

// versions is what is behind the numbers that a run leaves.
type versions struct {
	Version string `json:"version"` // of the module
	plugin.Build
	Protocol int     `json:"plugin_protocol"`
	Run      int     `json:"run_format"`
	Saved    int     `json:"checkpoint_format"`
	Kernels  kernels `json:"kernels"`
}

// kernels is what compiled programs are run by, whichever of them: the bits are the same.
type kernels struct {
	Used      string   `json:"used"`
	Available []string `json:"available"` // the best last
	Processor []string `json:"processor"` // features that kernels can use
}

func version() *command {
	var asJSON, verbose bool
	return &command{
		name:     "version",
		summary:  "print versions of the runner and of what it reads",
		examples: []string{"runner version -json", "runner version -v"},
		flags: func(f *flag.FlagSet) {
			jsonFlag(f, &asJSON)
			f.BoolVar(&verbose, "v", false, "print the kernels too")
		},
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
			if err == nil && verbose {
				err = v.Kernels.print(c)
			}
			return err
		},
	}
}

// print says which kernels are used and how to use others.
func (k kernels) print(c *console) error {
	features := "none that kernels use"
	if len(k.Processor) > 0 {
		features = strings.Join(k.Processor, " ")
	}
	_, err := fmt.Fprintf(c.stdout, "kernels %s of %s, all with the same bits\n"+
		"processor features: %s\n"+
		"others with GODEBUG=cpu.avx512f=off or GODEBUG=cpu.all=off in the environment\n",
		k.Used, strings.Join(k.Available, ", "), features)
	return err
}

func thisVersion() versions {
	return versions{Version: plugin.BuildVersion(), Build: plugin.ThisBuild(),
		Protocol: plugin.Protocol, Run: record.FormatVersion, Saved: checkpoint.FormatVersion,
		Kernels: theseKernels()}
}

func theseKernels() kernels {
	k := kernels{Used: kernel.Best().String(), Processor: kernel.Features()}
	for _, isa := range kernel.Available() {
		k.Available = append(k.Available, isa.String())
	}
	return k
}
