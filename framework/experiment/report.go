package experiment

import (
	"github.com/hashicorp/hcl/v2"
)

// A Report is a diagnostic for machines. Its JSON has the field names of Terraform's diagnostics,
// so that tools made for those can read it, and a code.
type Report struct {
	Severity string         `json:"severity"` // "error" or "warning"
	Code     Code           `json:"code,omitempty"`
	Summary  string         `json:"summary"`
	Detail   string         `json:"detail"`
	Range    *ReportRange   `json:"range,omitempty"`
	Snippet  *ReportSnippet `json:"snippet,omitempty"`
}

// A ReportRange is a place in a file; End is behind the last byte.
type ReportRange struct {
	Filename string    `json:"filename"`
	Start    ReportPos `json:"start"`
	End      ReportPos `json:"end"`
}

// A ReportPos counts lines and columns from 1 and bytes from 0.
type ReportPos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// A ReportSnippet is the first line of the place. The offsets are bytes of Code.
type ReportSnippet struct {
	Context              *string       `json:"context"` // the block around it
	Code                 string        `json:"code"`
	StartLine            int           `json:"start_line"`
	HighlightStartOffset int           `json:"highlight_start_offset"`
	HighlightEndOffset   int           `json:"highlight_end_offset"`
	Values               []ReportValue `json:"values"`
}

// A ReportValue says what a name in a failed expression stood for.
type ReportValue struct {
	Traversal string `json:"traversal"`
	Statement string `json:"statement"`
}

// Reports converts diagnostics, sorted and without repeats. The result is never nil.
func Reports(diags hcl.Diagnostics, files map[string]*hcl.File) []Report {
	reports := []Report{}
	for _, d := range Sorted(diags) {
		r := Report{Severity: "error", Code: CodeOf(d), Summary: d.Summary, Detail: d.Detail}
		if d.Severity == hcl.DiagWarning {
			r.Severity = "warning"
		}
		if d.Subject != nil {
			r.Range = &ReportRange{
				Filename: d.Subject.Filename,
				Start:    ReportPos(d.Subject.Start),
				End:      ReportPos(d.Subject.End),
			}
			r.Snippet = reportSnippet(d, files)
		}
		reports = append(reports, r)
	}
	return reports
}

func reportSnippet(d *hcl.Diagnostic, files map[string]*hcl.File) *ReportSnippet {
	if files[d.Subject.Filename] == nil {
		return nil
	}
	s := snippetOf(d, files)
	r := &ReportSnippet{
		Code: s.line, StartLine: d.Subject.Start.Line, HighlightStartOffset: s.start,
		HighlightEndOffset: s.end, Values: s.values,
	}
	if s.context != "" {
		r.Context = &s.context
	}
	if r.Values == nil {
		r.Values = []ReportValue{}
	}
	return r
}
