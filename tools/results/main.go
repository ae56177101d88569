// Command results writes docs/results.md from records of runs, which are kept beside it.
//
//	go run ./tools/results add runs/maml-clinc150/...   # keep what a page needs of finished runs
//	go run ./tools/results add -as omniglot-5shot RUN...  # of an experiment with other variables
//	go run ./tools/results                              # write the page
//
// What is on the page, and which rows are its controls, is said in docs/results/results.hcl;
// every number is computed from docs/results/records. A page whose control fails is not
// written.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// Where the page and what it is made of are, from the root of the project.
const (
	page     = "docs/results.md"
	contents = "docs/results/results.hcl"
	records  = "docs/results/records"
	usage    = "usage: results [add [-as NAME] RUN...]"
)

func main() {
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), usage)
	}
	flag.Parse()
	if err := run(flag.Args()); err != nil {
		fmt.Fprintf(os.Stderr, "results: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 0:
		text, err := write(contents, records)
		if err != nil {
			return err
		}
		return os.WriteFile(page, text, 0o644)
	case args[0] == "add":
		f := flag.NewFlagSet("add", flag.ContinueOnError)
		name := f.String("as", "", "what the runs are called instead of by their experiment")
		if err := f.Parse(args[1:]); err != nil {
			return err
		}
		if f.NArg() == 0 {
			return errors.New(usage)
		}
		for _, dir := range f.Args() {
			kept, err := add(dir, records, *name)
			if err != nil {
				return fmt.Errorf("%s: %w", dir, err)
			}
			fmt.Println(filepath.ToSlash(kept))
		}
		return nil
	}
	return errors.New(usage)
}
