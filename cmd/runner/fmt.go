package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/atomicfile"
	"quickstudy/framework/experiment"
)

func format() *command {
	var check bool
	return &command{
		name: "fmt", args: "[FILE...]", max: -1,
		summary: "lay experiment files out canonically",
		help: `Only white space changes. The files that change are listed. Without a file, or with
-, standard input is laid out on standard output.`,
		examples: []string{"runner fmt experiments/*.hcl", "runner fmt -check experiments/*.hcl"},
		flags: func(f *flag.FlagSet) {
			f.BoolVar(&check, "check", false, "write nothing; the status is 3 if a file would change")
		},
		run: func(_ context.Context, c *console, args []string) error {
			if len(args) == 0 {
				args = []string{"-"}
			}
			differs := false
			refused := &experiment.InvalidError{Files: map[string]*hcl.File{}}
			for _, path := range args {
				changed, err := c.format(path, check)
				var invalid *experiment.InvalidError
				if errors.As(err, &invalid) { // the other files are laid out all the same
					refused.Diagnostics = append(refused.Diagnostics, invalid.Diagnostics...)
					maps.Copy(refused.Files, invalid.Files)
				} else if err != nil {
					return err
				}
				differs = differs || changed
			}
			if refused.Diagnostics.HasErrors() {
				return refused
			}
			if check && differs {
				return quietError{statusInvalid}
			}
			return nil
		},
	}
}

// format lays one file out and reports whether it was not.
func (c *console) format(path string, check bool) (changed bool, err error) {
	src, err := c.source(path)
	if err != nil {
		return false, err
	}
	out, diags := experiment.Format(src, path)
	if diags.HasErrors() {
		return false, &experiment.InvalidError{Diagnostics: diags,
			Files: map[string]*hcl.File{path: {Bytes: src}}}
	}
	changed = !bytes.Equal(src, out)
	switch {
	case path == "-" && !check:
		_, err = c.stdout.Write(out)
		return changed, err
	case !changed:
		return false, nil
	}
	if _, err := fmt.Fprintln(c.stdout, path); err != nil || check {
		return true, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return true, err
	}
	return true, atomicfile.Write(path, info.Mode().Perm(), func(w io.Writer) error {
		_, err := w.Write(out)
		return err
	})
}

// source reads what is to be laid out; - is standard input.
func (c *console) source(path string) ([]byte, error) {
	if path == "-" {
		return experiment.ReadFrom(c.stdin)
	}
	src, diags := experiment.Read(path)
	if diags.HasErrors() {
		return nil, &experiment.InvalidError{Diagnostics: diags}
	}
	return src, nil
}
