// Command runner trains and evaluates what an experiment file describes:
//
//	runner run experiments/quickstart.hcl
//	runner validate experiments/quickstart.hcl
//	runner help
//
// Results go to standard output; logs, progress and diagnostics to standard error.
// The status it exits with is 0 when done, 1 when the work failed, 2 for a wrong
// command line, 3 for an invalid experiment, 4 for a plugin that failed, and 130 or
// 143 when it was interrupted.
//
// Every verb is a file of its own; this one holds their list.
package main

import (
	"context"
	"flag"
	"os"
)

// commands are the verbs in the order in which help lists them.
func commands() []*command {
	return []*command{
		runExperiment(), resumeRun(), predictRecords(),
		validate(),
		dataPeek(),
		findAffinity(),
		graphs(),
		benchSteps(),
		format(),
		pluginsList(), pluginsDescribe(), pluginsAllow(), pluginsLock(), pluginsVerify(),
		runsList(), runsShow(), runsCompare(), runsSeeds(), runsRemove(),
		version(),
	}
}

// A command is one verb.
type command struct {
	name     string // "validate", "plugins describe"
	args     string // its arguments, for help: "FILE"
	min, max int    // how many; max < 0: any number
	summary  string
	help     string // what summary leaves open
	examples []string
	flags    func(*flag.FlagSet)
	run      func(ctx context.Context, c *console, args []string) error
}

func main() {
	os.Exit(start(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
