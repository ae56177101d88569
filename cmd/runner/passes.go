package main

import (
	"flag"
	"fmt"
	"strings"

	"quickstudy/framework/passes"
)

// passNames are passes that programs are not taken through.
type passNames []string

func (p *passNames) String() string { return strings.Join(*p, ",") }

// Set takes names with commas between them.
func (p *passNames) Set(s string) error {
	*p = append(*p, strings.Split(s, ",")...)
	return nil
}

func (p *passNames) register(f *flag.FlagSet) {
	f.Var(p, "without", "leave out `PASS,...` of those that programs are taken through, to find\n"+
		strings.Repeat(" ", 27)+"one that is at fault; runner help graph lists them")
}

// options leave out these passes, and those after the one named until unless it is "".
func (p *passNames) options(until string) (passes.Options, error) {
	o := passes.Options{Without: *p, Until: until}
	if err := o.Check(); err != nil {
		return o, usageError{err.Error()}
	}
	return o, nil
}

// passList has a line for each pass, and more for what it comes after.
func passList() string {
	var b strings.Builder
	for _, p := range passes.All() {
		fmt.Fprintf(&b, "    %-10s  %s\n", p.Name, p.Doc)
		for _, o := range p.After {
			fmt.Fprintf(&b, "    %-10s  - after %s: %s\n", "", o.Pass, o.Reason)
		}
	}
	return b.String()
}
