package experiment

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"quickstudy/framework/schema"
)

// A Code names a kind of mistake for machines. It is stable, and carried in the Extra of every
// diagnostic of this package. Problems found by schemas and plugins bring codes of their own.
type Code string

const (
	CodeSyntax     Code = "syntax"             // not HCL
	CodeLimit      Code = "over-limit"         // refused before or during evaluation
	CodeFile       Code = "unreadable-file"    // missing, or no file
	CodeEvaluation Code = "invalid-expression" // an expression has no value
	CodeReference  Code = "unknown-reference"  // var, local, head or tokenizer that does not exist
	CodeCycle      Code = "cycle"              // locals that need each other
	CodeVariable   Code = "variable"           // a variable without a value, or a wrong one
	CodeBlock      Code = "unknown-block"      // a block that cannot be here
	CodeMissing    Code = "missing-block"
	CodeDuplicate  Code = "duplicate"
	CodeName       Code = "invalid-name"
	CodePlugin     Code = "unknown-plugin"  // used, but not declared
	CodeConflict   Code = "conflict"        // values that do not go together
	CodeField      Code = "unknown-field"   // records have no such field
	CodeData       Code = "unsuitable-data" // the data does not allow what is asked of it
	CodeUnused     Code = "unused"          // a warning
)

// CodeOf returns the code of a diagnostic, or "" when it has none.
func CodeOf(d *hcl.Diagnostic) Code {
	code, _ := hcl.DiagnosticExtra[Code](d)
	return code
}

// Diagnostic returns an error about a place of the file; the zero range is no place.
func Diagnostic(code Code, summary, detail string, at hcl.Range) *hcl.Diagnostic {
	d := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Extra: code}
	if at != (hcl.Range{}) {
		d.Subject = at.Ptr()
	}
	return d
}

// Warning returns a diagnostic that keeps nothing from being run.
func Warning(code Code, summary, detail string, at hcl.Range) *hcl.Diagnostic {
	d := Diagnostic(code, summary, detail, at)
	d.Severity = hcl.DiagWarning
	return d
}

// coded gives a code to the diagnostics that have none.
func coded(diags hcl.Diagnostics, code Code) hcl.Diagnostics {
	for _, d := range diags {
		if CodeOf(d) == "" {
			d.Extra = code
		}
	}
	return diags
}

// Sorted returns the diagnostics by place, errors before warnings at one place, without repeats.
// Those without a place come first.
func Sorted(diags hcl.Diagnostics) hcl.Diagnostics {
	sorted := slices.Clone(diags)
	slices.SortStableFunc(sorted, func(a, b *hcl.Diagnostic) int {
		ra, rb := place(a), place(b)
		return cmp.Or(
			cmp.Compare(ra.Filename, rb.Filename),
			cmp.Compare(ra.Start.Byte, rb.Start.Byte),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Summary, b.Summary),
			cmp.Compare(a.Detail, b.Detail))
	})
	return slices.CompactFunc(sorted, func(a, b *hcl.Diagnostic) bool {
		return place(a) == place(b) && a.Severity == b.Severity && a.Summary == b.Summary &&
			a.Detail == b.Detail
	})
}

func place(d *hcl.Diagnostic) hcl.Range {
	if d.Subject == nil {
		return hcl.Range{}
	}
	return *d.Subject
}

// problemDiagnostic converts a problem found by a schema.
func problemDiagnostic(p schema.Problem, at hcl.Range) *hcl.Diagnostic {
	d := Diagnostic(Code(p.Code), p.Summary, p.Detail, at)
	if p.Warning {
		d.Severity = hcl.DiagWarning
	}
	return d
}
