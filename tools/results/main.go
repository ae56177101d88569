// Command results writes docs/results.md from records of runs, which are kept beside it.
//
//	go run ./tools/results add runs/maml-clinc150/...   # keep what a page needs of finished runs
//	go run ./tools/results -as NAME add RUN...          # the same, of runs with other variables
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
)

const usage = "usage: results [[-as NAME] add RUN...]"

func main() {
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	as := flag.String("as", "", "keep the runs under this `name`, not their experiment's")
	flag.Parse()
	if err := run(*as, flag.Args()); err != nil {
		fmt.Fprintf(os.Stderr, "results: %v\n", err)
		os.Exit(1)
	}
}

func run(as string, args []string) error {
	switch {
	case len(args) == 0 && as == "":
		text, err := write(contents, records)
		if err != nil {
			return err
		}
		return os.WriteFile(page, text, 0o644)
	case len(args) > 1 && args[0] == "add":
		for _, dir := range args[1:] {
			kept, err := add(dir, records, as)
			if err != nil {
				return fmt.Errorf("%s: %w", dir, err)
			}
			fmt.Println(filepath.ToSlash(kept))
		}
		return nil
	}
	return errors.New(usage)
}
