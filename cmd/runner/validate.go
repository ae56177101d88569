package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/experiment"
	"quickstudy/framework/plugin"
	"quickstudy/framework/session"
	"quickstudy/framework/terminal"
	"quickstudy/framework/trial"
)

func validate() *command {
	e := experimentFlags{looking: true}
	var asJSON, withData bool
	return &command{
		name: "validate", args: "FILE", min: 1, max: 1,
		summary: "check an experiment without running it",
		help: `The file is read, its plugins are built and started, every block is checked by its
plugin, the data are opened and divided, and heads and meta-learner are traced on
the first episode. Nothing is trained and nothing is written.
` + allowance,
		examples: []string{
			"runner validate experiments/quickstart.hcl",
			"runner validate -json -var steps=10 experiments/quickstart.hcl",
		},
		flags: func(f *flag.FlagSet) {
			e.register(f)
			jsonFlag(f, &asJSON)
			f.BoolVar(&withData, "data", true, "open the data too; -data=false where they are not")
		},
		run: func(ctx context.Context, c *console, args []string) error {
			v := &validation{path: args[0]}
			defer v.close()
			err := v.check(ctx, &e, c, withData)
			if asJSON {
				return v.printJSON(c, err)
			}
			if err := c.judge(v.diags, v.session.Files, err); err != nil {
				return err
			}
			return v.print(c.stdout)
		},
	}
}

// validation is what was found out about a file, as far as it came.
type validation struct {
	path    string
	session *session.Session
	trial   *trial.Trial // nil: the data were not opened
	diags   hcl.Diagnostics
}

// check goes as far as a run does before it trains.
func (v *validation) check(ctx context.Context, e *experimentFlags, c *console, data bool) error {
	var err error
	v.session, v.diags, err = session.Open(ctx, v.path, e.options(c))
	if err != nil || v.diags.HasErrors() || !data {
		return err
	}
	watch := func(event trial.Event) {
		if warned, ok := event.(trial.Warned); ok {
			v.diags = append(v.diags, warned.Diagnostics...)
		}
	}
	v.trial, err = trial.Open(ctx, trial.Config{Session: v.session, Watch: watch, Logger: c.logger})
	if err == nil {
		err = v.trial.Prepare(ctx)
	}
	var invalid *experiment.InvalidError
	if errors.As(err, &invalid) {
		v.diags = append(v.diags, invalid.Diagnostics...)
		return invalid.Failure
	}
	return err
}

func (v *validation) close() { v.session.Close() }

// print says what the experiment is made of.
func (v *validation) print(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s is valid.\n", terminal.Line(v.path))
	if v.trial != nil {
		for _, t := range v.trial.Data().Tasks {
			fmt.Fprintf(&text, "  task %q: %s\n", t.Block.Name, describeSplits(t))
			for i, in := range t.Config.Inputs {
				over, all, longest, err := t.TooLong(i)
				if err != nil {
					return err
				}
				if over > 0 {
					fmt.Fprintf(&text, "    %q: %d of %d are truncated to max_length = %d, the longest has %d\n",
						in.Name(), over, all, in.MaxLength, longest)
				}
			}
		}
		numbers, leaves := 0, v.trial.Model().Leaves()
		for _, l := range leaves {
			numbers += l.Shape.Size()
		}
		fmt.Fprintf(&text, "  %d parameters in %d leaves\n", numbers, len(leaves))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// describeSplits says what a task's records were divided into.
func describeSplits(t *session.Task) string {
	if t.Generator {
		return "generates its episodes"
	}
	report := t.Pool().Report()
	var parts []string
	for _, split := range report.Splits {
		part := fmt.Sprintf("%s %d records", split.Name, split.Records)
		if split.Classes > 0 {
			part += fmt.Sprintf(" of %d classes", split.Classes)
		}
		parts = append(parts, part)
	}
	for _, left := range []struct {
		count int
		what  string
	}{{report.Unlabelled, "without a label left out"},
		{report.Unused, "training records beyond train_share left out"},
		{report.Duplicates, "duplicates removed"},
		{len(report.Dropped), "classes too small for an episode"}} {
		if left.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", left.count, left.what))
		}
	}
	return strings.Join(parts, ", ")
}

// validationReport has the members of Terraform's.
type validationReport struct {
	FormatVersion string              `json:"format_version"`
	Valid         bool                `json:"valid"`
	ErrorCount    int                 `json:"error_count"`
	WarningCount  int                 `json:"warning_count"`
	Diagnostics   []experiment.Report `json:"diagnostics"`
}

// printJSON prints the diagnostics and a failure, and returns an error that
// carries the status alone.
func (v *validation) printJSON(c *console, failure error) error {
	if errors.Is(failure, context.Canceled) {
		return failure
	}
	r := validationReport{FormatVersion: "1.0",
		Diagnostics: experiment.Reports(v.diags, v.session.Files)}
	var status error
	if failure != nil {
		report := experiment.Report{Severity: "error", Code: "failed", Summary: "Failed",
			Detail: failure.Error()}
		status = quietError{statusFailed}
		if _, ok := errors.AsType[*plugin.Error](failure); ok {
			report.Code, report.Summary = "plugin-failed", "Plugin failed"
			status = quietError{statusPlugin}
		}
		r.Diagnostics = append(r.Diagnostics, report)
	}
	if v.diags.HasErrors() {
		status = quietError{statusInvalid}
	}
	for _, d := range r.Diagnostics {
		if d.Severity == "error" {
			r.ErrorCount++
		} else {
			r.WarningCount++
		}
	}
	r.Valid = r.ErrorCount == 0
	return errors.Join(printJSON(c.stdout, r), status)
}
